/**
 * What changed between two trees that share nodes: how a past epoch's leaves are kept without keeping its tree twice.
 */

import type { LeafNode } from "../wire/leaf-node.ts";
import type { TreeNode } from "./node.ts";

/** A leaf as it was, or undefined where it was blank. */
export type LeafDifference = readonly [leafIndex: number, leafNode: LeafNode | undefined];

/** The leaves of one tree that are not those of another: only where they don't share nodes is anything visited. */
export function leafDifferences(of: TreeNode, from: TreeNode): readonly LeafDifference[] {
  const differences: LeafDifference[] = [];
  visit(of, from);
  return differences;

  function visit(node: TreeNode | undefined, other: TreeNode | undefined): void {
    if (node === other || (node?.members ?? 0) + (other?.members ?? 0) === 0) return;
    const high = (node?.level ?? -1) >= (other?.level ?? -1) ? node : other;
    if (high === undefined) return;
    if (high.isLeaf) {
      const leafNode = node?.isLeaf === true ? node.leafNode : undefined;
      const otherLeaf = other?.isLeaf === true ? other.leafNode : undefined;
      if (leafNode !== otherLeaf) differences.push([high.firstLeaf, leafNode]);
      return;
    }
    const down = (from: TreeNode | undefined, side: "left" | "right"): TreeNode | undefined => {
      if (from === undefined) return undefined;
      if (from.level < high.level) return side === "left" ? from : undefined;
      return from.isLeaf ? undefined : from[side];
    };
    visit(down(node, "left"), down(other, "left"));
    visit(down(node, "right"), down(other, "right"));
  }
}
