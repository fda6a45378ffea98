import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { covers } from "../../src/tree/node.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { placeInResolution, resolution, resolutionSize, type NewLeaves } from "../../src/tree/resolution.ts";
import type { Node } from "../../src/wire/ratchet-tree.ts";
import * as encode from "../wire/naive.ts";
import { level } from "./appendix-c.ts";
import {
  History,
  history,
  indexOf,
  keyPackageSource,
  leafNode,
  nodesBelow,
  suite,
  type NextEpoch,
} from "./histories.ts";

const indexes = (tree: RatchetTree, newLeaves?: NewLeaves): Map<number, number[]> =>
  new Map([...nodesBelow(tree.root)].map(([x, node]) => [x, [...resolution(node, newLeaves)].map(indexOf)]));

describe("the resolutions of the RFC's example, section 4.1.1", () => {
  // X = 1 with the unmerged leaf B; Y = 11 above the leaves 4 to 7, of which H is unmerged; leaves 2 and 6 are blank.
  const leaf = (number: number): Node => ({ type: "leaf", leafNode: leafNode(number, keyPackageSource) });
  const parent = (number: number, unmergedLeaves: readonly number[]): Node => ({
    type: "parent",
    parentNode: { encryptionKey: encode.uint(4, number), parentHash: new Uint8Array(0), unmergedLeaves },
  });
  const [a, b, d, e, f, h] = [leaf(1), leaf(2), leaf(3), leaf(4), leaf(5), leaf(6)];
  const _ = undefined;
  const nodes = [a, parent(7, [1]), b, _, _, _, d, _, e, _, f, parent(8, [7]), _, _, h];
  const tree = RatchetTree.fromNodes(suite, nodes);
  const all = indexes(tree);

  test("a node that is not blank and its unmerged leaves", () => {
    expect(all.get(1)).toEqual([1, 2]);
    expect(all.get(11)).toEqual([11, 14]);
  });

  test("nothing for a blank leaf", () => {
    expect([all.get(4), all.get(12)]).toEqual([[], []]);
  });

  test("what is below a blank node, from left to right", () => {
    expect(all.get(7)).toEqual([1, 2, 6, 11, 14]);
    expect(all.get(5)).toEqual([6]);
  });

  test("without new leaves, wherever they would stand", () => {
    expect(indexes(tree, [1, 3, 7]).get(7)).toEqual([1, 11]);
    expect(indexes(tree, [3, 4]).get(7)).toEqual([1, 2, 11, 14]);
  });
});

describe("in any history", () => {
  const everywhere = (check: (epoch: NextEpoch) => void): void => {
    fc.assert(
      fc.property(history, (steps) => {
        const run = new History();
        for (const step of steps) check(run.advance(step));
      }),
      { numRuns: 20 },
    );
  };

  test("the resolution of every node is that of the array-based tree, with its keys and parent hashes", () => {
    everywhere(({ tree, naive }) => {
      const found: string[] = [];
      const expected: string[] = [];
      for (const [x, node] of nodesBelow(tree.root)) {
        const nodes = [...resolution(node)];
        found.push(`${x}: ${node.resolutionSize}`);
        for (const each of nodes) found.push(shown(indexOf(each), each.encryptionKey, each.parentHash));
        const indexes = naive.resolution(x);
        expected.push(`${x}: ${indexes.length}`);
        for (const y of indexes) {
          const entry = naive.nodes[y]!;
          const { encryptionKey } = entry.type === "leaf" ? entry.leafNode : entry.parentNode;
          expected.push(shown(y, encryptionKey, naive.parentHashOf(y)));
        }
      }
      expect(found).toEqual(expected);
    });
  });

  test("without the commit's new leaves, its size and every member's place in it are what listing it gives", () => {
    let [places, excluded] = [0, 0];
    everywhere(({ provisional: { root, naive }, newLeaves }) => {
      for (const [x, node] of nodesBelow(root)) {
        const whole = naive.resolution(x);
        const list = whole.filter((y) => y % 2 === 1 || !newLeaves.includes(y / 2));
        excluded += whole.length - list.length;
        expect([...resolution(node, newLeaves)].map(indexOf).join()).toBe(list.join());
        expect(resolutionSize(node, newLeaves)).toBe(list.length);
        for (const leafIndex of naive.members()) {
          if (!covers(node, leafIndex) || newLeaves.includes(leafIndex)) continue;
          // An unmerged leaf stands for itself; every other member is covered by the one node above it.
          const own = list.indexOf(2 * leafIndex);
          const position = own >= 0 ? own : list.findIndex((y) => naive.isBelow(2 * leafIndex, y));
          const place = placeInResolution(node, leafIndex, newLeaves);
          const { encryptionKey } = [...resolution(node, newLeaves)][position]!;
          expect(place).toEqual({ position, level: level(list[position]!), encryptionKey });
          places++;
        }
      }
    });
    expect(places).toBeGreaterThan(1000);
    expect(excluded).toBeGreaterThan(100);
  });
});

function shown(index: number, encryptionKey: Uint8Array, parentHash: Uint8Array | undefined): string {
  return `${index} ${hex(encryptionKey)} ${parentHash === undefined ? "none" : hex(parentHash)}`;
}
