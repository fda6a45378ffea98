import fc from "fast-check";
import { expect, test } from "vitest";
import { between, isIn, lowerBound } from "../../src/tree/sorted.ts";

const sorted = fc.uniqueArray(fc.nat(40), { maxLength: 20 }).map((list) => list.sort((a, b) => a - b));

test("looking up is what a search through the whole list finds", () => {
  fc.assert(
    fc.property(sorted, fc.integer({ min: -1, max: 42 }), fc.integer({ min: -1, max: 42 }), (list, a, b) => {
      expect(lowerBound(list, a)).toBe(list.filter((entry) => entry < a).length);
      expect(isIn(list, a)).toBe(list.includes(a));
      expect(between(list, a, b)).toEqual(list.filter((entry) => entry >= a && entry < b));
    }),
    { numRuns: 500 },
  );
});
