/**
 * The Merkle tree of RFC 9162, against its recursive definition.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import {
  consistencyRanges,
  emptyRoot,
  fullSubtrees,
  inclusionRanges,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  rootOver,
  type LeafRange,
} from "../../src/transparency/log.ts";

const entries = Array.from({ length: 70 }, (_, i) => utf8(`entry ${String(i)}`));

/** MTH, as section 2.1.1 defines it. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot();
  if (leaves.length === 1) return leafHash(leaves[0]!);
  const k = split(leaves.length);
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

/** PATH, as section 2.1.3.1 defines it. */
function path(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}

/** SUBPROOF, as section 2.1.4.1 defines it. */
function subproof(m: number, leaves: readonly Uint8Array[], isWhole: boolean): Uint8Array[] {
  if (m === leaves.length) return isWhole ? [] : [mth(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), isWhole), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
}

function split(n: number): number {
  return 2 ** Math.ceil(Math.log2(n) - 1);
}

/** By full subtrees, as a server does it. */
function rootOf(range: LeafRange): Uint8Array {
  const hashes = fullSubtrees(range).map(({ level, index }) =>
    mth(entries.slice(index * 2 ** level, (index + 1) * 2 ** level)),
  );
  return rootOver(hashes);
}
const hexes = (hashes: readonly Uint8Array[]) => hashes.map(hex);
const size = fc.integer({ min: 1, max: entries.length });
const tree = (n: number) => ({ size: n, root: mth(entries.slice(0, n)) });

describe("the log", () => {
  it("has the roots of SHA-256 that are known for nothing and for one empty entry", () => {
    expect(hex(emptyRoot())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(hex(leafHash(new Uint8Array(0)))).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  });

  it("makes every root, inclusion proof and consistency proof of the definition, and verifies them", () => {
    for (let n = 1; n <= entries.length; n++) {
      const leaves = entries.slice(0, n);
      expect(hex(rootOf({ from: 0, below: n }))).toBe(hex(mth(leaves)));
      for (let m = 0; m < n; m += 3) {
        const included = inclusionRanges(m, n).map(rootOf);
        expect(hexes(included)).toEqual(hexes(path(m, leaves)));
        expect(isIncluded({ index: m, ...tree(n) }, leafHash(entries[m]!), included)).toBe(true);
        if (m === 0) continue;
        const grown = consistencyRanges(m, n).map(rootOf);
        expect(hexes(grown)).toEqual(hexes(subproof(m, leaves, true)));
        expect(isConsistent(tree(m), tree(n), grown)).toBe(true);
      }
    }
  });

  it("refuses an inclusion proof of another leaf, place, size or root, or with a hash more, less or changed", () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), (n, at, which) => {
        const index = at % n;
        const proof = inclusionRanges(index, n).map(rootOf);
        const place = { index, ...tree(n) };
        const leaf = leafHash(entries[index]!);
        expect(isIncluded(place, leafHash(utf8("another")), proof)).toBe(false);
        expect(isIncluded({ ...place, index: n }, leaf, proof)).toBe(false);
        expect(isIncluded({ ...place, root: emptyRoot() }, leaf, proof)).toBe(false);
        expect(isIncluded(place, leaf, [...proof, emptyRoot()])).toBe(false);
        if (proof.length === 0) return;
        expect(isIncluded(place, leaf, proof.slice(1))).toBe(false);
        expect(isIncluded(place, leaf, proof.with(which % proof.length, emptyRoot()))).toBe(false);
      }),
    );
  });

  it("refuses a consistency proof between trees of which an entry differs, and one that was changed", () => {
    fc.assert(
      fc.property(size, size, fc.nat(), (a, b, which) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const proof = consistencyRanges(first, second).map(rootOf);
        expect(isConsistent(tree(first), tree(second), proof)).toBe(true);
        const rewritten = { size: first, root: mth(entries.slice(0, first).with(which % first, utf8("rewritten"))) };
        expect(isConsistent(rewritten, tree(second), proof)).toBe(false);
        expect(isConsistent(tree(first), { ...tree(second), root: emptyRoot() }, proof)).toBe(false);
        expect(isConsistent(tree(first), tree(second), [...proof, emptyRoot()])).toBe(false);
        if (first < second) expect(isConsistent(tree(second), tree(first), proof)).toBe(false);
        if (proof.length === 0) return;
        expect(isConsistent(tree(first), tree(second), proof.slice(1))).toBe(false);
        expect(isConsistent(tree(first), tree(second), proof.with(which % proof.length, emptyRoot()))).toBe(false);
      }),
    );
  });

  it("refuses a proof that is of a tree of another height, whose root would fit", () => {
    const two = tree(2);
    const first = leafHash(entries[0]!);
    const second = leafHash(entries[1]!);
    expect(isIncluded({ index: 0, size: 2, root: two.root }, first, [second])).toBe(true);
    expect(isIncluded({ index: 0, size: 1, root: two.root }, first, [second])).toBe(false);
    expect(isIncluded({ index: 0, size: 4, root: two.root }, first, [second])).toBe(false);
    expect(isIncluded({ index: 0, size: 1, root: two.root }, second, [first])).toBe(false);
    expect(isConsistent(tree(1), two, [second])).toBe(true);
    expect(isConsistent(tree(1), { size: 4, root: two.root }, [second])).toBe(false);
    expect(isConsistent(tree(1), { size: 2, root: tree(4).root }, consistencyRanges(1, 4).map(rootOf))).toBe(false);
  });

  it("refuses a consistency proof that goes on beyond the roots", () => {
    const [above, proof] = [utf8("above"), consistencyRanges(3, 4).map(rootOf)];
    const over = (n: number) => ({ size: n, root: nodeHash(above, tree(n).root) });
    expect(isConsistent(over(3), over(4), [...proof, above])).toBe(false);
  });

  it("says that every tree has grown from the empty one, whose root is known", () => {
    expect(isConsistent({ size: 0, root: emptyRoot() }, tree(5), [])).toBe(true);
    expect(isConsistent({ size: 0, root: leafHash(utf8("x")) }, tree(5), [])).toBe(false);
    expect(isConsistent({ size: 0, root: emptyRoot() }, tree(5), [emptyRoot()])).toBe(false);
    expect(isConsistent({ ...tree(1), size: 2 }, tree(1), [])).toBe(false); // and none shrinks
    expect(isConsistent(tree(3), tree(5), [])).toBe(false); // where there is nothing to begin with
  });
});
