/**
 * Rules for joining: the GroupInfo and its ratchet tree. RFC 9420 section 12.4.3.1.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { encodingOf } from "../codec/retained.ts";
import { verifyWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import { covers, type ParentSlot, type TreeNode } from "../tree/node.ts";
import { isIn } from "../tree/sorted.ts";
import { parentHashChecks } from "../tree/parent-hash.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { KeyPackage } from "../wire/key-package.ts";
import { LeafNode } from "../wire/leaf-node.ts";
import type { PreSharedKeyId, ResumptionPskId } from "../wire/pre-shared-key.ts";
import { mls10 } from "../wire/registries.ts";
import { groupInfoTbs, type GroupInfo, type Welcome } from "../wire/welcome.ts";
import { notVerified } from "./signatures.ts";

/**
 * The PSK that links a Welcome to another group. "if a PreSharedKeyID has type resumption with usage reinit or branch,
 * verify that it is the only such PSK". valn1401
 */
export function welcomeLinkOf(psks: readonly PreSharedKeyId[]): ResumptionPskId | undefined {
  const linking = psks.filter((id) => id.type === "resumption" && id.usage !== "application") as ResumptionPskId[];
  if (linking.length > 1) throw new CopseError("welcome-psks", { rule: "valn1401" });
  return linking[0];
}

/** "If the node is blank or if signature verification fails, return an error." valn1402 */
export async function checkGroupInfoSignature(
  suite: CipherSuite,
  groupInfo: GroupInfo,
  tree: RatchetTree,
): Promise<void> {
  const rule = "valn1402";
  const signer = tree.leaf(groupInfo.signer);
  if (signer === undefined) throw new CopseError("group-info-signer", { rule });
  const valid = await verifyWithLabel(suite, {
    publicKey: signer.signatureKey,
    label: "GroupInfoTBS",
    content: groupInfoTbs(groupInfo),
    signature: groupInfo.signature,
  });
  if (!valid) throw notVerified(suite, signer.signatureKey, "group-info-signature", rule);
}

/** "Verify that the group_id is unique among the groups that the client is currently participating in." valn1403 */
export async function checkGroupIsNew(
  groupId: Uint8Array,
  hasGroup: ((id: Uint8Array) => boolean | Promise<boolean>) | undefined,
): Promise<void> {
  if (hasGroup !== undefined && (await hasGroup(groupId.slice())))
    throw new CopseError("group-exists", { rule: "valn1403" });
}

/** "Verify that the cipher_suite in the GroupInfo matches the cipher_suite in the KeyPackage." valn1404 */
export function checkWelcomeSuite(context: GroupContext, suite: CipherSuite): void {
  if (context.version !== mls10) throw new CopseError("decode-version");
  if (context.cipherSuite !== suite.id) throw new CopseError("welcome-suite", { rule: "valn1404" });
}

/** "Verify that the tree hash of the ratchet tree matches the tree_hash field in GroupInfo." valn1405 */
export function checkTreeHash(tree: RatchetTree, context: GroupContext): void {
  if (!bytesEqual(tree.hash(), context.treeHash)) throw new CopseError("tree-hash", { rule: "valn1405" });
}

/** "For each non-empty parent node, verify that it is 'parent-hash valid'". valn1406 */
export function checkParentHashes(tree: RatchetTree): void {
  finish(parentHashSteps(tree));
}

/** `checkParentHashes` in steps, each of which says how many bytes of work it was, about. */
export function* parentHashSteps({ suite, root }: RatchetTree): Iterable<number> {
  for (const { valid, nodes } of parentHashChecks(suite, root)) {
    if (!valid) throw new CopseError("parent-hash", { rule: "valn1406" });
    yield nodes * workOfNode;
  }
}

/** Looking at a node, hashing it or checking its key costs about as much as so many bytes of reading. */
const workOfNode = 512;

function finish(steps: Iterable<number>): void {
  const each = steps[Symbol.iterator]();
  while (each.next().done !== true);
}

/**
 * Each entry of unmerged_leaves "represents a non-blank leaf node that is a descendant of the parent node" (valn1408), and
 * "every non-blank intermediate node between the leaf node and the parent node also has an entry for the leaf node"
 * (valn1409). Section 7.1: the entries "MUST be sorted in increasing order".
 */
export function checkUnmergedLeaves(tree: RatchetTree): void {
  visit(tree.root);

  function visit(node: TreeNode): void {
    if (node.isLeaf || node.members === 0) return;
    visit(node.left);
    visit(node.right);
    const unmerged = node.parentNode?.unmergedLeaves ?? [];
    for (const [i, leafIndex] of unmerged.entries()) {
      if ((unmerged[i - 1] ?? -1) >= leafIndex) throw new CopseError("unmerged-leaves", { rule: "section 7.1" });
      if (!covers(node, leafIndex)) throw new CopseError("unmerged-leaves", { rule: "valn1408" });
      checkListedBelow(node, leafIndex);
    }
  }
}

/**
 * The nearest node below that is not blank must list the leaf, or be the leaf; the nodes further down were checked
 * before.
 */
function checkListedBelow(node: ParentSlot, leafIndex: number): void {
  for (let at = node.childToward(leafIndex); ; at = at.childToward(leafIndex)) {
    if (at.isLeaf) {
      if (at.leafNode === undefined) throw new CopseError("unmerged-leaves", { rule: "valn1408" });
      return;
    }
    if (at.parentNode !== undefined) {
      if (!isIn(at.parentNode.unmergedLeaves, leafIndex)) throw new CopseError("unmerged-leaves", { rule: "valn1409" });
      return;
    }
  }
}

/**
 * "Verify that the encryption key in the parent node does not appear in any other node of the tree" (valn1410); so too
 * each leaf's (valn0112) and its signature key (valn0111).
 */
export function checkTreeKeys(tree: RatchetTree): void {
  finish(treeKeySteps(tree));
}

/** `checkTreeKeys` in steps, each of which says how many bytes of work it was, about. */
export function* treeKeySteps({ root, indexes, suite }: RatchetTree): Iterable<number> {
  // The indexes know whether any key is there twice; only where one is, it is looked for where.
  const repeats = indexes.repeatsEncryptionKeys;
  const open: TreeNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.members === 0) continue;
    if (!node.isLeaf) open.push(node.left, node.right);
    const key = node.isLeaf ? node.leafNode?.encryptionKey : node.parentNode?.encryptionKey;
    if (key === undefined) continue;
    if (!suite.isKemPublicKey(key)) throw new CopseError("key-invalid", { rule: "section 5.1.1" });
    if (repeats) checkKeyOnce(indexes.encryptionKeyCount(key), node);
    yield workOfNode;
  }
}

function checkKeyOnce(count: number, { isLeaf }: TreeNode): void {
  if (count > 1) throw new CopseError("duplicate-encryption-key", { rule: isLeaf ? "valn0112" : "valn1410" });
}

/**
 * "Identify an entry in the secrets array where the new_member value corresponds to one of this client's KeyPackages [...]
 * If no such field exists, [...] return an error." Section 12.4.3.1
 */
export function checkIsForUs<Entry>(entry: Entry | undefined): asserts entry is Entry {
  if (entry === undefined) throw new CopseError("welcome-not-for-us", { rule: "section 12.4.3.1" });
}

/**
 * "if the cipher suite indicated in the KeyPackage does not match the one in the Welcome message, return an error", and
 * both are that of the client. Section 12.4.3.1
 */
export function checkKeyPackageSuiteOfWelcome(
  welcome: Pick<Welcome, "cipherSuite">,
  keyPackage: Pick<KeyPackage, "cipherSuite">,
  suite: CipherSuite,
): void {
  if (welcome.cipherSuite !== keyPackage.cipherSuite || welcome.cipherSuite !== suite.id) {
    const [got, expected] = [welcome.cipherSuite, suite.id];
    throw new CopseError("welcome-suite", { rule: "section 12.4.3.1", got, expected });
  }
}

/** "the client MUST download the tree before processing the Welcome." Section 12.4.3.1 */
export function checkTreeAtHand(tree: Uint8Array | undefined): asserts tree is Uint8Array {
  if (tree === undefined) throw new CopseError("tree-missing", { rule: "section 12.4.3.3" });
}

/**
 * The leaf index of a new member: "Identify a leaf whose LeafNode is identical to the one in the KeyPackage. If no such
 * field exists, return an error." Section 12.4.3.1
 */
export function ownLeafOf(tree: RatchetTree, own: LeafNode): number {
  const bytes = encodingOf(LeafNode, own);
  for (const [leafIndex, leaf] of tree.leaves()) if (bytesEqual(encodingOf(LeafNode, leaf), bytes)) return leafIndex;
  throw new CopseError("welcome-leaf", { rule: "section 12.4.3.1" });
}
