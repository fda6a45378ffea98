/**
 * Carrying a revocation out: the list of the new account key is published over whatever the stolen device has published, and then this device
 * has the new key. A process that dies in between goes on with the same key. docs/accounts.md
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { checkStatement } from "../../accounts/check-statement.ts";
import type { DeviceChanges } from "../../accounts/devices.ts";
import { signDeviceList } from "../../accounts/statement.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { ClientErrorCode } from "../errors.ts";
import { becomeKey, type KeyParts } from "./become-key.ts";
import { forgetRevocation, readRevocation, type Revocation } from "./revocation.ts";

/** How often a list is made again in one go, because another was first: a thief may publish lists as fast as it can. */
const mostTries = 16;

/** Do what is stored, where anything is. */
export async function carryOut(parts: KeyParts, connection: Connection): Promise<void> {
  const { around, devices } = parts;
  const revocation = await readRevocation(around.store);
  if (revocation === undefined) {
    devices.isRevoking = false;
    return;
  }
  const outcome = await published(parts, connection, revocation);
  if (outcome === "later") return;
  if (typeof outcome === "string") {
    const told = around.events.adding([{ kind: "revocation-failed", code: outcome }]);
    await around.store.batch([forgetRevocation, ...told.changes], { flush: true });
    told.after();
  } else await becomeKey(parts, revocation, outcome, [forgetRevocation]);
  revocation.accountKey.privateKey.wipe();
  devices.isRevoking = false;
}

/** The list as it stands at the service; "later" where others were faster all the time, or why it can't be. */
async function published(
  { around, devices }: KeyParts,
  connection: Connection,
  { accountKey, keep, gone }: Revocation,
): Promise<AccountView | ClientErrorCode | "later"> {
  const { user, device, identity, clock, book } = around;
  const { certificate } = accountKey;
  for (let tries = 0; tries < mostTries; tries++) {
    const view = (await book?.refresh(connection, user)) ?? devices.account?.view;
    if (view === undefined) return "account-missing";
    const isOurs = bytesEqual(view.accountKey, certificate.accountKey);
    if (isOurs && !view.devices.some(({ uri }) => gone.includes(uri))) return view;
    // Another device of the user, which has the code, was first.
    if (!isOurs && view.keyNumber >= certificate.number) return "impossible";
    const statement = await signDeviceList({
      view,
      accountKey,
      maker: { uri: device, signer: identity.signer },
      changes: changesTo(view, keep),
      clock,
    });
    const next = await checkStatement(view, statement);
    const answer = await connection.publishStatement({ user, number: next.number, statement });
    if (answer === "accepted") return next;
    if (answer === "invalid") return "refused";
  }
  return "later";
}

/** What makes a list of those that are kept, under the keys that they were known by. */
function changesTo(view: AccountView, keep: Revocation["keep"]): DeviceChanges {
  const isSame = (one: Revocation["keep"][number], other: Revocation["keep"][number]): boolean =>
    one.uri === other.uri && bytesEqual(one.signatureKey, other.signatureKey);
  const there = view.devices.filter((device) => keep.some((kept) => isSame(kept, device)));
  return {
    remove: view.devices.filter((device) => !there.includes(device)).map(({ uri }) => uri),
    add: keep
      .filter((kept) => !kept.suspended && !there.some((device) => isSame(kept, device)))
      .map(({ uri, cipherSuite, signatureKey }) => ({ uri, cipherSuite, signatureKey })),
    resume: there
      .filter(({ uri, suspended }) => suspended && keep.some((kept) => kept.uri === uri && !kept.suspended))
      .map(({ uri }) => uri),
  };
}
