/**
 * Histories of ratchet trees: any sequence of commits, applied to the tree and to the naive one side by side.
 */

import fc from "fast-check";
import { hex } from "../../src/bytes/text.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import type { ClientKey } from "../../src/tree/indexes.ts";
import type { TreeNode } from "../../src/tree/node.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import type { LeafNode, LeafNodeSource } from "../../src/wire/leaf-node.ts";
import * as encode from "../wire/naive.ts";
import { NaiveTree, type Nodes } from "./naive-tree.ts";

export const suite: CipherSuite = nodeProvider.cipherSuite(1);

/** A commit: its proposals in the order of section 12.3, then its path. Members are named by any number. */
export interface Step {
  readonly updates: readonly number[];
  readonly removes: readonly number[];
  readonly adds: number;
  /** Who commits, where the commit has a path. */
  readonly path: number | undefined;
  /** Whether the commit is dropped instead of becoming the next epoch. */
  readonly dropped: boolean;
}

const nothing: Step = { updates: [], removes: [], adds: 0, path: undefined, dropped: false };
const anybody = fc.nat(1000);
const members = (maxLength: number): fc.Arbitrary<number[]> => fc.array(anybody, { maxLength, size: "max" });
const path = fc.option(anybody, { nil: undefined });
const dropped = fc.nat(4).map((number) => number === 0);
const some = (fields: { [K in keyof Step]?: fc.Arbitrary<Step[K]> }): fc.Arbitrary<Step> =>
  fc.record(fields).map((given) => ({ ...nothing, ...given }));
const adds = fc.integer({ min: 1, max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: some({ path: anybody }) },
  { weight: 3, arbitrary: some({ adds }) },
  { weight: 1, arbitrary: some({ updates: members(3), path }) },
  { weight: 2, arbitrary: some({ removes: members(3), path }) },
  { weight: 1, arbitrary: some({ updates: members(3), removes: members(3), adds, path, dropped }) },
  { weight: 1, arbitrary: some({ removes: members(25), path, dropped }) },
);

/** Long enough for trees to grow to 40 leaves, to become sparse, and to be rebuilt. */
export const history: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.constantFrom(0, 1, 2, 6, 15, 24, 39), fc.array(step, { minLength: 1, maxLength: 30, size: "max" }))
  .map(([adds, steps]) => [{ ...nothing, adds }, ...steps]);

/** The most members at once. */
const mostLeaves = 40;

/** Leaf nodes that are told apart by a number. */
export function leafNode(number: number, leafNodeSource: LeafNodeSource, fields: Partial<LeafNode> = {}): LeafNode {
  return {
    encryptionKey: encode.uint(4, number),
    signatureKey: encode.uint(8, number),
    credential: { type: "basic", identity: encode.uint(4, number) },
    capabilities: { versions: [1], cipherSuites: [1], extensions: [], proposals: [], credentials: [1] },
    leafNodeSource,
    extensions: [],
    signature: new Uint8Array(0),
    ...fields,
  };
}

export const keyPackageSource: LeafNodeSource = { type: "key_package", lifetime: { notBefore: 0n, notAfter: 0n } };

/** A place where both trees are the same. */
export interface Epoch {
  readonly tree: RatchetTree;
  readonly naive: NaiveTree;
}

/** What a commit makes of an epoch. */
export interface NextEpoch extends Epoch {
  /** The tree after the proposals, for which the path is made. */
  readonly provisional: { readonly root: TreeNode; readonly naive: NaiveTree };
  /** The leaves that the commit adds, in increasing order. */
  readonly newLeaves: readonly number[];
}

/** How leaves differ beyond their keys; by default, not at all. */
export type Fields = (number: number) => Partial<LeafNode>;

/** A history under way. */
export class History {
  #epoch: Epoch;
  #number = 0;
  readonly #fields: Fields;

  constructor(fields: Fields = () => ({}), clientKey?: ClientKey) {
    this.#fields = fields;
    const first = this.#leaf(keyPackageSource);
    const naive = new NaiveTree([{ type: "leaf", leafNode: first }]);
    this.#epoch = { tree: RatchetTree.create(suite, first, clientKey), naive };
  }

  get epoch(): Epoch {
    return this.#epoch;
  }

  /** What a commit makes of the current epoch, in a fork that can still be dropped. */
  prepare(step: Step): NextEpoch {
    const tree = this.#epoch.tree.fork();
    const naive = this.#epoch.naive.clone();
    const committer = step.path === undefined ? undefined : pick(naive.members(), step.path);
    for (const number of step.updates) {
      const leafIndex = pick(naive.members(), number);
      const leaf = this.#leaf({ type: "update" });
      tree.update(leafIndex, leaf);
      naive.update(leafIndex, leaf);
    }
    for (const number of step.removes) {
      const removable = naive.members().filter((leafIndex) => leafIndex !== committer);
      if (removable.length === 0 || naive.members().length === 1) break;
      const leafIndex = pick(removable, number);
      tree.remove(leafIndex);
      naive.remove(leafIndex);
    }
    tree.truncate();
    const newLeaves: number[] = [];
    for (let i = 0; i < step.adds && naive.members().length < mostLeaves; i++) {
      const leaf = this.#leaf(keyPackageSource);
      newLeaves.push(tree.add(leaf));
      naive.add(leaf);
    }
    newLeaves.sort((a, b) => a - b);
    const provisional = { root: tree.root, naive: naive.clone() };
    if (committer !== undefined) this.#commitPath(tree, naive, committer);
    return { tree, naive, provisional, newLeaves };
  }

  /** Make a prepared epoch the current one. */
  settle(next: Epoch): void {
    next.tree.settle();
    this.#epoch = next;
  }

  /** Prepare, and settle unless the step says that it is dropped. */
  advance(step: Step): NextEpoch {
    const next = this.prepare(step);
    if (!step.dropped) this.settle(next);
    return next;
  }

  #commitPath(tree: RatchetTree, naive: NaiveTree, committer: number): void {
    const path = tree.filteredDirectPath(committer);
    const keys = path.map(() => encode.uint(4, ++this.#number));
    const planned = tree.planPath(path, keys);
    const leaf = this.#leaf({ type: "commit", parentHash: planned.parentHash });
    tree.mergePath(committer, leaf, planned);
    naive.mergePath(committer, keys, (parentHash) => ({
      ...leaf,
      leafNodeSource: { type: "commit", parentHash },
    }));
  }

  #leaf(source: LeafNodeSource): LeafNode {
    const number = ++this.#number;
    return leafNode(number, source, this.#fields(number));
  }
}

/** The current epoch after these steps. */
export function epochAfter(steps: readonly Step[], fields?: Fields, clientKey?: ClientKey): Epoch {
  const history = new History(fields, clientKey);
  for (const each of steps) history.advance(each);
  return history.epoch;
}

function pick(list: readonly number[], number: number): number {
  return list[number % list.length]!;
}

/** Every node of a subtree with its index in the array. */
export function* nodesBelow(node: TreeNode): Iterable<readonly [index: number, node: TreeNode]> {
  yield [indexOf(node), node];
  if (node.isLeaf) return;
  yield* nodesBelow(node.left);
  yield* nodesBelow(node.right);
}

/** The index of a node in the array. */
export function indexOf({ level, firstLeaf }: { readonly level: number; readonly firstLeaf: number }): number {
  return 2 * firstLeaf + 2 ** level - 1;
}

/** Nodes in a form that is quick to compare. */
export function nodesHex(nodes: Nodes): string {
  return hex(encode.ratchetTreeNodes(nodes));
}
