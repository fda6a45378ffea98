/**
 * Groups that come from another: reinitialized and branched ones. RFC 9420 sections 11.2, 11.3.
 */

import { hex } from "../../bytes/text.ts";
import { encode } from "../../codec/codec.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { checkBranchToMake, checkNotReinitialized, checkSuccessorToMake } from "../../rules/linking.ts";
import { Credential } from "../../wire/credential.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import { decodeKeyPackage } from "../../public-group/proposals/changes.ts";
import type { Epoch } from "../held/epoch.ts";
import type { Identity } from "../../public-group/identity.ts";
import type { AuthenticationService, Settings } from "../../public-group/options/settings.ts";

/** The key under which two credentials are the same member, as a string. */
export function memberString(authentication: AuthenticationService, credential: Credential): string {
  return hex(authentication.memberKey?.(credential) ?? encode(Credential, credential));
}

/** The resumption PSK that links a new group to this epoch. "The psk_nonce MUST be a randomly sampled nonce" */
export function linkPsk(
  usage: "reinit" | "branch",
  { context }: Epoch,
  suite: CipherSuite,
  { random }: Settings,
): PreSharedKeyId {
  const pskNonce = random(suite.hashLength);
  return { type: "resumption", usage, pskGroupId: context.groupId, pskEpoch: context.epoch, pskNonce };
}

/**
 * Whether the new group will have the right members: all of the old for a reinitialization, some of them for a branch.
 *
 * @throws CopseError "welcome-reinit", "welcome-branch": what the joiners would say; "group-reinitialized" for a branch of a
 * group that has ended.
 */
export function checkMembersFor(
  usage: "reinit" | "branch",
  { tree, reinit, context }: Epoch,
  identity: Identity,
  keyPackages: readonly Uint8Array[],
  settings: Settings,
): void {
  const { authentication } = settings;
  const before = new Set(Array.from(tree.leaves(), ([, { credential }]) => memberString(authentication, credential)));
  const after = new Set([
    memberString(authentication, identity.credential),
    ...keyPackages.map((bytes) => memberString(authentication, decodeKeyPackage(bytes, settings).leafNode.credential)),
  ]);
  const members = { before, after };
  if (usage === "reinit") {
    checkSuccessorToMake(identity.suite.id, reinit, members);
    return;
  }
  checkNotReinitialized({ reinit });
  checkBranchToMake(identity.suite.id, context, members);
}
