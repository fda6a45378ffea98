import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { CopseError } from "../../src/errors.ts";
import { ParentSlot, type TreeNode } from "../../src/tree/node.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import type { Node } from "../../src/wire/ratchet-tree.ts";
import * as encode from "../wire/naive.ts";
import { level } from "./appendix-c.ts";
import {
  epochAfter,
  History,
  history,
  indexOf,
  keyPackageSource,
  leafNode,
  nodesBelow,
  nodesHex,
  suite,
  type Epoch,
} from "./histories.ts";
import { NaiveTree, type Nodes } from "./naive-tree.ts";

const leaf = (number: number): Node => ({ type: "leaf", leafNode: leafNode(number, keyPackageSource) });
const parent = (number: number, unmergedLeaves: readonly number[] = []): Node => ({
  type: "parent",
  parentNode: { encryptionKey: encode.uint(4, number), parentHash: new Uint8Array(0), unmergedLeaves },
});
const _ = undefined;

/** That every question is answered as from scratch. */
function expectSame({ tree, naive }: Epoch): void {
  expect(nodesHex(tree.toNodes())).toBe(nodesHex(naive.trimmed()));
  expect(hex(tree.hash())).toBe(hex(naive.treeHash()));
  const members = naive.members();
  expect([tree.width, tree.size]).toEqual([naive.width, members.length]);
  const places = Array.from({ length: naive.width + 1 }, (_, i) => i);
  expect(tree.nextLeaf).toBe(places.find((i) => !members.includes(i)));
  const key = (leaf: LeafNode | undefined): string => (leaf === undefined ? "blank" : hex(leaf.encryptionKey));
  expect(places.map((i) => key(tree.leaf(i))).join()).toBe(places.map((i) => key(naive.leaf(i))).join());
  const listed = [...tree.leaves()].map(([leafIndex, leafNode]) => `${leafIndex} ${key(leafNode)}`);
  expect(listed.join()).toBe(members.map((leafIndex) => `${leafIndex} ${key(naive.leaf(leafIndex))}`).join());
  for (const leafIndex of members) {
    const path = tree
      .filteredDirectPath(leafIndex)
      .map((step) => [step.level, indexOf(step.node), indexOf(step.copath)]);
    const expected = naive.filteredDirectPath(leafIndex).map(({ node, copath }) => [level(node), node, copath]);
    expect(path.join(" ")).toBe(expected.join(" "));
  }
}

describe("any history of adds, updates, removes and paths", () => {
  test("gives the tree, the hash and the filtered direct paths of an array-based tree", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const run = new History();
        for (const step of steps) expectSame(run.advance(step));
        expectSame(run.epoch);
      }),
      { numRuns: 60 },
    );
  });

  test("reaches forty leaves, sparse trees and wide ones: the property is not empty", () => {
    const seen = { widest: 0, sparsest: 1, unmerged: 0 };
    for (const steps of fc.sample(history, { seed: 9420, numRuns: 40 })) {
      const run = new History();
      for (const step of steps) {
        const { naive } = run.advance(step);
        const count = naive.members().length;
        seen.widest = Math.max(seen.widest, count);
        if (naive.width >= 16) seen.sparsest = Math.min(seen.sparsest, count / naive.width);
        for (const node of naive.nodes) {
          if (node?.type === "parent") seen.unmerged = Math.max(seen.unmerged, node.parentNode.unmergedLeaves.length);
        }
      }
    }
    expect(seen.widest).toBe(40);
    expect(seen.sparsest).toBeLessThan(0.2);
    expect(seen.unmerged).toBeGreaterThan(4);
  });

  test("leaves what it was forked from as it was, and shares every node that stays the same", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const run = new History();
        for (const step of steps) {
          const before = run.epoch;
          const [nodes, hash] = [nodesHex(before.tree.toNodes()), hex(before.tree.hash())];
          const after = run.prepare(step);
          after.tree.hash();
          expect(nodesHex(before.tree.toNodes())).toBe(nodes);
          expect(hex(before.tree.hash())).toBe(hash);
          expectShared(before, after);
          if (!step.dropped) run.settle(after);
          expect(hex(before.tree.hash())).toBe(hash); // which an outlived tree still has
        }
      }),
      { numRuns: 25 },
    );
  });

  test("is sent and received: the list of nodes gives the same tree again", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { tree, naive } = epochAfter(steps);
        const received = RatchetTree.fromNodes(suite, tree.toNodes());
        expectSame({ tree: received, naive });
      }),
      { numRuns: 40 },
    );
  });
});

/** That subtrees with members that no change has touched are the same objects. */
function expectShared(before: Epoch, after: Epoch): void {
  const was = new Map<number, TreeNode>(nodesBelow(before.tree.root));
  for (const [index, node] of nodesBelow(after.tree.root)) {
    const reach = 2 ** node.level - 1;
    const slice = (nodes: Nodes): Nodes => nodes.slice(index - reach, index + reach + 1);
    const [old, now] = [slice(before.naive.nodes), slice(after.naive.nodes)];
    const same = old.length === now.length && now.every((entry, i) => entry === old[i]);
    if (same && node.members > 0) expect(node === was.get(index)).toBe(true);
  }
}

describe("the filtered direct path", () => {
  test("is that of the RFC's example, section 4.1.2", () => {
    // T = 1, U = 3, V = 5, W = 7, X = 9, Y = 11, Z = 13; A, B, E, F, G are the leaves 0, 1, 4, 5, 6.
    const nodes = [
      leaf(0),
      parent(1),
      leaf(2),
      _,
      _,
      _,
      _,
      parent(7),
      leaf(8),
      parent(9),
      leaf(10),
      parent(11),
      leaf(12),
    ];
    const tree = RatchetTree.fromNodes(suite, nodes);
    const path = (leafIndex: number): number[] => tree.filteredDirectPath(leafIndex).map(({ node }) => indexOf(node));
    expect([0, 1, 4, 5, 6].map(path)).toEqual([
      [1, 7],
      [1, 7],
      [9, 11, 7],
      [9, 11, 7],
      [11, 7],
    ]);
  });

  test("of the only member is empty", () => {
    const tree = RatchetTree.create(suite, leafNode(1, keyPackageSource));
    expect(tree.filteredDirectPath(0)).toEqual([]);
    const planned = tree.planPath([], []);
    expect([planned.parents.size, planned.parentHash.length]).toEqual([0, 0]);
  });

  test("keeps a node whose copath holds new members only", () => {
    const tree = RatchetTree.create(suite, leafNode(1, keyPackageSource));
    tree.add(leafNode(2, keyPackageSource));
    expect(tree.filteredDirectPath(0)).toHaveLength(1);
  });
});

describe("the size of the tree", () => {
  const treeOf = (count: number): RatchetTree => {
    const tree = RatchetTree.create(suite, leafNode(0, keyPackageSource));
    for (let i = 1; i < count; i++) tree.add(leafNode(i, keyPackageSource));
    return tree;
  };

  test("doubles when a member finds no blank leaf", () => {
    expect([1, 2, 3, 4, 5, 8, 9, 33].map((count) => treeOf(count).width)).toEqual([1, 2, 4, 4, 8, 8, 16, 64]);
  });

  test("halves until the right half has a member", () => {
    const tree = treeOf(9);
    tree.remove(8);
    expect(tree.width).toBe(16);
    tree.truncate();
    expect(tree.width).toBe(8);
    for (const leafIndex of [4, 5, 6, 7, 3, 2]) tree.remove(leafIndex);
    tree.truncate();
    expect([tree.width, tree.size]).toEqual([2, 2]);
    tree.remove(1);
    tree.truncate();
    expect([tree.width, tree.size]).toEqual([1, 1]);
  });

  test("stays where a far leaf remains", () => {
    const tree = treeOf(8);
    for (let leafIndex = 1; leafIndex < 7; leafIndex++) tree.remove(leafIndex);
    tree.truncate();
    expect([tree.width, tree.size, tree.nextLeaf]).toEqual([8, 2, 1]);
    expect(tree.add(leafNode(50, keyPackageSource))).toBe(1);
  });

  test("is made ready for a joiner without adding anybody", () => {
    const tree = treeOf(2);
    expect(tree.reserve()).toBe(2);
    expect([tree.width, tree.size]).toEqual([4, 2]);
    expect(tree.reserve()).toBe(2);
    expect(tree.width).toBe(4);
  });

  test("bounds the leaves that can be asked for", () => {
    const tree = treeOf(2);
    for (const index of [-1, 2, 0.5, NaN, Infinity, 2 ** 32]) expect(tree.leaf(index)).toBeUndefined();
    expect(tree.leaf(1)?.signatureKey).toEqual(encode.uint(8, 1));
  });
});

describe("a list of nodes", () => {
  test("is made without looking into subtrees that are blank", () => {
    const tree = RatchetTree.create(suite, leafNode(0, keyPackageSource)).withNodes([[2 * 1023, leaf(1)]]);
    const steps = [vi.spyOn(ParentSlot.prototype, "left", "get"), vi.spyOn(ParentSlot.prototype, "right", "get")];
    try {
      expect(tree.toNodes().flatMap((node, index) => (node === undefined ? [] : [index]))).toEqual([0, 2 * 1023]);
      expect(steps.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBeLessThanOrEqual(2 * 2 * 10);
    } finally {
      for (const step of steps) step.mockRestore();
    }
  });

  const refusals: readonly [string, Nodes, string, string?][] = [
    ["without any node", [], "tree-malformed"],
    ["with a blank end", [leaf(0), _, leaf(1), _], "tree-malformed"],
    ["of a blank leaf", [_], "tree-malformed"],
    ["with a parent at a leaf's place", [parent(0)], "tree-malformed"],
    ["with a parent at another leaf's place", [leaf(0), _, parent(1)], "tree-malformed"],
    ["with a leaf at a parent's place", [leaf(0), leaf(1), leaf(2)], "tree-malformed"],
    ["with a leaf at the root's place", [leaf(0), _, leaf(1), leaf(2), leaf(3)], "tree-malformed"],
    ["that ends with the root: nobody is in the right half", [leaf(0), parent(1)], "tree-malformed"],
    ["whose right half is blank", [leaf(0), _, leaf(1), parent(2)], "tree-malformed"],
    ["that ends with a parent, above a leaf", [leaf(0), _, leaf(1), _, leaf(2), parent(3)], "tree-malformed"],
    // A key that no leaf can be chained to, and that nobody would be known to hold.
    ["with a parent above no member", [leaf(0), _, _, _, _, parent(1), _, _, leaf(2)], "parent-hash", "valn1406"],
    ["with a parent high above no member", [_, _, _, parent(1), _, _, _, _, leaf(1)], "parent-hash", "valn1406"],
  ];

  test.each(refusals)("%s is refused", (_, nodes, code, rule) => {
    const act = (): unknown => RatchetTree.fromNodes(suite, nodes);
    expect(act).toThrow(CopseError);
    expect(act).toThrow(expect.objectContaining(rule === undefined ? { code } : { code, rule }) as Error);
  });

  test("may leave the left half blank", () => {
    const nodes = [_, _, _, _, leaf(1)];
    const tree = RatchetTree.fromNodes(suite, nodes);
    expect([tree.width, tree.size, tree.nextLeaf]).toEqual([4, 1, 0]);
    expect(nodesHex(tree.toNodes())).toBe(nodesHex(nodes));
    expect(hex(tree.hash())).toBe(hex(new NaiveTree([...nodes, _, _]).treeHash()));
  });
});
