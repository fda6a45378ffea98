import { expect, test } from "vitest";
import { medianSlope } from "./measure.ts";

test("the slope is that of most pairs: outliers and a few steps do not move it", () => {
  expect(medianSlope([5, 5, 5, 5])).toBe(0);
  expect(medianSlope([0, 3, 6, 9, 12])).toBe(3);
  expect(medianSlope([0, 3, 600, 9, 12])).toBe(3);
  expect(medianSlope([7, 7, 7, 7, 7, 7, 7, 7, 900, 900])).toBe(0);
  expect(() => medianSlope([1])).toThrow(TypeError);
});
