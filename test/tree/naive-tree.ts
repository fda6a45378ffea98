/**
 * The ratchet tree as RFC 9420 tells it: an array of nodes (appendix C), and every question answered from scratch by the
 * words of sections 4.1, 7.5, 7.7, 7.8, 7.9 and 12.1. Slow, and without a thought of its own.
 */

import { createHash } from "node:crypto";
import { hex } from "../../src/bytes/text.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import type { Node, ParentNode } from "../../src/wire/ratchet-tree.ts";
import * as encode from "../wire/naive.ts";
import { copath, directPath, left, level, right, root } from "./appendix-c.ts";

/** SHA-256, the hash of the suites under test. */
export function sha256(data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(data).digest());
}

/** A node by its index, or undefined where it is blank. Leaf n is node 2n. */
export type Nodes = readonly (Node | undefined)[];

/** A ratchet tree, in an array. */
export class NaiveTree {
  nodes: (Node | undefined)[];

  constructor(nodes: Nodes) {
    this.nodes = [...nodes];
  }

  clone(): NaiveTree {
    return new NaiveTree(this.nodes);
  }

  /** The number of leaves, blank or not. */
  get width(): number {
    return (this.nodes.length + 1) / 2;
  }

  get root(): number {
    return root(this.width);
  }

  leaf(leafIndex: number): LeafNode | undefined {
    const node = this.nodes[2 * leafIndex];
    return node?.type === "leaf" ? node.leafNode : undefined;
  }

  parent(x: number): ParentNode | undefined {
    const node = this.nodes[x];
    return node?.type === "parent" ? node.parentNode : undefined;
  }

  /** The leaf indexes of the members. */
  members(): number[] {
    return Array.from({ length: this.width }, (_, i) => i).filter((i) => this.leaf(i) !== undefined);
  }

  /** Section 12.1.1: "the leftmost empty leaf in the tree", else "the tree is extended to the right". */
  add(leafNode: LeafNode): number {
    let leafIndex = 0;
    while (leafIndex < this.width && this.leaf(leafIndex) !== undefined) leafIndex++;
    // Appendix C: "Append N + 1 blank values to the end of the array."
    if (leafIndex === this.width) this.nodes.push(...new Array<undefined>(this.nodes.length + 1).fill(undefined));
    for (const x of directPath(2 * leafIndex, this.width)) {
      const parentNode = this.parent(x);
      if (parentNode === undefined) continue;
      const unmergedLeaves = [...parentNode.unmergedLeaves, leafIndex].sort((a, b) => a - b);
      this.nodes[x] = { type: "parent", parentNode: { ...parentNode, unmergedLeaves } };
    }
    this.nodes[2 * leafIndex] = { type: "leaf", leafNode };
    return leafIndex;
  }

  /** Section 12.1.2: replace the leaf, blank the intermediate nodes. */
  update(leafIndex: number, leafNode: LeafNode): void {
    this.nodes[2 * leafIndex] = { type: "leaf", leafNode };
    for (const x of directPath(2 * leafIndex, this.width)) this.nodes[x] = undefined;
  }

  /** Section 12.1.3: blank the leaf and the intermediate nodes, then truncate. */
  remove(leafIndex: number): void {
    this.nodes[2 * leafIndex] = undefined;
    for (const x of directPath(2 * leafIndex, this.width)) this.nodes[x] = undefined;
    while (this.width > 1 && !this.members().some((member) => member >= this.width / 2)) {
      // Appendix C: "Truncate the array to its first (N-1) / 2 entries."
      this.nodes.length = (this.nodes.length - 1) / 2;
    }
  }

  /** Section 4.1.1: the resolution, as node indexes. */
  resolution(x: number): number[] {
    const node = this.nodes[x];
    if (node?.type === "leaf") return [x];
    if (node?.type === "parent") return [x, ...node.parentNode.unmergedLeaves.map((leafIndex) => 2 * leafIndex)];
    return level(x) === 0 ? [] : [...this.resolution(left(x)), ...this.resolution(right(x))];
  }

  /** Section 4.1.2: "the node's direct path, with any node removed whose child on the copath of L has an empty resolution". */
  filteredDirectPath(leafIndex: number): { readonly node: number; readonly copath: number }[] {
    const co = copath(2 * leafIndex, this.width);
    return directPath(2 * leafIndex, this.width)
      .map((node, i) => ({ node, copath: co[i]! }))
      .filter((step) => this.resolution(step.copath).length > 0);
  }

  /** Section 7.8 */
  treeHash(x: number = this.root): Uint8Array {
    if (level(x) === 0) {
      return sha256(encode.treeHashInput({ type: "leaf", leafIndex: x / 2, leafNode: this.leaf(x / 2) }));
    }
    const [leftHash, rightHash] = [this.treeHash(left(x)), this.treeHash(right(x))];
    return sha256(encode.treeHashInput({ type: "parent", parentNode: this.parent(x), leftHash, rightHash }));
  }

  /**
   * Section 7.9: "the tree hash of S in the ratchet tree modified as follows: For each leaf L in P.unmerged_leaves, blank L
   * and remove it from the unmerged_leaves sets of all parent nodes."
   */
  originalSiblingTreeHash(p: ParentNode, s: number): Uint8Array {
    const modified = this.clone();
    for (const leafIndex of p.unmergedLeaves) modified.nodes[2 * leafIndex] = undefined;
    modified.nodes = modified.nodes.map((node) => {
      if (node?.type !== "parent") return node;
      const unmergedLeaves = node.parentNode.unmergedLeaves.filter((leaf) => !p.unmergedLeaves.includes(leaf));
      return { type: "parent", parentNode: { ...node.parentNode, unmergedLeaves } };
    });
    return modified.treeHash(s);
  }

  /** Section 7.9: "Parent hash of P (with copath child S)". */
  parentHash(p: ParentNode, s: number): Uint8Array {
    const { encryptionKey, parentHash } = p;
    const originalSiblingTreeHash = this.originalSiblingTreeHash(p, s);
    return sha256(encode.parentHashInput({ encryptionKey, parentHash, originalSiblingTreeHash }));
  }

  /** Section 7.5: merge an UpdatePath with these keys. The leaf is made for the parent hash that it must carry. */
  mergePath(
    leafIndex: number,
    encryptionKeys: readonly Uint8Array[],
    leafFor: (parentHash: Uint8Array) => LeafNode,
  ): void {
    const path = this.filteredDirectPath(leafIndex);
    for (const x of directPath(2 * leafIndex, this.width)) this.nodes[x] = undefined;
    let parentHash: Uint8Array = new Uint8Array(0); // "The root node always has a zero-length hash for its parent hash."
    for (const [i, { node, copath }] of [...path.entries()].reverse()) {
      const parentNode: ParentNode = { encryptionKey: encryptionKeys[i]!, parentHash, unmergedLeaves: [] };
      this.nodes[node] = { type: "parent", parentNode };
      parentHash = this.parentHash(parentNode, copath);
    }
    this.nodes[2 * leafIndex] = { type: "leaf", leafNode: leafFor(parentHash) };
  }

  /** Section 7.9.2: "there is exactly one descendant of each non-blank parent node for which the parent node is parent-hash valid". */
  isParentHashValid(): boolean {
    return this.nodes.every((node, x) => {
      if (node?.type !== "parent") return true;
      let count = 0;
      for (const [c, s] of [
        [left(x), right(x)],
        [right(x), left(x)],
      ] as const) {
        const expected = hex(this.parentHash(node.parentNode, s));
        const resolution = this.resolution(c);
        const unmerged = node.parentNode.unmergedLeaves.map((leaf) => 2 * leaf).filter((d) => this.isBelow(d, c));
        for (const d of resolution) {
          const parentHash = this.parentHashOf(d);
          const rest = resolution.filter((other) => other !== d);
          const same = rest.length === unmerged.length && rest.every((other) => unmerged.includes(other));
          if (parentHash !== undefined && hex(parentHash) === expected && same) count++;
        }
      }
      return count === 1;
    });
  }

  /** Sections 7.1 and 12.4.3.1: what must hold for every entry of every unmerged_leaves. */
  areUnmergedLeavesValid(): boolean {
    return this.nodes.every((node, x) => {
      if (node?.type !== "parent") return true;
      const { unmergedLeaves } = node.parentNode;
      return unmergedLeaves.every((leafIndex, i) => {
        if (i > 0 && unmergedLeaves[i - 1]! >= leafIndex) return false;
        if (leafIndex >= this.width || !this.isBelow(2 * leafIndex, x)) return false;
        if (this.leaf(leafIndex) === undefined) return false;
        const between = directPath(2 * leafIndex, this.width).filter((y) => y !== x && this.isBelow(y, x));
        return between.every((y) => this.parent(y)?.unmergedLeaves.includes(leafIndex) ?? true);
      });
    });
  }

  /** Whether a node is at or below another. */
  isBelow(d: number, x: number): boolean {
    return Math.abs(d - x) < 2 ** level(x);
  }

  /** The `parent_hash` field of a node, where it has one. */
  parentHashOf(x: number): Uint8Array | undefined {
    const node = this.nodes[x];
    if (node?.type === "parent") return node.parentNode.parentHash;
    if (node?.leafNode.leafNodeSource.type === "commit") return node.leafNode.leafNodeSource.parentHash;
    return undefined;
  }

  /** `ratchet_tree`: without the blank nodes at the end. Section 12.4.3.3 */
  trimmed(): Nodes {
    let length = this.nodes.length;
    while (this.nodes[length - 1] === undefined) length--;
    return this.nodes.slice(0, length);
  }
}
