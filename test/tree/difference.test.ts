import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { leafDifferences, nodeDifferences } from "../../src/tree/difference.ts";
import { blank, LeafSlot, ParentSlot } from "../../src/tree/node.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import { History, history, keyPackageSource, leafNode, suite } from "./histories.ts";

/** The leaves of one tree that are not those of another, by looking at all. */
function naiveDifferences(of: RatchetTree, from: RatchetTree): [number, LeafNode | undefined][] {
  const differences: [number, LeafNode | undefined][] = [];
  for (let i = 0; i < Math.max(of.width, from.width); i++) {
    if (of.leaf(i) !== from.leaf(i)) differences.push([i, of.leaf(i)]);
  }
  return differences;
}

/** All trees of a history, one an epoch. */
const epochs = history.map((steps) => {
  const run = new History();
  return [run.epoch.tree, ...steps.map((step) => run.advance(step).tree)];
});

describe("between any two epochs", () => {
  test("the differences are the leaves that are not the same, from left to right", () => {
    fc.assert(
      fc.property(epochs, fc.nat(), fc.nat(), (trees, i, j) => {
        const [of, from] = [trees[i % trees.length]!, trees[j % trees.length]!];
        const differences = leafDifferences(of.root, from.root);
        const expected = naiveDifferences(of, from);
        expect(differences.map(([leafIndex]) => leafIndex)).toEqual(expected.map(([leafIndex]) => leafIndex));
        expect(differences.every(([, leaf], at) => leaf === expected[at]![1])).toBe(true);
        expect(of.differencesFrom(from)).toEqual(differences);
      }),
      { numRuns: 60 },
    );
  });

  test("one's nodes with the differences are the other's nodes, and no node is named twice", () => {
    fc.assert(
      fc.property(epochs, fc.nat(), fc.nat(), (trees, i, j) => {
        const [of, from] = [trees[i % trees.length]!, trees[j % trees.length]!];
        const nodes = new Map(nodeDifferences(from.root, undefined));
        const differences = nodeDifferences(of.root, from.root);
        expect(new Set(differences.map(([nodeIndex]) => nodeIndex)).size).toBe(differences.length);
        for (const [nodeIndex, node] of differences) {
          if (node === undefined) nodes.delete(nodeIndex);
          else nodes.set(nodeIndex, node);
        }
        const expected = [...of.toNodes().entries()].filter(([, node]) => node !== undefined);
        expect([...nodes].sort(([a], [b]) => a - b)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test("a tree with the other's differences looks up the other's leaves, and nothing beyond", () => {
    fc.assert(
      fc.property(epochs, fc.nat(), fc.nat(), (trees, i, j) => {
        const [past, current] = [trees[i % trees.length]!, trees[j % trees.length]!];
        const before = current.hash();
        const lookup = current.withLeaves(past.differencesFrom(current));
        for (let leaf = 0; leaf <= 2 * Math.max(past.width, current.width); leaf++) {
          expect(lookup.leaf(leaf) === past.leaf(leaf)).toBe(true);
        }
        expect(current.hash()).toBe(before);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what is compared", () => {
  const tree = (count: number): RatchetTree => {
    const tree = RatchetTree.create(suite, leafNode(0, keyPackageSource));
    for (let i = 1; i < count; i++) tree.add(leafNode(i, keyPackageSource));
    return tree;
  };

  afterEach(() => vi.restoreAllMocks());

  test("a tree with itself or its fork has no differences", () => {
    const one = tree(5);
    expect(one.differencesFrom(one)).toEqual([]);
    expect(one.fork().differencesFrom(one)).toEqual([]);
  });

  test("blank subtrees are nothing, whether they are there or not", () => {
    const leaf = new LeafSlot(0, leafNode(0, keyPackageSource));
    const wide = new ParentSlot(2, 0, undefined, [new ParentSlot(1, 0, undefined, [leaf, blank(0, 1)]), blank(1, 2)]);
    expect(leafDifferences(wide, leaf)).toEqual([]);
    expect(leafDifferences(leaf, wide)).toEqual([]);
  });

  test("only where nodes are not shared: two getters a level and listing for one changed leaf of a thousand", () => {
    const before = tree(1024);
    const after = before.fork();
    const changed = leafNode(5000, keyPackageSource);
    after.update(700, changed);
    const left = vi.spyOn(ParentSlot.prototype, "left", "get");
    const right = vi.spyOn(ParentSlot.prototype, "right", "get");
    expect(after.differencesFrom(before)).toEqual([[700, changed]]);
    expect(nodeDifferences(after.root, before.root)).toEqual([[1400, { type: "leaf", leafNode: changed }]]);
    expect(left.mock.calls.length + right.mock.calls.length).toBeLessThanOrEqual(8 * 10);
  });
});
