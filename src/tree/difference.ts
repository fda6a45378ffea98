/**
 * What changed between two trees that share nodes: what a commit has to store, and how a past epoch's leaves are kept
 * without keeping its tree twice.
 */

import type { LeafNode } from "../wire/leaf-node.ts";
import type { Node } from "../wire/ratchet-tree.ts";
import type { TreeNode } from "./node.ts";

/** A leaf as it was, or undefined where it was blank. */
export type LeafDifference = readonly [leafIndex: number, leafNode: LeafNode | undefined];

/**
 * A node as it is now, or undefined where it is blank. The index is that of appendix C: twice the leaf index for a leaf,
 * and each parent's between its subtrees, so that it stays when the tree grows.
 */
export type NodeDifference = readonly [nodeIndex: number, node: Node | undefined];

/** The leaves of one tree that are not those of another: only where they don't share nodes is anything visited. */
export function leafDifferences(of: TreeNode, from: TreeNode): readonly LeafDifference[] {
  const differences: LeafDifference[] = [];
  compare(of, from, (node, other, place) => {
    const leafNode = node?.isLeaf === true ? node.leafNode : undefined;
    const otherLeaf = other?.isLeaf === true ? other.leafNode : undefined;
    if (leafNode !== otherLeaf) differences.push([place.firstLeaf, leafNode]);
  });
  return differences;
}

/** The nodes of one tree that are not those of another; of none, all that are not blank. */
export function nodeDifferences(of: TreeNode, from: TreeNode | undefined): readonly NodeDifference[] {
  const differences: NodeDifference[] = [];
  compare(of, from, (node, other, place) => {
    const content = contentOf(node, place);
    if (content !== contentOf(other, place)) differences.push([nodeIndexOf(place), asNode(node)]);
  });
  return differences;
}

/** The index of a place in the tree. RFC 9420 appendix C */
function nodeIndexOf({ firstLeaf, width }: TreeNode): number {
  return 2 * firstLeaf + width - 1;
}

function contentOf(node: TreeNode | undefined, place: TreeNode): unknown {
  if (node?.level !== place.level) return undefined;
  return node.isLeaf ? node.leafNode : node.parentNode;
}

function asNode(node: TreeNode | undefined): Node | undefined {
  if (node?.isLeaf === true) return node.leafNode && { type: "leaf", leafNode: node.leafNode };
  return node?.parentNode && { type: "parent", parentNode: node.parentNode };
}

/**
 * Visit the places in which two trees may differ. A place that only one of them has is blank in the other; `place` is the
 * node of one that has it.
 */
function compare(
  of: TreeNode,
  from: TreeNode | undefined,
  visit: (node: TreeNode | undefined, other: TreeNode | undefined, place: TreeNode) => void,
): void {
  const descend = (node: TreeNode | undefined, other: TreeNode | undefined): void => {
    const place = (node?.level ?? -1) >= (other?.level ?? -1) ? node : other;
    if (place === undefined || node === other || (node?.members ?? 0) + (other?.members ?? 0) === 0) return;
    const at = (tree: TreeNode | undefined): TreeNode | undefined => (tree?.level === place.level ? tree : undefined);
    visit(at(node), at(other), place);
    const down = (tree: TreeNode | undefined, side: "left" | "right"): TreeNode | undefined => {
      if (tree === undefined) return undefined;
      if (tree.level < place.level) return side === "left" ? tree : undefined;
      return tree.isLeaf ? undefined : tree[side];
    };
    descend(down(node, "left"), down(other, "left"));
    descend(down(node, "right"), down(other, "right"));
  };
  descend(of, from);
}
