import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { blank, covers, LeafSlot, ParentSlot } from "../../src/tree/node.ts";
import { indexOf, keyPackageSource, leafNode, nodesBelow, suite } from "./histories.ts";
import { NaiveTree } from "./naive-tree.ts";

/** The suite, with a count of its hashes. */
function counting(): { readonly suite: CipherSuite; hashes: number } {
  const counter = {
    hashes: 0,
    suite: {
      ...suite,
      hash: (data: Uint8Array) => {
        counter.hashes++;
        return suite.hash(data);
      },
    },
  };
  return counter;
}

describe("a blank subtree", () => {
  test.each([0, 1, 2, 5])("of level %i has no members, no resolution, and the hash of blank nodes", (level) => {
    const width = 2 ** level;
    const node = blank(level, 0);
    expect([node.level, node.width, node.members, node.resolutionSize]).toEqual([level, width, 0, 0]);
    const naive = new NaiveTree(new Array<undefined>(2 * width - 1).fill(undefined));
    expect(hex(node.hash(suite))).toBe(hex(naive.treeHash()));
    expect([...nodesBelow(node)].map(([index]) => index).sort((a, b) => a - b)).toEqual([...naive.nodes.keys()]);
  });

  test("knows its place: the leaves are numbered from its first", () => {
    const node = blank(2, 12);
    expect([...nodesBelow(node)].map(([, { firstLeaf }]) => firstLeaf)).toEqual([12, 12, 12, 13, 14, 14, 15]);
    expect(hex(blank(2, 0).hash(suite))).not.toBe(hex(node.hash(suite)));
  });

  test("is made when it is asked for, and once", () => {
    const node = blank(3, 0);
    if (node.isLeaf) expect.unreachable();
    expect(node.left).toBe(node.left);
    expect(node.right).toBe(node.right);
  });
});

describe("the nodes of a tree", () => {
  const leaf = (leafIndex: number): LeafSlot => new LeafSlot(leafIndex, leafNode(leafIndex, keyPackageSource));
  const left = new ParentSlot(1, 0, undefined, [leaf(0), leaf(1)]);
  const right = new ParentSlot(1, 2, undefined, [leaf(2), new LeafSlot(3, undefined)]);
  const root = new ParentSlot(2, 0, undefined, [left, right]);

  test("count the members below them", () => {
    expect([left.members, right.members, root.members]).toEqual([2, 1, 3]);
    expect([left.width, root.width]).toEqual([2, 4]);
  });

  test("lead toward a leaf, and away from it", () => {
    for (const leafIndex of [0, 1]) {
      expect(root.childToward(leafIndex)).toBe(left);
      expect(root.childAwayFrom(leafIndex)).toBe(right);
    }
    for (const leafIndex of [2, 3]) {
      expect(root.childToward(leafIndex)).toBe(right);
      expect(root.childAwayFrom(leafIndex)).toBe(left);
    }
    expect([0, 1, 2, 3, 4].filter((leafIndex) => covers(right, leafIndex))).toEqual([2, 3]);
    expect([0, 1, 2].filter((leafIndex) => covers(leaf(1), leafIndex))).toEqual([1]);
    expect(indexOf(right)).toBe(5);
  });

  test("are hashed when it is asked for, each once, and shared ones not again", () => {
    const counter = counting();
    const first = root.hash(counter.suite);
    expect(counter.hashes).toBe(7);
    expect(root.hash(counter.suite)).toBe(first);
    left.hash(counter.suite);
    expect(counter.hashes).toBe(7);
    const changed = root.withChild(3, right.withChild(3, leaf(3), undefined), undefined);
    expect(changed.left).toBe(left);
    expect(hex(changed.hash(counter.suite))).not.toBe(hex(first));
    expect(counter.hashes).toBe(7 + 3); // the leaf and the two above it
    expect(root.members).toBe(3);
    expect(changed.members).toBe(4);
  });

  test("have a resolution of one and the unmerged leaves where they hold a key", () => {
    const parentNode = { encryptionKey: new Uint8Array(1), parentHash: new Uint8Array(0), unmergedLeaves: [1] };
    expect(new ParentSlot(1, 0, parentNode, [leaf(0), leaf(1)]).resolutionSize).toBe(2);
    expect(root.resolutionSize).toBe(3);
  });
});
