/**
 * Key packages: checked when they come, handed out once, the last resort where no other is left. RFC 9420 sections 10, 16.8.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { hex } from "../../bytes/text.ts";
import { readKeyPackage } from "../../public-group/unverified/read-key-package.ts";
import { checkPublishedKeyPackage } from "../../public-group/published.ts";
import { deviceOf } from "../../rooms/uri.ts";
import type { Caller, Core } from "../core.ts";
import type { ClaimedKeyPackage, KeyPackageClaim, KeyPackageUpload } from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import { asInvalid, within } from "../invalid.ts";
import { once } from "../once.ts";
import type { KeyPackageRow } from "../port.ts";
import { mayWriteTo } from "../users/consent.ts";
import { userNamed } from "./enqueue.ts";

/** Key packages of the caller's device. All of them are taken, or none. */
export async function publishKeyPackages(core: Core, caller: Caller, upload: KeyPackageUpload): Promise<void> {
  const { id, keyPackages, lastResort, replace = false } = upload;
  const { limits, clock } = core.settings;
  if (keyPackages.length > limits.keyPackages) throw new DeliveryError("too-large");
  for (const each of keyPackages) within(each, limits.keyPackageBytes);
  if (lastResort !== undefined) within(lastResort, limits.keyPackageBytes);
  const write = once(caller.device, id, "key-packages", [...keyPackages, undefined, lastResort, replace]);
  const rows: KeyPackageRow[] = [];
  for (const each of keyPackages) rows.push(await checked(core, caller, each));
  const stocked = await core.port.devices.stock({
    device: caller.device,
    once: write,
    keyPackages: rows,
    lastResort: lastResort && (await checked(core, caller, lastResort)),
    replace,
    most: limits.keyPackages,
    at: clock(),
  });
  if (stocked.kind === "taken") throw new DeliveryError("id-taken");
  if (stocked.kind === "full")
    throw new DeliveryError("too-large", { detail: "there are as many as the service keeps" });
}

/** A key package as it is kept: of this device, and of the key that it has signed in with. */
async function checked(core: Core, { device, signatureKey }: Caller, bytes: Uint8Array): Promise<KeyPackageRow> {
  const { groupSettings, group } = core.settings;
  return asInvalid(async () => {
    const said = readKeyPackage(bytes, group.limits === undefined ? {} : { limits: group.limits });
    if (deviceOf(said.credential) !== device || !bytesEqual(said.signatureKey, signatureKey)) {
      throw new DeliveryError("not-allowed", { detail: "it is another device's" });
    }
    const { cipherSuite } = said;
    const { ref, notAfter } = await checkPublishedKeyPackage(core.rooms.suite(cipherSuite), bytes, groupSettings);
    const milliseconds = Math.min(Number(notAfter) * 1000, Number.MAX_SAFE_INTEGER);
    return { ref: hex(ref), cipherSuite, keyPackage: bytes, notAfter: milliseconds };
  });
}

/** One key package of each of a user's devices. */
export async function claimKeyPackages(
  core: Core,
  caller: Caller,
  claim: KeyPackageClaim,
): Promise<readonly ClaimedKeyPackage[]> {
  const { id, cipherSuite, devices, room } = claim;
  const { port, settings } = core;
  const user = userNamed(claim.user);
  const write = once(caller.device, id, "claim", [user, BigInt(cipherSuite), room, ...(devices ?? [])]);
  if (!(await mayWriteTo(core, caller.user, user, room))) throw new DeliveryError("no-consent");
  const rows = (await port.devices.ofUser(user)).filter(
    ({ device, listed }) => listed && device !== caller.device && devices?.includes(device) !== false,
  );
  const claimed: ClaimedKeyPackage[] = [];
  for (const { device } of rows) {
    const answer = await port.devices.claim(device, cipherSuite, write, settings.clock());
    if (answer.kind === "taken") throw new DeliveryError("id-taken");
    claimed.push({ device, keyPackage: answer.value && copyBytes(answer.value) });
  }
  return claimed;
}
