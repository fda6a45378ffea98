/**
 * Making and checking a GroupInfo, and the ratchet tree that goes with it. RFC 9420 sections 12.4.3, 12.4.3.1, 12.4.3.3.
 */

import { decodeCopy, encode } from "../codec/codec.ts";
import { signWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import {
  checkExtensions,
  checkGroupContextExtensions,
  checkLeafSupportsGroupExtensions,
  externalPub,
  findExtension,
  requiredCapabilities,
} from "../rules/extensions.ts";
import {
  checkCredentialSupport,
  checkLifetime,
  checkRequiredCapabilities,
  checkUniqueClient,
  checkUniqueSignatureKey,
  leafSignature,
} from "../rules/leaf-node.ts";
import { checkSignatures } from "../rules/signatures.ts";
import {
  checkGroupInfoSignature,
  checkParentHashes,
  checkTreeHash,
  checkTreeKeys,
  checkUnmergedLeaves,
} from "../rules/welcome.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { RatchetTree as Tree } from "../tree/ratchet-tree.ts";
import { ExternalPub, type Extension } from "../wire/extension.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import { RatchetTreeNodes } from "../wire/ratchet-tree.ts";
import { extensionTypes } from "../wire/registries.ts";
import { groupInfoTbs, GroupInfo } from "../wire/welcome.ts";
import type { Epoch } from "./epoch.ts";
import type { Identity } from "./identity.ts";
import { withGreaseExtension } from "./grease.ts";
import { checkSendable } from "./sendable.ts";
import type { Settings } from "./settings.ts";
import { authenticate, authenticateExternalSenders, checkLeafIntrinsics } from "./validate.ts";

/** What goes into a GroupInfo beside the group context. */
export interface GroupInfoContents {
  /** Whether the whole tree is inside, so that nobody has to fetch it (section 12.4.3.3). Default true. */
  readonly ratchetTree?: boolean;
  /** Whether new members can join by an external commit with it (section 12.4.3.2). */
  readonly externalPub?: boolean;
  readonly extensions?: readonly Extension[];
}

/** A signed GroupInfo of an epoch. RFC 9420 section 12.4.3 */
export async function makeGroupInfo(
  epoch: Epoch,
  identity: Identity,
  { ratchetTree = true, externalPub = false, extensions = [] }: GroupInfoContents,
  settings: Pick<Settings, "reading" | "grease" | "registry">,
): Promise<GroupInfo> {
  const list: Extension[] = [...extensions];
  if (ratchetTree)
    list.push({ type: extensionTypes.ratchet_tree, data: encode(RatchetTreeNodes, epoch.tree.toNodes()) });
  if (externalPub) list.push({ type: extensionTypes.external_pub, data: await externalPubOf(epoch) });
  checkExtensions(list, "group_info", settings.registry);
  const unsigned: GroupInfo = {
    groupContext: epoch.context,
    extensions: withGreaseExtension(list, settings.grease),
    confirmationTag: epoch.confirmationTag,
    signer: epoch.leafIndex,
    signature: new Uint8Array(0),
  };
  checkSendable(GroupInfo, unsigned, settings.reading);
  const signature = await signWithLabel(identity.signer, "GroupInfoTBS", groupInfoTbs(unsigned));
  return { ...unsigned, signature };
}

/** The data of an external_pub extension: KEM.DeriveKeyPair(external_secret). RFC 9420 section 8 */
async function externalPubOf({ suite, secrets }: Epoch): Promise<Uint8Array> {
  const { privateKey, publicKey } = await secrets.externalSecret.use((bytes) => suite.deriveKeyPair(bytes));
  privateKey.fill(0);
  return encode(ExternalPub, { externalPub: publicKey });
}

/**
 * The ratchet tree of a GroupInfo: inside it, or beside it. RFC 9420 section 12.4.3.3
 *
 * @throws CopseError "tree-missing", "tree-malformed".
 */
export function readRatchetTree(
  suite: CipherSuite,
  { extensions }: Pick<GroupInfo, "extensions">,
  beside: Uint8Array | undefined,
  { authentication, limits, reading }: Settings,
): RatchetTree {
  const inside = findExtension(extensions, extensionTypes.ratchet_tree);
  const nodes =
    inside !== undefined
      ? decodeCopy(RatchetTreeNodes, inside, reading) // the tree's leaves live long, the GroupInfo around them does not
      : beside !== undefined
        ? decodeCopy(RatchetTreeNodes, beside, reading)
        : undefined;
  if (nodes === undefined) throw new CopseError("tree-missing", { rule: "section 12.4.3.3" });
  if (nodes.length > 2 * limits.leaves - 1) throw new CopseError("limit-exceeded", { detail: "leaves" });
  const clientKey = authentication.clientKey?.bind(authentication);
  return Tree.fromNodes(suite, nodes, clientKey);
}

/**
 * Everything that a joiner checks of a GroupInfo and its tree before it believes in the group. RFC 9420 sections 7.3,
 * 12.4.3.1, 13.4; valn1402, valn1405 to valn1410
 */
export async function checkGroupInfo(
  suite: CipherSuite,
  groupInfo: GroupInfo,
  tree: RatchetTree,
  settings: Settings,
): Promise<void> {
  const { groupContext } = groupInfo;
  const { groupId } = groupContext;
  checkExtensions(groupInfo.extensions, "group_info", settings.registry);
  const external = externalPub(groupInfo.extensions);
  if (external !== undefined && !suite.isKemPublicKey(external)) {
    throw new CopseError("key-invalid", { rule: "section 5.1.1" });
  }
  const leaves = [...tree.leaves()];
  // The platform verifies while this thread hashes. To begin later would spare nobody anything: whoever sends a tree whose
  // signatures are wrong can give it the right hash.
  const signatures = checkSignatures(
    suite,
    leaves.map(([leafIndex, leaf]) => leafSignature(leaf, { groupId, leafIndex })),
  );
  signatures.catch(() => undefined); // nobody waits for them where something else is wrong
  checkTreeHash(tree, groupContext);
  await checkGroupInfoSignature(suite, groupInfo, tree);
  checkUnmergedLeaves(tree);
  checkTreeKeys(tree);
  checkGroupContextExtensions(groupContext.extensions, tree, settings.registry);
  checkLeaves(suite, groupContext, tree, leaves, settings);
  checkParentHashes(tree);
  await signatures;
  for (const [, { credential, signatureKey }] of leaves) {
    await authenticate(settings, { credential, signatureKey, groupId, reason: "join" });
  }
  await authenticateExternalSenders(settings, groupContext.extensions, [], { suite, groupId });
}

/** "For each non-empty leaf node, validate the LeafNode as described in Section 7.3", its signature aside. valn1407 */
function checkLeaves(
  suite: CipherSuite,
  { extensions }: GroupContext,
  tree: RatchetTree,
  leaves: readonly (readonly [leafIndex: number, leaf: LeafNode])[],
  settings: Settings,
): void {
  const required = requiredCapabilities(extensions);
  // Each by itself first: what one of them lacks, the others don't get the blame for.
  for (const [, leaf] of leaves) checkLeafIntrinsics(suite, leaf, settings);
  for (const [, leaf] of leaves) {
    checkUniqueSignatureKey(leaf, tree);
    checkUniqueClient(leaf, tree);
    checkRequiredCapabilities(leaf, required);
    checkLeafSupportsGroupExtensions(leaf, extensions);
    checkCredentialSupport(leaf, tree);
    if (settings.lifetime.checkTree) checkLifetime(leaf, settings.clock() / 1000, settings.lifetime, "valn0106");
  }
}
