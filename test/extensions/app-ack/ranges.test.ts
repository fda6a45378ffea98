import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { united, without, type Range } from "../../../src/extensions/app-ack/ranges.ts";

const someRanges = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 12 });
const numbersOf = (ranges: readonly Range[]): Set<number> =>
  new Set(
    ranges.flatMap(([first, last]) => Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)),
  );
const sorted = (numbers: Iterable<number>): readonly number[] => [...numbers].sort((a, b) => a - b);

describe("ranges", () => {
  it("united hold what all of them hold, in order, and none touches the next", () => {
    fc.assert(
      fc.property(someRanges, (ranges) => {
        const whole = united(ranges);
        expect(sorted(numbersOf(whole))).toEqual(sorted(numbersOf(ranges)));
        for (const [i, [first]] of whole.entries()) if (i > 0) expect(first).toBeGreaterThan(whole[i - 1]![1] + 1);
      }),
    );
  });

  it("without others hold what only they hold", () => {
    fc.assert(
      fc.property(someRanges, someRanges, (ranges, others) => {
        const rest = without(united(ranges), united(others));
        const out = numbersOf(others);
        expect(sorted(numbersOf(rest))).toEqual(sorted([...numbersOf(ranges)].filter((n) => !out.has(n))));
        expect(united(rest)).toEqual(rest);
      }),
    );
  });

  it("of any length cost the same", () => {
    const all: Range = [0, 2 ** 32 - 1];
    expect(united([all, [5, 7], all])).toEqual([all]);
    expect(without([all], [[3, 3]])).toEqual([
      [0, 2],
      [4, 2 ** 32 - 1],
    ]);
    expect(without([[3, 3]], [all])).toEqual([]);
  });
});
