import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkCount, checkUint, checkUint64, checkUints, maxUint64 } from "../../src/bytes/numbers.ts";

/** That a caller is told which of the values is wrong. */
const refuses = (check: () => void, message: string): void => {
  expect(check).toThrow(TypeError);
  expect(check).toThrow(message);
};
/** What callers without types hand in, and no number of these is a whole one. */
const noWholeNumbers = [0.5, NaN, Infinity, -Infinity, "1", 1n, true, null, undefined, [1]] as unknown as number[];

describe.each([8, 16, 32] as const)("a number of %i bits", (bits) => {
  test("is whole, and from 0 to the largest that fits", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** bits - 1 }), (value) => checkUint("leafIndex", value, bits)));
    for (const value of [-1, 2 ** bits, ...noWholeNumbers]) {
      refuses(() => checkUint("leafIndex", value, bits), `leafIndex must be a whole number of 0 to 2^${bits} - 1`);
    }
  });

  test("is held to that at every place of a list", () => {
    checkUints("ciphersuites", [0, 1, 2 ** bits - 1], bits);
    for (const at of [0, 1, 2]) {
      const list = [0, 1, 2].map((value) => (value === at ? 2 ** bits : value));
      refuses(() => checkUints("ciphersuites", list, bits), "ciphersuites must be");
    }
  });
});

test("a uint64 is a bigint from 0 to 2^64 - 1", () => {
  fc.assert(fc.property(fc.bigInt(0n, maxUint64), (value) => checkUint64("epoch", value)));
  checkUint64("epoch", 0n);
  checkUint64("epoch", maxUint64);
  for (const value of [-1n, maxUint64 + 1n, 1, "1", true, null, undefined] as bigint[]) {
    refuses(() => checkUint64("epoch", value), "epoch must be a uint64 bigint");
  }
});

test("a count is whole, and within its bounds", () => {
  for (const value of [2, 3, 7]) checkCount("keepSteps", value, [2, 7]);
  for (const value of [1, 8, 2.5, ...noWholeNumbers]) {
    refuses(() => checkCount("keepSteps", value, [2, 7]), "keepSteps must be a whole number, 2 to 7");
  }
  refuses(() => checkCount("keepSteps", 2 ** 53, [0, 2 ** 60]), "keepSteps must be");
});
