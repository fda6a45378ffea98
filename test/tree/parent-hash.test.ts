import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { CopseError } from "../../src/errors.ts";
import { checkUnmergedLeaves } from "../../src/rules/welcome.ts";
import { isParentHashValid } from "../../src/tree/parent-hash.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import type { Node, ParentNode } from "../../src/wire/ratchet-tree.ts";
import * as encode from "../wire/naive.ts";
import { level } from "./appendix-c.ts";
import { epochAfter, History, history, keyPackageSource, leafNode, suite } from "./histories.ts";
import { NaiveTree, type Nodes } from "./naive-tree.ts";

/** Whether a joiner would take this tree, as far as parent nodes go. */
function isAccepted(nodes: Nodes): boolean {
  try {
    const tree = RatchetTree.fromNodes(suite, nodes);
    checkUnmergedLeaves(tree);
    return isParentHashValid(suite, tree.root);
  } catch (error) {
    if (error instanceof CopseError) return false;
    throw error;
  }
}

function isAcceptable(nodes: Nodes): boolean {
  const full = 2 ** Math.ceil(Math.log2(nodes.length + 1)) - 1;
  const naive = new NaiveTree([...nodes, ...new Array<undefined>(full - nodes.length).fill(undefined)]);
  return naive.areUnmergedLeavesValid() && naive.isParentHashValid();
}

test("after every commit of any history, all parent hashes are valid", () => {
  let parents = 0;
  fc.assert(
    fc.property(history, (steps) => {
      const run = new History();
      for (const step of steps) {
        const { tree, naive } = run.advance(step);
        expect(isParentHashValid(suite, tree.root)).toBe(true);
        checkUnmergedLeaves(tree);
        parents += naive.nodes.filter((node) => node?.type === "parent").length;
      }
      const { naive } = run.epoch;
      expect(naive.isParentHashValid() && naive.areUnmergedLeavesValid()).toBe(true);
    }),
    { numRuns: 40 },
  );
  expect(parents).toBeGreaterThan(1000);
});

describe("a tree that somebody has tampered with is refused", () => {
  type Tamper = (parentNode: ParentNode, naive: NaiveTree, x: number, number: number) => ParentNode | undefined;
  const flip = (bytes: Uint8Array, number: number): Uint8Array =>
    bytes.with(number % bytes.length, bytes[number % bytes.length]! ^ (1 << (number % 8)));

  const tampers: readonly [string, Tamper][] = [
    ["another key", (node, _, __, number) => ({ ...node, encryptionKey: flip(node.encryptionKey, number) })],
    [
      "another parent hash",
      (node, _, __, number) => ({
        ...node,
        parentHash: node.parentHash.length === 0 ? new Uint8Array(32) : flip(node.parentHash, number),
      }),
    ],
    [
      "no parent hash",
      (node) => (node.parentHash.length === 0 ? undefined : { ...node, parentHash: new Uint8Array(0) }),
    ],
    [
      "one more unmerged leaf",
      (node, naive, x, number) => {
        const leaves = Array.from({ length: naive.width }, (_, i) => i);
        const others = leaves.filter((i) => naive.isBelow(2 * i, x) && !node.unmergedLeaves.includes(i));
        if (others.length === 0) return undefined;
        const unmergedLeaves = [...node.unmergedLeaves, others[number % others.length]!].sort((a, b) => a - b);
        return { ...node, unmergedLeaves };
      },
    ],
    [
      "one unmerged leaf less",
      (node, _, __, number) => {
        const gone = node.unmergedLeaves[number % node.unmergedLeaves.length];
        if (gone === undefined) return undefined;
        return { ...node, unmergedLeaves: node.unmergedLeaves.filter((leaf) => leaf !== gone) };
      },
    ],
    [
      "unmerged leaves in another order",
      (node) =>
        node.unmergedLeaves.length < 2 ? undefined : { ...node, unmergedLeaves: node.unmergedLeaves.toReversed() },
    ],
    [
      "an unmerged leaf listed twice",
      (node) => {
        const [first, ...rest] = node.unmergedLeaves;
        return first === undefined ? undefined : { ...node, unmergedLeaves: [first, first, ...rest] };
      },
    ],
    [
      "an unmerged leaf from elsewhere",
      (node, naive, x) => {
        const outside = [naive.width, ...naive.members()].find((i) => !naive.isBelow(2 * i, x))!;
        const unmergedLeaves = [...node.unmergedLeaves, outside].sort((a, b) => a - b);
        return { ...node, unmergedLeaves };
      },
    ],
  ];

  test.each(tampers)("%s", (_, tamper) => {
    let count = 0;
    fc.assert(
      fc.property(history, fc.nat(), fc.nat(1000), (steps, which, number) => {
        const run = new History();
        const candidates = steps
          .map((step) => run.advance(step).naive)
          .flatMap((naive) =>
            [...naive.nodes.keys()].flatMap((x) => {
              const parentNode = naive.parent(x);
              const changed = parentNode && tamper(parentNode, naive, x, number);
              return changed === undefined ? [] : [{ naive, x, changed }];
            }),
          );
        const chosen = candidates[which % candidates.length];
        if (chosen === undefined) return;
        count++;
        const nodes = [...chosen.naive.trimmed()];
        nodes[chosen.x] = { type: "parent", parentNode: chosen.changed };
        expect(isAccepted(nodes)).toBe(false);
        expect(isAcceptable(nodes)).toBe(false);
      }),
      { numRuns: 40 },
    );
    expect(count).toBeGreaterThan(0);
  });

  test("a node that was never part of a path, and one that was taken away, as the RFC's own steps decide", () => {
    const verdicts = { accepted: 0, refused: 0 };
    const change = fc.record({ at: fc.nat(), number: fc.nat(1000), kind: fc.nat(3) });
    fc.assert(
      fc.property(history, fc.array(change, { minLength: 1, maxLength: 2 }), (steps, changes) => {
        const nodes = [...epochAfter(steps).naive.trimmed()];
        for (const { at, number, kind } of changes) {
          const x = at % nodes.length;
          if (kind === 0) nodes[x] = undefined;
          else if (level(x) > 0) nodes[x] = parentOf(number, kind === 1 ? [] : [number % 8, (number >> 3) % 8]);
          else nodes[x] = { type: "leaf", leafNode: leafNode(10_000 + number, keyPackageSource) };
        }
        const last = nodes.findLastIndex((node) => node !== undefined);
        if (last < 0 || last % 2 === 1) return; // other rules are about these
        const trimmed = nodes.slice(0, last + 1);
        const expected = isAcceptable(trimmed);
        expect(isAccepted(trimmed)).toBe(expected);
        verdicts[expected ? "accepted" : "refused"]++;
      }),
      { numRuns: 120 },
    );
    expect(Math.min(verdicts.accepted, verdicts.refused)).toBeGreaterThan(10);
  });
});

describe("of a parent's descendants, exactly one carries its parent hash, and the others below that child are unmerged", () => {
  const blanks = (count: number): undefined[] => new Array<undefined>(count).fill(undefined);
  const member = (number: number): Node => ({ type: "leaf", leafNode: leafNode(number, keyPackageSource) });
  /** Eight leaves: 0 and 1 alone below a blank left half, 4 in the right one. The root lists these, and leaf 1 its hash. */
  const treeWith = (unmergedLeaves: readonly number[]): NaiveTree => {
    const root = parentOf(1, unmergedLeaves);
    const tree = new NaiveTree([member(0), undefined, undefined, ...blanks(4), root, member(4), ...blanks(6)]);
    const parentHash = tree.parentHash(tree.parent(7)!, 11);
    tree.nodes[2] = { type: "leaf", leafNode: leafNode(1, { type: "commit", parentHash }) };
    return tree;
  };

  test.each<[string, readonly number[], boolean]>([
    ["a leaf that is neither is not below a valid parent", [], false],
    ["as an unmerged leaf it is", [0], true],
    ["a blank leaf can't stand for it", [2], false],
    ["nor may the leaf that has the hash be unmerged", [0, 1], false],
  ])("%s", (_, unmergedLeaves, expected) => {
    const naive = treeWith(unmergedLeaves);
    const { root } = RatchetTree.fromNodes(suite, naive.trimmed());
    expect(naive.isParentHashValid()).toBe(expected);
    expect(isParentHashValid(suite, root)).toBe(expected);
  });
});

function parentOf(number: number, unmergedLeaves: readonly number[]): Node {
  return {
    type: "parent",
    parentNode: { encryptionKey: encode.uint(4, 20_000 + number), parentHash: new Uint8Array(0), unmergedLeaves },
  };
}

/** A group by hand: leaves that are added, removed and commit in the order that a test needs. */
class ByHand {
  readonly tree: RatchetTree;
  readonly naive: NaiveTree;
  #number = 1;

  constructor() {
    const leaf = this.#leaf();
    this.tree = RatchetTree.create(suite, leaf);
    this.naive = new NaiveTree([{ type: "leaf", leafNode: leaf }]);
  }

  add(count = 1): this {
    for (let i = 0; i < count; i++) {
      const leaf = this.#leaf();
      this.tree.add(leaf);
      this.naive.add(leaf);
    }
    return this;
  }

  remove(leafIndex: number): this {
    this.tree.remove(leafIndex);
    this.tree.truncate();
    this.naive.remove(leafIndex);
    return this;
  }

  commit(leafIndex: number): this {
    const path = this.tree.filteredDirectPath(leafIndex);
    const keys = path.map(() => encode.uint(4, this.#number++));
    const planned = this.tree.planPath(path, keys);
    const leafNodeSource = { type: "commit", parentHash: planned.parentHash } as const;
    const leaf = { ...this.#leaf(), leafNodeSource };
    this.tree.mergePath(leafIndex, leaf, planned);
    this.naive.mergePath(leafIndex, keys, () => leaf);
    return this;
  }

  #leaf(): LeafNode {
    return leafNode(this.#number++, keyPackageSource);
  }
}

describe("the original sibling tree hash", () => {
  /** The tree as the joiner gets it, with one leaf replaced. */
  const withLeaf = (nodes: Nodes, leafIndex: number): Nodes =>
    nodes.with(2 * leafIndex, { type: "leaf", leafNode: leafNode(999, keyPackageSource) });

  test("is that of the RFC's example: F is blanked, and taken from Y's unmerged leaves", () => {
    // Section 7.9: W = 7 [F], U = 3, T = 1, Y = 11 [F], V, X and Z blank; A to G are the leaves 0 to 6.
    const group = new ByHand().add(6).remove(5).commit(6).commit(0).add();
    const { naive, tree } = group;
    expect([naive.parent(7)?.unmergedLeaves, naive.parent(11)?.unmergedLeaves]).toEqual([[5], [5]]);
    expect(naive.parent(9)).toBeUndefined();
    const original = new NaiveTree(naive.nodes);
    original.nodes[10] = undefined;
    const y = naive.parent(11)!;
    original.nodes[11] = { type: "parent", parentNode: { ...y, unmergedLeaves: [] } };
    expect(hex(naive.originalSiblingTreeHash(naive.parent(7)!, 11))).toBe(hex(original.treeHash(11)));
    expect(isParentHashValid(suite, tree.root)).toBe(true);
    // The parent hash fixes E, which was there when W was made, and says nothing of F, which was not.
    expect(isAccepted(withLeaf(naive.trimmed(), 4))).toBe(false);
    expect(isAccepted(withLeaf(naive.trimmed(), 5))).toBe(true);
  });

  test("looks below blank ancestors for the leaves that came later", () => {
    // The whole right half is blank above its leaves when A commits; then the leaf 5 comes back, below nodes 9 and 11.
    const { naive, tree } = new ByHand().add(6).remove(5).commit(0).add();
    expect(naive.parent(7)?.unmergedLeaves).toEqual([5]);
    expect([naive.parent(9), naive.parent(11)]).toEqual([undefined, undefined]);
    expect(naive.isParentHashValid()).toBe(true);
    expect(isParentHashValid(suite, tree.root)).toBe(true);
    expect(isAccepted(withLeaf(naive.trimmed(), 5))).toBe(true);
    expect(isAccepted(withLeaf(naive.trimmed(), 4))).toBe(false);
  });

  test("looks below a node that does list the leaf for another one, with a blank node between", () => {
    // Y = 11 lists both newcomers, but X = 9 above one of them is blank.
    const { naive, tree } = new ByHand().add(7).remove(5).remove(7).commit(6).commit(0).add(2);
    expect([naive.parent(7)?.unmergedLeaves, naive.parent(11)?.unmergedLeaves]).toEqual([
      [5, 7],
      [5, 7],
    ]);
    expect([naive.parent(9), naive.parent(13)]).toEqual([undefined, undefined]);
    expect(isParentHashValid(suite, tree.root)).toBe(true);
  });

  test("of a parent with unmerged leaves on both sides is that without all of them", () => {
    const { naive, tree } = new ByHand().add(7).remove(1).remove(5).commit(6).commit(0).add(2);
    expect(naive.parent(7)?.unmergedLeaves).toEqual([1, 5]);
    expect(isParentHashValid(suite, tree.root)).toBe(true);
    expect(naive.isParentHashValid()).toBe(true);
  });
});
