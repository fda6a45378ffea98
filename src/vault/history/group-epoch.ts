/**
 * The vault's epoch of the group that a user's devices form.
 */

import { hmac } from "#symmetric";
import { Secret } from "../../bytes/secret.ts";
import { having } from "../../bytes/takes.ts";
import { utf8 } from "../../bytes/text.ts";
import { hkdfExpand } from "../../crypto/hkdf.ts";
import { CopseError } from "../../errors.ts";
import type { Group } from "../../group/group.ts";
import { rootLength, type VaultEpoch } from "./epoch.ts";
import { vaultComponentId } from "./recovery-key.ts";

const takes = /* @__PURE__ */ having("a Group", "component", "exportSecret");

/** The root that a secret of the safe exporter gives. */
export function vaultRootOf(secret: Uint8Array): Uint8Array {
  return hkdfExpand({ hmac }, "sha256", secret, utf8("copse vault root"), rootLength);
}

/**
 * The vault's epoch of a group, once an epoch: the safe exporter gives its secret a single time, so keep the root in the batch that the group's
 * own state is kept in.
 *
 *     const epoch = await vaultEpochOf(devices); // of the group of a user's own devices
 *
 * @throws CopseError "safe-export-used" where it was asked for before; "wrong-epoch" where the group has moved on meanwhile.
 */
export async function vaultEpochOf(group: Group): Promise<VaultEpoch> {
  takes("group", group);
  const { epoch: number, epochAuthenticator: authenticator } = group;
  const secret = await group.component(vaultComponentId).exportSecret();
  const root = vaultRootOf(secret);
  secret.fill(0);
  if (group.epoch !== number) throw new CopseError("wrong-epoch");
  return { number, authenticator, root: Secret.of("vault_root", root) };
}
