/**
 * Resolutions: the nodes that cover the members below a node. RFC 9420 section 4.1.2.
 */

import type { TreeNode } from "./node.ts";
import { isIn, lowerBound } from "./sorted.ts";

/**
 * Leaves added by the commit in hand, in increasing order. "Any new member (from an Add proposal) added in the same
 * Commit MUST be excluded from this resolution." RFC 9420 section 7.5
 */
export type NewLeaves = readonly number[];

/** A node of a resolution: its place, and its public key. */
export interface ResolutionNode {
  /** 0 for a leaf. */
  readonly level: number;
  readonly firstLeaf: number;
  readonly encryptionKey: Uint8Array;
  /** The parent hash that the node carries: none for a leaf that did not come with a commit. */
  readonly parentHash: Uint8Array | undefined;
}

/**
 * The resolution of a node without new leaves, in order: a node that is not blank and its unmerged leaves; nothing for a
 * blank leaf; the resolutions of the left and the right child otherwise.
 */
export function* resolution(node: TreeNode, newLeaves: NewLeaves = []): Iterable<ResolutionNode> {
  if (node.isLeaf) {
    if (node.leafNode === undefined || isIn(newLeaves, node.firstLeaf)) return;
    const { encryptionKey, leafNodeSource } = node.leafNode;
    const parentHash = leafNodeSource.type === "commit" ? leafNodeSource.parentHash : undefined;
    yield { level: 0, firstLeaf: node.firstLeaf, encryptionKey, parentHash };
  } else if (node.parentNode !== undefined) {
    const { encryptionKey, parentHash, unmergedLeaves } = node.parentNode;
    yield { level: node.level, firstLeaf: node.firstLeaf, encryptionKey, parentHash };
    for (const leafIndex of unmergedLeaves) yield* resolution(leafAt(node, leafIndex), newLeaves);
  } else if (node.members > 0) {
    yield* resolution(node.left, newLeaves);
    yield* resolution(node.right, newLeaves);
  }
}

/** The number of nodes in the resolution without new leaves: no node is visited for it. */
export function resolutionSize(node: TreeNode, newLeaves: NewLeaves): number {
  return node.resolutionSize - countBelow(node, newLeaves);
}

/**
 * Where a member stands in a resolution: its position, and the level and the public key of the node whose private key it
 * holds.
 */
export interface ResolutionPlace {
  readonly position: number;
  readonly level: number;
  /** None where the leaf is blank. */
  readonly encryptionKey: Uint8Array | undefined;
}

/**
 * The place in a node's resolution that covers a member below it: O(log N), unmerged leaves aside.
 */
export function placeInResolution(node: TreeNode, leafIndex: number, newLeaves: NewLeaves): ResolutionPlace {
  let position = 0;
  let at = node;
  for (; !at.isLeaf; at = at.childToward(leafIndex)) {
    if (at.parentNode !== undefined) {
      const { encryptionKey, unmergedLeaves } = at.parentNode;
      const index = unmergedLeaves.filter((leaf) => !isIn(newLeaves, leaf)).indexOf(leafIndex);
      if (index < 0) return { position, level: at.level, encryptionKey };
      position += 1 + index;
      at = leafAt(at, leafIndex);
      break;
    }
    if (at.childToward(leafIndex) === at.right) position += resolutionSize(at.left, newLeaves);
  }
  return { position, level: 0, encryptionKey: at.isLeaf ? at.leafNode?.encryptionKey : undefined };
}

function leafAt(node: TreeNode, leafIndex: number): TreeNode {
  let at = node;
  while (!at.isLeaf) at = at.childToward(leafIndex);
  return at;
}

function countBelow(node: TreeNode, leaves: NewLeaves): number {
  return lowerBound(leaves, node.firstLeaf + node.width) - lowerBound(leaves, node.firstLeaf);
}
