/**
 * The nodes of the persistent ratchet tree. A node never changes: setting a leaf makes new nodes from it to the root and
 * shares the rest. What can be computed from a node is computed once, when it is first asked for. RFC 9420 sections 4.1,
 * 7.8.
 */

import type { CipherSuite } from "../crypto/provider.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import type { ParentNode } from "../wire/ratchet-tree.ts";
import { treeHash } from "./tree-hash.ts";

/** A place in the tree: a leaf or a parent, blank or not. */
export type TreeNode = LeafSlot | ParentSlot;

/** A leaf of the tree, blank where it holds no leaf node. */
export class LeafSlot {
  readonly level = 0;
  /** The leaf index. */
  readonly firstLeaf: number;
  readonly leafNode: LeafNode | undefined;
  #hash: Uint8Array | undefined;

  constructor(leafIndex: number, leafNode: LeafNode | undefined) {
    this.firstLeaf = leafIndex;
    this.leafNode = leafNode;
  }

  get isLeaf(): true {
    return true;
  }

  get width(): number {
    return 1;
  }

  /** Members at or below. */
  get members(): number {
    return this.leafNode === undefined ? 0 : 1;
  }

  /** The number of nodes in the resolution. */
  get resolutionSize(): number {
    return this.members;
  }

  /** The tree hash. RFC 9420 section 7.8 */
  hash(suite: CipherSuite): Uint8Array {
    return (this.#hash ??= treeHash(suite, { type: "leaf", leafIndex: this.firstLeaf, leafNode: this.leafNode }));
  }
}

/** A parent of the tree, blank where it holds no parent node. */
export class ParentSlot {
  readonly level: number;
  /** The index of the leftmost leaf below. */
  readonly firstLeaf: number;
  readonly members: number;
  readonly parentNode: ParentNode | undefined;
  #left: TreeNode | undefined;
  #right: TreeNode | undefined;
  #hash: Uint8Array | undefined;
  #resolutionSize: number | undefined;

  /** Without children, a parent of blank leaves only: they are made when they are asked for. */
  constructor(
    level: number,
    firstLeaf: number,
    parentNode: ParentNode | undefined,
    children?: readonly [left: TreeNode, right: TreeNode],
  ) {
    this.level = level;
    this.firstLeaf = firstLeaf;
    this.parentNode = parentNode;
    this.#left = children?.[0];
    this.#right = children?.[1];
    this.members = children === undefined ? 0 : children[0].members + children[1].members;
  }

  get left(): TreeNode {
    return (this.#left ??= blank(this.level - 1, this.firstLeaf));
  }

  get right(): TreeNode {
    return (this.#right ??= blank(this.level - 1, this.firstLeaf + this.width / 2));
  }

  get isLeaf(): false {
    return false;
  }

  /** The number of leaves below, blank or not. */
  get width(): number {
    return 2 ** this.level;
  }

  /** The number of nodes in the resolution. */
  get resolutionSize(): number {
    return (this.#resolutionSize ??=
      this.parentNode !== undefined
        ? 1 + this.parentNode.unmergedLeaves.length
        : this.members === 0
          ? 0
          : this.left.resolutionSize + this.right.resolutionSize);
  }

  /** The child that is above this leaf. */
  childToward(leafIndex: number): TreeNode {
    return this.#isRight(leafIndex) ? this.right : this.left;
  }

  /** The child that is not above this leaf. */
  childAwayFrom(leafIndex: number): TreeNode {
    return this.#isRight(leafIndex) ? this.left : this.right;
  }

  /** The same place with other contents, and with another child toward a leaf. */
  withChild(leafIndex: number, child: TreeNode, parentNode: ParentNode | undefined): ParentSlot {
    const children = this.#isRight(leafIndex) ? ([this.left, child] as const) : ([child, this.right] as const);
    return new ParentSlot(this.level, this.firstLeaf, parentNode, children);
  }

  /** The tree hash. RFC 9420 section 7.8 */
  hash(suite: CipherSuite): Uint8Array {
    return (this.#hash ??= treeHash(suite, {
      type: "parent",
      parentNode: this.parentNode,
      leftHash: this.left.hash(suite),
      rightHash: this.right.hash(suite),
    }));
  }

  #isRight(leafIndex: number): boolean {
    return leafIndex >= this.firstLeaf + this.width / 2;
  }
}

/** A subtree of blank nodes: 2^level leaves from `firstLeaf` on. */
export function blank(level: number, firstLeaf: number): TreeNode {
  return level === 0 ? new LeafSlot(firstLeaf, undefined) : new ParentSlot(level, firstLeaf, undefined);
}

/** Whether the leaf is at or below the node. */
export function covers(node: TreeNode, leafIndex: number): boolean {
  return leafIndex >= node.firstLeaf && leafIndex < node.firstLeaf + node.width;
}
