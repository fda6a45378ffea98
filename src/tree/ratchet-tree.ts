/**
 * The ratchet tree of an epoch: an immutable tree of nodes, and the indexes that a commit updates with it. RFC 9420
 * sections 4, 7.
 *
 * A tree is changed by changing a fork: it shares every node that stays the same, so a pending commit costs what it
 * changes, and dropping it costs nothing. `settle` makes the fork that was chosen the current tree.
 */

import { nothing } from "../bytes/nothing.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import type { Node, ParentNode, RatchetTreeNodes } from "../wire/ratchet-tree.ts";
import { TreeIndexes, type ClientKey } from "./indexes.ts";
import { leafDifferences, type LeafDifference, type NodeDifference } from "./difference.ts";
import { blank, LeafSlot, ParentSlot, type TreeNode } from "./node.ts";
import { parentHash as hashOfParent } from "./tree-hash.ts";

/** A node of a filtered direct path, with its child on the copath. RFC 9420 section 4.1.2 */
export interface PathStep {
  readonly level: number;
  readonly node: ParentSlot;
  readonly copath: TreeNode;
}

/** What an UpdatePath makes of the nodes above a leaf, ready to be merged. */
export interface PlannedPath {
  /** The new parent nodes by level. */
  readonly parents: ReadonlyMap<number, ParentNode>;
  /** The parent hash that the new leaf node must carry. */
  readonly parentHash: Uint8Array;
}

/** What a past epoch needs of its tree: whose leaf is where. */
export interface LeafLookup {
  readonly suite: CipherSuite;
  leaf(leafIndex: number): LeafNode | undefined;
  readonly root: TreeNode;
  differencesFrom(other: LeafLookup): readonly LeafDifference[];
  withLeaves(differences: readonly LeafDifference[]): LeafLookup;
}

/** What is counted of a tree's members: enough for the rules that compare a leaf with all others. */
export type TreeCounts = Pick<RatchetTree, "indexes" | "size">;

/** A ratchet tree: at least one leaf, and always a power of two of them. */
export class RatchetTree {
  readonly suite: CipherSuite;
  readonly indexes: TreeIndexes;
  #root: TreeNode;

  private constructor(suite: CipherSuite, root: TreeNode, indexes: TreeIndexes) {
    this.suite = suite;
    this.#root = root;
    this.indexes = indexes;
  }

  /** The tree of a new group: its creator's leaf alone. RFC 9420 section 11 */
  static create(suite: CipherSuite, leafNode: LeafNode, clientKey?: ClientKey): RatchetTree {
    const indexes = new TreeIndexes(clientKey);
    indexes.addLeaf(leafNode);
    return new RatchetTree(suite, new LeafSlot(0, leafNode), indexes);
  }

  /**
   * The tree of a `ratchet_tree` list. RFC 9420 section 12.4.3.3: "The receiver MUST check that the last node in
   * ratchet_tree is non-blank, and then extend the tree to the right".
   *
   * @param counted the indexes of all these nodes, where somebody has counted them already
   * @throws CopseError "tree-malformed"; "parent-hash" for a parent node that is above no member (valn1406).
   */
  static fromNodes(
    suite: CipherSuite,
    nodes: RatchetTreeNodes,
    clientKey?: ClientKey,
    counted?: TreeIndexes,
  ): RatchetTree {
    if (nodes[nodes.length - 1] === undefined)
      throw new CopseError("tree-malformed", { detail: "the last node is blank" });
    // Appendix D: "the length of the array MUST be odd", for leaves and parents take turns.
    if (nodes.length % 2 === 0) throw new CopseError("tree-malformed", { detail: "an even number of nodes" });
    const indexes = counted ?? new TreeIndexes(clientKey);
    if (counted === undefined) for (const node of nodes) indexes.addNode(node);
    let level = 0;
    while (2 ** (level + 1) - 1 < nodes.length) level++;
    const root = subtree(nodes, level, 0); // whose right half holds a member: the last node, which is a leaf
    indexes.settle();
    return new RatchetTree(suite, root, indexes);
  }

  get root(): TreeNode {
    return this.#root;
  }

  /** The number of leaves, blank or not: a power of two. */
  get width(): number {
    return this.#root.width;
  }

  /** The number of members. */
  get size(): number {
    return this.#root.members;
  }

  /** The leaf node at an index, or undefined where it is blank or outside the tree. */
  leaf(leafIndex: number): LeafNode | undefined {
    if (!Number.isInteger(leafIndex) || leafIndex < 0 || leafIndex >= this.width) return undefined;
    let node = this.#root;
    while (!node.isLeaf) node = node.childToward(leafIndex);
    return node.leafNode;
  }

  /** The leaves that are not blank, from left to right. */
  *leaves(): Iterable<[leafIndex: number, leafNode: LeafNode]> {
    const open: TreeNode[] = [this.#root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.members === 0) continue;
      if (node.isLeaf) yield [node.firstLeaf, node.leafNode!];
      else open.push(node.right, node.left);
    }
  }

  /** The root's tree hash. RFC 9420 section 7.8 */
  hash(): Uint8Array {
    return this.#root.hash(this.suite);
  }

  /** The nodes as `ratchet_tree` lists them. RFC 9420 section 12.4.3.3 */
  toNodes(): RatchetTreeNodes {
    const nodes: (Node | undefined)[] = new Array<Node | undefined>(2 * this.width - 1).fill(undefined);
    const visit = (node: TreeNode): void => {
      const position = 2 * node.firstLeaf + node.width - 1;
      if (node.isLeaf) {
        if (node.leafNode !== undefined) nodes[position] = { type: "leaf", leafNode: node.leafNode };
        return;
      }
      if (node.members === 0) return;
      if (node.parentNode !== undefined) nodes[position] = { type: "parent", parentNode: node.parentNode };
      visit(node.left);
      visit(node.right);
    };
    visit(this.#root);
    let length = nodes.length;
    while (length > 0 && nodes[length - 1] === undefined) length--;
    nodes.length = length;
    return nodes;
  }

  /** This tree with other leaves in some places, for looking leaves up and nothing else. */
  withLeaves(differences: readonly LeafDifference[]): LeafLookup {
    let root = this.#root;
    for (const [leafIndex, leafNode] of differences) {
      while (leafIndex >= root.width)
        root = new ParentSlot(root.level + 1, 0, undefined, [root, blank(root.level, root.width)]);
      root = rebuild(root, new LeafSlot(leafIndex, leafNode), () => undefined);
    }
    return new RatchetTree(this.suite, root, new TreeIndexes());
  }

  /** The leaves that are not another tree's. Where the two share nodes, nothing is visited. */
  differencesFrom(other: LeafLookup): readonly LeafDifference[] {
    return leafDifferences(this.#root, other.root);
  }

  /**
   * A fork with other nodes in some places: the tree of another epoch, told by how it differs. It shares every node that is
   * neither in such a place nor above one.
   *
   * @throws CopseError "tree-malformed" for a node that can't be where it is said to be.
   */
  withNodes(differences: readonly NodeDifference[]): RatchetTree {
    const fork = this.fork();
    let last = 0;
    for (const [nodeIndex, node] of differences) if (node !== undefined) last = Math.max(last, nodeIndex);
    while (last > 2 * (fork.width - 1)) fork.#grow();
    const places = differences.filter(([nodeIndex]) => nodeIndex <= 2 * (fork.width - 1)).sort(([a], [b]) => a - b);
    fork.#root = exchange(fork.#root, places, fork.indexes);
    fork.truncate();
    return fork;
  }

  /** A tree to change, which shares everything with this one. */
  fork(): RatchetTree {
    return new RatchetTree(this.suite, this.#root, this.indexes.fork());
  }

  /**
   * Make this fork the current tree: other forks of the same tree can't be used afterwards, except to be read, and except
   * for one that was made of this one and is named.
   */
  settle(fork?: RatchetTree): void {
    this.indexes.settle(fork?.indexes);
  }

  /** Where the next member would be added: the leftmost blank leaf, or the first beyond the tree. */
  get nextLeaf(): number {
    let node = this.#root;
    if (node.members === node.width) return node.width;
    while (!node.isLeaf) node = node.left.members < node.left.width ? node.left : node.right;
    return node.firstLeaf;
  }

  /** Add a member at the leftmost blank leaf, extending the tree where there is none. RFC 9420 section 12.1.1 */
  add(leafNode: LeafNode): number {
    const leafIndex = this.reserve();
    this.indexes.addLeaf(leafNode);
    this.#root = rebuild(this.#root, new LeafSlot(leafIndex, leafNode), (node) => {
      if (node.parentNode === undefined) return undefined;
      const { encryptionKey, parentHash, unmergedLeaves } = node.parentNode;
      return { encryptionKey, parentHash, unmergedLeaves: insertSorted(unmergedLeaves, leafIndex) };
    });
    return leafIndex;
  }

  /** Make sure that there is a blank leaf, and give the leftmost. RFC 9420 sections 7.7, 12.4.2 */
  reserve(): number {
    const leafIndex = this.nextLeaf;
    if (leafIndex === this.width) this.#grow();
    return leafIndex;
  }

  /** Double the tree: its right half is blank. RFC 9420 section 7.7 */
  #grow(): void {
    const { level, width } = this.#root;
    this.#root = new ParentSlot(level + 1, 0, undefined, [this.#root, blank(level, width)]);
  }

  /** Replace a member's leaf and blank the nodes above it. RFC 9420 section 12.1.2 */
  update(leafIndex: number, leafNode: LeafNode): void {
    this.#replaceLeaf(leafIndex, leafNode);
  }

  /** Blank a member's leaf and the nodes above it. The tree is not yet truncated. RFC 9420 section 12.1.3 */
  remove(leafIndex: number): void {
    this.#replaceLeaf(leafIndex, undefined);
  }

  /** Halve the tree until its right half holds a member. RFC 9420 section 12.1.3 */
  truncate(): void {
    while (!this.#root.isLeaf && this.#root.right.members === 0) this.#root = this.#root.left;
  }

  /**
   * The nodes above a leaf whose copath child has a resolution, from the lowest up. A child that holds only new members
   * counts: its node stays in the path, with no ciphertext. RFC 9420 section 4.1.2
   */
  filteredDirectPath(leafIndex: number): readonly PathStep[] {
    const steps: PathStep[] = [];
    for (let node = this.#root; !node.isLeaf; node = node.childToward(leafIndex)) {
      const copath = node.childAwayFrom(leafIndex);
      if (copath.members > 0) steps.push({ level: node.level, node, copath });
    }
    return steps.reverse();
  }

  /**
   * New parent nodes for a leaf's filtered direct path, with their parent hashes "computed from root to leaf". The nodes'
   * unmerged leaves are empty, so each original sibling tree hash is the sibling's tree hash. RFC 9420 sections 7.5, 7.9
   */
  planPath(path: readonly PathStep[], encryptionKeys: readonly Uint8Array[]): PlannedPath {
    const parents = new Map<number, ParentNode>();
    let parentHash: Uint8Array = nothing;
    for (let i = path.length - 1; i >= 0; i--) {
      const { level, copath } = path[i]!;
      const encryptionKey = encryptionKeys[i]!;
      parents.set(level, { encryptionKey, parentHash, unmergedLeaves: [] });
      const originalSiblingTreeHash = copath.hash(this.suite);
      parentHash = hashOfParent(this.suite, { encryptionKey, parentHash, originalSiblingTreeHash });
    }
    return { parents, parentHash };
  }

  /** Set the committer's leaf and the nodes above it: the planned ones, and blank between them. RFC 9420 section 7.5 */
  mergePath(leafIndex: number, leafNode: LeafNode, { parents }: PlannedPath): void {
    this.#replaceLeaf(leafIndex, leafNode, parents);
    for (const parent of parents.values()) this.indexes.addParent(parent);
  }

  #replaceLeaf(leafIndex: number, leafNode: LeafNode | undefined, parents?: ReadonlyMap<number, ParentNode>): void {
    const before = this.leaf(leafIndex);
    if (before !== undefined) this.indexes.removeLeaf(before);
    if (leafNode !== undefined) this.indexes.addLeaf(leafNode);
    this.#root = rebuild(this.#root, new LeafSlot(leafIndex, leafNode), (node) => {
      if (node.parentNode !== undefined) this.indexes.removeParent(node.parentNode);
      return parents?.get(node.level);
    });
  }
}

/** New nodes from a leaf to the root; `contents` says what each parent on the way holds. */
function rebuild(node: TreeNode, leaf: LeafSlot, contents: (node: ParentSlot) => ParentNode | undefined): TreeNode {
  if (node.isLeaf) return leaf;
  const parentNode = contents(node);
  const child = rebuild(node.childToward(leaf.firstLeaf), leaf, contents);
  return node.withChild(leaf.firstLeaf, child, parentNode);
}

/** New nodes where they differ and above; the differences are of this subtree, by index. */
function exchange(place: TreeNode, differences: readonly NodeDifference[], indexes: TreeIndexes): TreeNode {
  if (differences.length === 0) return place;
  const own = 2 * place.firstLeaf + place.width - 1;
  const entry = differences.find(([nodeIndex]) => nodeIndex === own);
  const node = entry?.[1];
  if (entry !== undefined) indexes.addNode(node);
  if (place.isLeaf) {
    if (place.leafNode !== undefined) indexes.removeLeaf(place.leafNode);
    if (node?.type === "parent") throw new CopseError("tree-malformed", { detail: "a parent node at a leaf's place" });
    return new LeafSlot(place.firstLeaf, node?.leafNode);
  }
  if (node?.type === "leaf") throw new CopseError("tree-malformed", { detail: "a leaf node at a parent's place" });
  if (entry !== undefined && place.parentNode !== undefined) indexes.removeParent(place.parentNode);
  const left = differences.filter(([nodeIndex]) => nodeIndex < own);
  const right = differences.filter(([nodeIndex]) => nodeIndex > own);
  return new ParentSlot(place.level, place.firstLeaf, entry === undefined ? place.parentNode : node?.parentNode, [
    exchange(place.left, left, indexes),
    exchange(place.right, right, indexes),
  ]);
}

function insertSorted(sorted: readonly number[], value: number): readonly number[] {
  let at = sorted.length;
  while (at > 0 && sorted[at - 1]! > value) at--;
  return [...sorted.slice(0, at), value, ...sorted.slice(at)];
}

function subtree(nodes: RatchetTreeNodes, level: number, firstLeaf: number): TreeNode {
  const width = 2 ** level;
  if (2 * firstLeaf >= nodes.length) return blank(level, firstLeaf);
  const node = nodes[2 * firstLeaf + width - 1];
  if (level === 0) {
    if (node?.type === "parent") throw new CopseError("tree-malformed", { detail: "a parent node at a leaf's place" });
    return new LeafSlot(firstLeaf, node?.leafNode);
  }
  if (node?.type === "leaf") throw new CopseError("tree-malformed", { detail: "a leaf node at a parent's place" });
  const left = subtree(nodes, level - 1, firstLeaf);
  const right = subtree(nodes, level - 1, firstLeaf + width / 2);
  // No leaf could vouch for its key. From here on, a subtree without members is blank.
  if (node !== undefined && left.members + right.members === 0) {
    throw new CopseError("parent-hash", { rule: "valn1406", detail: "a parent node above no member" });
  }
  return new ParentSlot(level, firstLeaf, node?.parentNode, [left, right]);
}
