/**
 * What is published beside a group's messages, as somebody without its secrets checks it: the GroupInfo of an epoch that a commit
 * begins, and key packages. RFC 9420 sections 10.1, 12.4.3.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { encodingOf } from "../codec/retained.ts";
import { makeKeyPackageRef, verifyWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import { checkExtensions, checkExternalPubKey, externalPub, findExtension } from "../rules/extensions.ts";
import { checkInitKey, checkKeyPackageSuite, keyPackageSignature } from "../rules/key-package.ts";
import { checkLifetime, leafSignature } from "../rules/leaf-node.ts";
import { checkSignatures, notVerified } from "../rules/signatures.ts";
import { GroupContext } from "../wire/group-context.ts";
import { KeyPackage } from "../wire/key-package.ts";
import { decodeMessage } from "../wire/message.ts";
import { extensionTypes } from "../wire/registries.ts";
import { groupInfoTbs } from "../wire/welcome.ts";
import type { Member } from "./events.ts";
import type { Settings } from "./options/settings.ts";
import { decodeKeyPackage } from "./proposals/changes.ts";
import { lifetimeOf } from "./unverified/read-key-package.ts";
import { checkLeafAlone } from "./validate.ts";

/** An epoch that a commit begins, as whoever follows the group works it out. */
export interface BegunEpoch {
  /** The encoded GroupContext. */
  readonly context: Uint8Array;
  readonly confirmationTag: Uint8Array;
  readonly committer: Member;
}

/**
 * Whether a GroupInfo is of the epoch that a commit begins, without its tree, and signed by the committer: nobody else has followed
 * the commit yet.
 *
 * @throws CopseError of the rule that it breaks; "wrong-epoch" where it is of another epoch.
 */
export async function checkBegunGroupInfo(
  suite: CipherSuite,
  bytes: Uint8Array,
  { context, confirmationTag, committer }: BegunEpoch,
  { registry, reading }: Pick<Settings, "registry" | "reading">,
): Promise<void> {
  const message = decodeMessage(bytes, reading);
  if (message.wireFormat !== "mls_group_info")
    throw new CopseError("not-a-group-message", { detail: "not a GroupInfo" });
  const { groupInfo } = message;
  if (!bytesEqual(encodingOf(GroupContext, groupInfo.groupContext), context)) throw new CopseError("wrong-epoch");
  if (!bytesEqual(groupInfo.confirmationTag, confirmationTag)) throw new CopseError("confirmation-tag");
  if (groupInfo.signer !== committer.leafIndex) throw new CopseError("group-info-signer", { rule: "valn1402" });
  if (findExtension(groupInfo.extensions, extensionTypes.ratchet_tree) !== undefined) {
    throw new CopseError("extension-misplaced", { detail: "the tree is the service's to give" });
  }
  checkExtensions(groupInfo.extensions, "group_info", registry);
  checkExternalPubKey(externalPub(groupInfo.extensions), suite);
  const { signatureKey: publicKey } = committer;
  const { signature } = groupInfo;
  const isValid = await verifyWithLabel(suite, {
    publicKey,
    label: "GroupInfoTBS",
    content: groupInfoTbs(groupInfo),
    signature,
  });
  if (!isValid) throw notVerified(suite, publicKey, "group-info-signature", "valn1402");
}

/** A key package that was checked. */
export interface CheckedKeyPackage {
  readonly ref: Uint8Array;
  readonly keyPackage: KeyPackage;
  /** The last second in which it may be used. */
  readonly notAfter: bigint;
}

/**
 * A key package, as a member would check it that adds it to a group of this cipher suite, but for what the group asks. RFC 9420
 * section 10.1
 *
 * @throws CopseError of the rule that it breaks.
 */
export async function checkPublishedKeyPackage(
  suite: CipherSuite,
  bytes: Uint8Array,
  settings: Settings,
): Promise<CheckedKeyPackage> {
  const keyPackage = decodeKeyPackage(bytes, settings);
  const { leafNode, extensions } = keyPackage;
  checkKeyPackageSuite(keyPackage, suite);
  checkInitKey(keyPackage, suite);
  checkExtensions(extensions, "key_package", settings.registry);
  checkLeafAlone(suite, leafNode, "key_package", settings);
  checkLifetime(leafNode, settings.clock() / 1000, settings.lifetime, "valn0106");
  await checkSignatures(suite, [keyPackageSignature(keyPackage), leafSignature(leafNode, undefined)]);
  return {
    ref: makeKeyPackageRef(suite, encodingOf(KeyPackage, keyPackage)),
    keyPackage,
    notAfter: lifetimeOf(leafNode).notAfter,
  };
}
