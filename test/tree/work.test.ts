/**
 * What changing the tree costs: counts of hashes and of nodes, which grow with the depth of the tree and not with its size.
 */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { ParentSlot } from "../../src/tree/node.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { placeInResolution, resolutionSize } from "../../src/tree/resolution.ts";
import type { Node } from "../../src/wire/ratchet-tree.ts";
import * as encode from "../wire/naive.ts";
import { keyPackageSource, leafNode, nodesBelow, suite } from "./histories.ts";

/** What has been done since the last question. */
interface Work {
  readonly hashes: number;
  /** Steps from a node to a child, made to look at the child or to change it. */
  readonly steps: number;
}

let hashes = 0;
let steps = 0;
const counting: CipherSuite = {
  ...suite,
  hash: (data) => {
    hashes++;
    return suite.hash(data);
  },
};

function work(act: () => void): Work {
  [hashes, steps] = [0, 0];
  act();
  return { hashes, steps };
}

/** A tree of this many leaves, all taken but the last but one, that has been hashed. */
function treeOf(leaves: number): RatchetTree {
  const nodes = Array.from({ length: 2 * leaves - 1 }, (_, x): Node | undefined => {
    if (x % 2 === 1 || x === 2 * leaves - 4) return undefined;
    return { type: "leaf", leafNode: leafNode(x, keyPackageSource) };
  });
  const tree = RatchetTree.fromNodes(counting, nodes);
  tree.hash();
  expect(tree.root.resolutionSize).toBe(leaves - 1); // and every size below is known now
  return tree;
}

function commit(tree: RatchetTree, committer: number): void {
  const path = tree.filteredDirectPath(committer);
  const planned = tree.planPath(
    path,
    path.map(({ level }) => encode.uint(8, 2 ** 40 + level)),
  );
  const source = { type: "commit", parentHash: planned.parentHash } as const;
  tree.mergePath(committer, leafNode(2 ** 30, source), planned);
  tree.hash();
}

beforeEach(() => {
  for (const side of ["left", "right"] as const) {
    const { get } = Object.getOwnPropertyDescriptor(ParentSlot.prototype, side)!;
    vi.spyOn(ParentSlot.prototype, side, "get").mockImplementation(function (this: ParentSlot) {
      steps++;
      return get!.call(this) as ParentSlot;
    });
  }
});
afterEach(() => vi.restoreAllMocks());

describe.each([64, 1024, 16384])("in a tree of %i leaves", (leaves) => {
  const tree = treeOf(leaves);
  const depth = Math.log2(leaves);

  test("a path costs two hashes a level and one for the leaf", () => {
    for (const committer of [0, leaves / 2, leaves - 1]) {
      const fork = tree.fork();
      const cost = work(() => commit(fork, committer));
      expect(cost.hashes).toBeLessThanOrEqual(2 * depth + 1);
      expect(cost.steps).toBeLessThanOrEqual(7 * depth + 1);
    }
  });

  test("a path over a path costs the same", () => {
    const fork = tree.fork();
    commit(fork, 0);
    for (const committer of [1, leaves - 1, 0]) {
      const cost = work(() => commit(fork, committer));
      expect(cost.hashes).toBeLessThanOrEqual(2 * depth + 1);
      expect(cost.steps).toBeLessThanOrEqual(7 * depth + 1);
    }
  });

  test.each<[string, (fork: RatchetTree) => unknown]>([
    ["an add", (fork) => fork.add(leafNode(2 ** 30, keyPackageSource))],
    ["an update", (fork) => fork.update(leaves / 2 - 1, leafNode(2 ** 30, { type: "update" }))],
    ["a remove", (fork) => fork.remove(leaves / 2)],
  ])("%s costs one hash a level and one for the leaf", (_, change) => {
    const fork = tree.fork();
    const cost = work(() => {
      change(fork);
      fork.truncate();
      fork.hash();
    });
    expect(cost.hashes).toBeGreaterThan(0);
    expect(cost.hashes).toBeLessThanOrEqual(depth + 1);
    expect(cost.steps).toBeLessThanOrEqual(7 * depth + 1);
  });

  test("an add that doubles the tree is found level by level, and hashes the new half once: blank leaves differ", () => {
    const fork = tree.fork();
    fork.add(leafNode(2 ** 30, keyPackageSource));
    fork.hash();
    const added = work(() => fork.add(leafNode(2 ** 30 + 1, keyPackageSource)));
    expect([fork.width, added.hashes]).toEqual([2 * leaves, 0]);
    expect(added.steps).toBeLessThanOrEqual(2 * (depth + 1));
    expect(work(() => fork.hash()).hashes).toBe(2 * leaves);
    const next = work(() => {
      fork.add(leafNode(2 ** 30 + 2, keyPackageSource));
      fork.hash();
    });
    expect(next.hashes).toBe(depth + 2);
  });

  test("a fork costs nothing, and a dropped one too", () => {
    const cost = work(() => {
      tree.fork();
      tree.hash();
    });
    expect(cost).toEqual({ hashes: 0, steps: 0 });
  });

  test("a commit makes one new node a level, and shares all others", () => {
    const fork = tree.fork();
    commit(fork, leaves / 2);
    const before = new Set([...nodesBelow(tree.root)].map(([, node]) => node));
    const made = [...nodesBelow(fork.root)].filter(([, node]) => !before.has(node));
    expect(made.length).toBe(depth + 1);
  });

  test("a member's place in the resolutions of a path is found level by level", () => {
    const fork = tree.fork();
    const path = fork.filteredDirectPath(0);
    const top = path.at(-1)!.copath;
    const cost = work(() => {
      expect(placeInResolution(top, leaves - 1, []).position).toBe(leaves / 2 - 2);
      for (const { copath } of path) resolutionSize(copath, []);
    });
    expect(cost.hashes).toBe(0);
    expect(cost.steps).toBeLessThanOrEqual(7 * depth + 1);
  });
});
