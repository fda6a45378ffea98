/**
 * Verifying a tree's parent hashes when joining. RFC 9420 sections 7.9, 7.9.2.
 */

import { bytesEqual } from "../bytes/compare.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import type { ParentNode } from "../wire/ratchet-tree.ts";
import type { TreeNode } from "./node.ts";
import { resolution } from "./resolution.ts";
import { between, isIn } from "./sorted.ts";
import { parentHash, treeHash } from "./tree-hash.ts";

/**
 * Whether every parent node that is not blank is parent-hash valid: "by verifying that there is exactly one descendant
 * of each non-blank parent node for which the parent node is parent-hash valid" (section 7.9.2).
 */
export function isParentHashValid(suite: CipherSuite, root: TreeNode): boolean {
  for (const { valid } of parentHashChecks(suite, root)) if (!valid) return false;
  return true;
}

/** The same, one parent node after the other, with the number of nodes that had to be looked at and hashed for each. */
export function* parentHashChecks(
  suite: CipherSuite,
  root: TreeNode,
): Iterable<{ readonly valid: boolean; readonly nodes: number }> {
  const open: TreeNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.isLeaf || node.members === 0) continue;
    open.push(node.left, node.right);
    if (node.parentNode === undefined) continue;
    const valid =
      Number(chains(suite, node.parentNode, node.left, node.right)) +
      Number(chains(suite, node.parentNode, node.right, node.left));
    yield { valid: valid === 1, nodes: 1 + node.parentNode.unmergedLeaves.length };
  }
}

/**
 * Whether some node D at or below the child C of P has the parent hash of P with copath child S: "D is in the resolution
 * of C, and the intersection of P's unmerged_leaves with the subtree under C is equal to the resolution of C with D
 * removed" (section 7.9.2).
 */
function chains(suite: CipherSuite, parentNode: ParentNode, c: TreeNode, s: TreeNode): boolean {
  const unmerged = within(parentNode.unmergedLeaves, c);
  if (c.resolutionSize !== unmerged.length + 1) return false;
  if (unmerged.length === 0 && !c.isLeaf && c.parentNode !== undefined) {
    // D is C, as it mostly is: there is no list to be made.
    return bytesEqual(c.parentNode.parentHash, parentHashOf(suite, parentNode, s));
  }
  let parentHashOfD: Uint8Array | undefined;
  let others = 0;
  for (const d of resolution(c)) {
    if (d.level === 0 && isIn(unmerged, d.firstLeaf)) {
      others++;
      continue;
    }
    parentHashOfD = d.parentHash;
  }
  if (others !== unmerged.length || parentHashOfD === undefined) return false;
  return bytesEqual(parentHashOfD, parentHashOf(suite, parentNode, s));
}

/** The parent hash of P with copath child S. RFC 9420 section 7.9 */
function parentHashOf(suite: CipherSuite, parentNode: ParentNode, s: TreeNode): Uint8Array {
  const { encryptionKey, parentHash: above, unmergedLeaves } = parentNode;
  const originalSiblingTreeHash = originalTreeHash(suite, s, unmergedLeaves);
  return parentHash(suite, { encryptionKey, parentHash: above, originalSiblingTreeHash });
}

/**
 * The tree hash of a subtree as it was before some leaves were added: "For each leaf L in P.unmerged_leaves, blank L and
 * remove it from the unmerged_leaves sets of all parent nodes" (section 7.9). A blank parent does not end the search: the
 * leaves below it count all the same.
 */
function originalTreeHash(suite: CipherSuite, node: TreeNode, added: readonly number[]): Uint8Array {
  const below = within(added, node);
  if (below.length === 0) return node.hash(suite);
  if (node.isLeaf) {
    return treeHash(suite, { type: "leaf", leafIndex: node.firstLeaf, leafNode: undefined });
  }
  return treeHash(suite, {
    type: "parent",
    parentNode: node.parentNode && withoutUnmerged(node.parentNode, below),
    leftHash: originalTreeHash(suite, node.left, below),
    rightHash: originalTreeHash(suite, node.right, below),
  });
}

function withoutUnmerged(
  { encryptionKey, parentHash, unmergedLeaves }: ParentNode,
  added: readonly number[],
): ParentNode {
  const gone = new Set(added);
  return { encryptionKey, parentHash, unmergedLeaves: unmergedLeaves.filter((leaf) => !gone.has(leaf)) };
}

/** Those of the leaf indexes that are at or below a node. */
function within(leaves: readonly number[], node: TreeNode): readonly number[] {
  return between(leaves, node.firstLeaf, node.firstLeaf + node.width);
}
