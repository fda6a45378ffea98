/**
 * Reading and checking a GroupInfo, and the ratchet tree that goes with it. RFC 9420 sections 12.4.3, 12.4.3.1, 12.4.3.3.
 */

import { copyBytes } from "../bytes/copy.ts";
import { Reader, type ReadOptions } from "../codec/reader.ts";
import { encodingOf } from "../codec/retained.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import {
  checkExtensions,
  checkExternalPubKey,
  checkGroupContextExtensions,
  externalPub,
  findExtension,
  requiredCapabilities,
} from "../rules/extensions.ts";
import { ofLeaf } from "../rules/at-leaf.ts";
import {
  checkCredentialSupport,
  checkLifetime,
  checkRequiredCapabilities,
  checkUniqueClient,
  checkUniqueSignatureKey,
  leafSignature,
} from "../rules/leaf-node.ts";
import { checkRequiredCapabilitiesSupported } from "../rules/proposal.ts";
import { checkSignatures, type SignatureCheck } from "../rules/signatures.ts";
import {
  checkGroupInfoSignature,
  checkTreeAtHand,
  checkTreeHash,
  checkUnmergedLeaves,
  checkWelcomeSuite,
  parentHashSteps,
  treeKeySteps,
} from "../rules/welcome.ts";
import { askRules } from "../rules/registry.ts";
import { TreeIndexes } from "../tree/indexes.ts";
import type { TreeNode } from "../tree/node.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { RatchetTree as Tree } from "../tree/ratchet-tree.ts";
import { type RequiredCapabilities } from "../wire/extension.ts";
import { GroupContext } from "../wire/group-context.ts";
import { LeafNode } from "../wire/leaf-node.ts";
import { OptionalNode, type Node } from "../wire/ratchet-tree.ts";
import { extensionTypes } from "../wire/registries.ts";
import { type GroupInfo } from "../wire/welcome.ts";
import type { Identity } from "./identity.ts";
import type { Settings } from "./options/settings.ts";
import { LongWork } from "./turns/long-work.ts";
import { authenticate, candidateOf, authenticateExternalSenders, checkLeafIntrinsics } from "./validate.ts";
import { interimTranscriptHash } from "../schedule/transcript.ts";
import { detached } from "../tree/detached.ts";
import { decodeMessage } from "../wire/message.ts";
import type { PublicEpoch } from "./epoch.ts";
import { type GroupInfoRequirements, checkRequiredContext, checkRequiredGroup } from "./requirements.ts";

/**
 * A public epoch from a signed GroupInfo, as a joiner or an observer may believe it. RFC 9420 section 12.4.3
 *
 * @throws CopseError of the rule that is broken.
 */
export async function epochFromGroupInfo(
  suite: Identity["suite"],
  bytes: Uint8Array,
  ratchetTree: Uint8Array | undefined,
  settings: Settings,
  require: GroupInfoRequirements = {},
): Promise<{ readonly epoch: PublicEpoch; readonly externalPub: Uint8Array | undefined }> {
  const message = decodeMessage(bytes, settings.reading);
  if (message.wireFormat !== "mls_group_info")
    throw new CopseError("not-a-group-message", { detail: "not a GroupInfo" });
  const { groupInfo } = message;
  const context = adoptedContext(suite, groupInfo, settings);
  const confirmationTag = copyBytes(groupInfo.confirmationTag);
  checkWelcomeSuite(context, suite);
  checkRequiredContext(require, context);
  const work = new LongWork();
  const tree = await readRatchetTree(suite, groupInfo, ratchetTree, settings, work);
  await checkGroupInfo(suite, groupInfo, tree, settings, work);
  await checkRequiredGroup(require, context, tree, groupInfo.signer);
  const interim = interimTranscriptHash(suite, context.confirmedTranscriptHash, confirmationTag);
  const epoch = { suite, context, tree, interimTranscriptHash: interim, confirmationTag, reinit: undefined };
  return { epoch, externalPub: externalPub(groupInfo.extensions) };
}

/** The group context of a GroupInfo, which outlives it, with what extensions keep beside it. */
export function adoptedContext(
  suite: CipherSuite,
  { groupContext, extensions }: Pick<GroupInfo, "groupContext" | "extensions">,
  { registry }: Pick<Settings, "registry">,
): GroupContext {
  const context = detached(GroupContext, groupContext);
  let adopted = context.extensions;
  for (const { adopt } of registry.rules) adopted = adopt?.(adopted, extensions, suite) ?? adopted;
  return adopted === context.extensions ? context : { ...context, extensions: adopted };
}

/**
 * The ratchet tree of a GroupInfo: inside it, or beside it. It is read in turns: whoever made it chose its size. RFC 9420
 * section 12.4.3.3
 *
 * @throws CopseError "tree-missing", "tree-malformed".
 */
export async function readRatchetTree(
  suite: CipherSuite,
  { extensions }: Pick<GroupInfo, "extensions">,
  beside: Uint8Array | undefined,
  { authentication, limits, reading }: Settings,
  work: LongWork,
): Promise<RatchetTree> {
  const bytes = findExtension(extensions, extensionTypes.ratchet_tree) ?? beside;
  checkTreeAtHand(bytes);
  const clientKey = authentication.clientKey?.bind(authentication);
  const indexes = new TreeIndexes(clientKey);
  const nodes: (Node | undefined)[] = [];
  for (const node of ratchetTreeNodes(bytes, reading)) {
    if (nodes.length === 2 * limits.leaves - 1) throw new CopseError("limit-exceeded", { limit: "leaves" });
    nodes.push(node);
    indexes.addNode(node);
    const turn = work.took(node === undefined ? 1 : workOf(node));
    if (turn !== undefined) await turn;
  }
  return Tree.fromNodes(suite, nodes, clientKey, indexes);
}

/** The nodes of a `ratchet_tree` list, read over a copy of it: they live long, and the GroupInfo around them does not. */
function* ratchetTreeNodes(bytes: Uint8Array, reading: ReadOptions): Iterable<Node | undefined> {
  const input = new Reader(copyBytes(bytes), reading);
  if (bytes.length > input.limits.messageBytes) throw input.fail("limit-exceeded", { limit: "messageBytes" });
  const list = input.vector();
  input.end();
  while (list.remaining > 0) yield OptionalNode.read(list);
}

/** How much a node of a tree costs whatever is done with all of them, in bytes, about. */
function workOf(node: Node): number {
  return node.type === "leaf" ? workOfLeaf(node.leafNode) : 64 + 4 * node.parentNode.unmergedLeaves.length;
}

function workOfLeaf(leaf: LeafNode): number {
  return 64 + encodingOf(LeafNode, leaf).length;
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
  work: LongWork,
): Promise<void> {
  const { groupContext } = groupInfo;
  const { groupId } = groupContext;
  checkExtensions(groupInfo.extensions, "group_info", settings.registry);
  checkExternalPubKey(externalPub(groupInfo.extensions), suite);
  const leaves = [...tree.leaves()];
  // The platform verifies while this thread hashes. To begin later would spare nobody anything: whoever sends a tree whose
  // signatures are wrong can give it the right hash. It begins with some, while those of all are put together.
  const signatures: Promise<void>[] = [];
  let checks: SignatureCheck[] = [];
  const beginToVerify = (): void => {
    const verified = checkSignatures(suite, checks);
    verified.catch(() => undefined); // nobody waits for them where something else is wrong
    signatures.push(verified);
    checks = [];
  };
  for (const [leafIndex, leaf] of leaves) {
    checks.push(leafSignature(leaf, { groupId, leafIndex }));
    if (checks.length === firstSignatures && signatures.length === 0) beginToVerify();
    const turn = work.took(workOfLeaf(leaf));
    if (turn !== undefined) await turn;
  }
  beginToVerify();
  await work.run(hashSteps(tree));
  checkTreeHash(tree, groupContext);
  await checkGroupInfoSignature(suite, groupInfo, tree);
  checkUnmergedLeaves(tree);
  await work.run(treeKeySteps(tree));
  checkGroupContextExtensions(groupContext.extensions, tree, settings.registry);
  await work.run(leafSteps(suite, groupContext, tree, leaves, settings));
  await work.run(parentHashSteps(tree));
  for (const verified of signatures) await verified;
  for (const [leafIndex, leaf] of leaves) {
    const answer = authenticate(settings, candidateOf(leaf, groupId, "join"), leafIndex);
    if (answer !== undefined) await answer;
    const turn = work.took(workOfQuestion);
    if (turn !== undefined) await turn;
  }
  await authenticateExternalSenders(settings, groupContext.extensions, [], { suite, groupId });
}

/** How many signatures keep the platform busy until all others are put together. */
const firstSignatures = 64;

/**
 * How many bytes of work a question to the application counts as: where it is answered at once, nothing else had its
 * turn meanwhile.
 */
const workOfQuestion = 256;

/**
 * The tree hashes of one leaf after the other, blank or not: a parent's is made with that of the last leaf below it. A whole
 * subtree without members costs its sender a byte a node, and as many hashes as any other.
 */
function* hashSteps({ suite, root }: RatchetTree): Iterable<number> {
  const open: TreeNode[] = [root];
  const above: TreeNode[] = []; // parents whose children come before them
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!node.isLeaf && node !== above.at(-1)) {
      above.push(node);
      open.push(node, node.right, node.left);
      continue;
    }
    if (node === above.at(-1)) above.pop();
    node.hash(suite);
    yield node.isLeaf && node.leafNode !== undefined ? workOfLeaf(node.leafNode) : 64;
  }
}

/** "For each non-empty leaf node, validate the LeafNode as described in Section 7.3", its signature aside. valn1407 */
function* leafSteps(
  suite: CipherSuite,
  { extensions }: GroupContext,
  tree: RatchetTree,
  leaves: readonly (readonly [leafIndex: number, leaf: LeafNode])[],
  settings: Settings,
): Iterable<number> {
  const required = requiredCapabilities(extensions);
  // Each leaf is checked by itself first, so that an error names the leaf at fault and not one that is compared with it.
  for (const [leafIndex, leaf] of leaves) {
    try {
      checkLeafIntrinsics(suite, leaf, settings);
    } catch (error) {
      throw ofLeaf(error, leafIndex);
    }
    yield workOfLeaf(leaf) + 512;
  }
  // The indexes know whether all members list what they must, and whether two are one; only where it is so, it is looked for who.
  const allListed = isSupportedByAll(tree, required);
  const { repeatsMembers } = tree.indexes;
  for (const [leafIndex, leaf] of leaves) {
    try {
      if (repeatsMembers) {
        checkUniqueSignatureKey(leaf, tree);
        checkUniqueClient(leaf, tree);
      }
      askRules(settings.registry, "checkLeaf", leaf, extensions);
      if (!allListed) {
        checkRequiredCapabilities(leaf, required);
        checkCredentialSupport(leaf, tree);
      }
      if (settings.lifetime.checkTree) checkLifetime(leaf, settings.clock() / 1000, settings.lifetime, "valn0106");
    } catch (error) {
      throw ofLeaf(error, leafIndex);
    }
    yield workOfLeaf(leaf) + 512;
  }
}

/** Whether every member lists the required capabilities, and every credential type that is in use. */
function isSupportedByAll(tree: RatchetTree, required: RequiredCapabilities | undefined): boolean {
  const { indexes, size } = tree;
  for (const type of indexes.credentialTypesInUse()) if (indexes.credentialSupport(type) < size) return false;
  try {
    checkRequiredCapabilitiesSupported(required, tree);
    return true;
  } catch {
    return false;
  }
}
