import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { turnOf } from "../../../src/call/group/election.ts";

const candidates = fc
  .uniqueArray(fc.nat(1_000), { minLength: 1, maxLength: 64 })
  .map((all) => all.sort((a, b) => a - b));

describe("the choice of who commits", () => {
  it("gives one member the first turn and twice as many each further one, as all work it out", () => {
    fc.assert(
      fc.property(candidates, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (leaves, epoch) => {
        const turns = leaves.map((leafIndex) => turnOf(leafIndex, leaves, epoch) ?? NaN).sort((a, b) => a - b);
        const expected = Array.from(leaves, (_, rank) => Math.floor(Math.log2(rank + 1)));
        expect(turns).toEqual(expected);
      }),
    );
  });

  it("goes round from epoch to epoch", () => {
    const first = [0n, 1n, 2n, 3n].map((epoch) => [2, 5, 9].find((leaf) => turnOf(leaf, [2, 5, 9], epoch) === 0));
    expect(first).toEqual([2, 5, 9, 2]);
  });

  it("calls nobody who is no candidate", () => {
    expect(turnOf(3, [2, 5, 9], 1n)).toBeUndefined();
    expect(turnOf(3, [], 1n)).toBeUndefined();
  });
});
