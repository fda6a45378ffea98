import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { leafDifferences, nodeDifferences } from "../../src/tree/difference.ts";
import { blank, LeafSlot, ParentSlot, type TreeNode } from "../../src/tree/node.ts";
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

  test("a tree with the other's nodes is the other, in all that is counted of it too, and can be changed like it", () => {
    fc.assert(
      fc.property(epochs, fc.nat(), fc.nat(), fc.integer({ min: 0, max: 7 }), (trees, i, j, at) => {
        const [of, from] = [trees[i % trees.length]!, trees[j % trees.length]!];
        // As a store gives them: nodes of its own, in no order.
        const [base, other] = [RatchetTree.fromNodes(suite, from.toNodes()), of.toNodes()];
        const places = nodeDifferences(of.root, from.root).map(([nodeIndex]) => nodeIndex);
        const made = base.withNodes(places.reverse().map((nodeIndex) => [nodeIndex, other[nodeIndex]] as const));
        const expected = RatchetTree.fromNodes(suite, other);
        expect(made.hash()).toEqual(expected.hash());
        expect(made.toNodes()).toEqual(other);
        expect([made.width, made.size, made.nextLeaf]).toEqual([expected.width, expected.size, expected.nextLeaf]);
        expect(nodeDifferences(made.root, base.root).map(([nodeIndex]) => nodeIndex)).toEqual(places.reverse());
        const shares = (node: TreeNode, was: TreeNode): void => {
          if (node.level > was.level && !node.isLeaf) {
            shares(node.left, was);
            return;
          }
          if (was.level > node.level && !was.isLeaf) {
            shares(node, was.left);
            return;
          }
          const [first, last] = [2 * node.firstLeaf, 2 * (node.firstLeaf + node.width - 1)];
          if (!places.some((nodeIndex) => nodeIndex >= first && nodeIndex <= last)) expect(node === was).toBe(true);
          if (node === was || node.isLeaf || was.isLeaf) return;
          shares(node.left, was.left);
          shares(node.right, was.right);
        };
        shares(made.root, base.root);
        const same = (): void => {
          for (const node of [...from.toNodes(), ...other]) {
            const key = node?.type === "leaf" ? node.leafNode.encryptionKey : node?.parentNode.encryptionKey;
            if (key === undefined) continue;
            expect(made.indexes.encryptionKeyCount(key)).toBe(expected.indexes.encryptionKeyCount(key));
            if (node?.type !== "leaf") continue;
            const { signatureKey } = node.leafNode;
            expect(made.indexes.signatureKeyCount(signatureKey)).toBe(expected.indexes.signatureKeyCount(signatureKey));
          }
        };
        same();
        if (expected.leaf(at) === undefined || expected.size === 1) return;
        made.remove(at);
        expected.remove(at);
        expect(made.hash()).toEqual(expected.hash());
        same();
      }),
      { numRuns: 60 },
    );
  });

  test("a node can't be where its kind isn't", () => {
    const tree = RatchetTree.create(suite, leafNode(0, keyPackageSource));
    const leaf = tree.toNodes()[0];
    expect(() => tree.withNodes([[1, leaf]])).toThrow(expect.objectContaining({ code: "tree-malformed" }));
    const parentNode = { encryptionKey: new Uint8Array(32), parentHash: new Uint8Array(0), unmergedLeaves: [] };
    expect(() => tree.withNodes([[0, { type: "parent", parentNode }]])).toThrow(
      expect.objectContaining({ code: "tree-malformed" }),
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

  test("only where there are members: two steps a level for two members at the ends of a thousand leaves", () => {
    const [first, last] = [0, 1].map((number) => leafNode(number, keyPackageSource)) as [LeafNode, LeafNode];
    const sparse = RatchetTree.create(suite, first).withNodes([[2 * 1023, { type: "leaf", leafNode: last }]]);
    const left = vi.spyOn(ParentSlot.prototype, "left", "get");
    const right = vi.spyOn(ParentSlot.prototype, "right", "get");
    expect(nodeDifferences(sparse.root, undefined).map(([nodeIndex]) => nodeIndex)).toEqual([0, 2 * 1023]);
    expect(left.mock.calls.length + right.mock.calls.length).toBeLessThanOrEqual(2 * 2 * 10);
  });
});
