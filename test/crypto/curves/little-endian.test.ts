/**
 * Comparing encodings agrees with comparing the integers that they stand for.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { littleEndian } from "../../../src/crypto/curves/integers.ts";
import { isBelow, isOneOf, littleEndianBytes } from "../../../src/crypto/curves/little-endian.ts";
import { isMontgomeryKey } from "../../../src/crypto/curves/montgomery.ts";

const masks = fc.constantFrom(0xff, 0x7f);
/** Few values a byte, so that many are equal for a while. */
const bytes = fc.uint8Array({ minLength: 8, maxLength: 8, max: 2 });

function masked(value: Uint8Array, mask: number): bigint {
  const copy = value.slice();
  copy[copy.length - 1]! &= mask;
  return littleEndian(copy);
}

test("an integer comes back from its bytes", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
      expect(littleEndian(littleEndianBytes(value, 32))).toBe(value);
    }),
  );
});

test("below, and one of", () => {
  fc.assert(
    fc.property(bytes, bytes, masks, fc.boolean(), (low, value, mask, top) => {
      const shown = low.slice();
      if (top && mask === 0x7f) shown[7]! |= 0x80;
      expect(isBelow(shown, value, mask)).toBe(masked(shown, mask) < littleEndian(value));
      expect(isOneOf(shown, [value], mask)).toBe(masked(shown, mask) === littleEndian(value));
      expect(isOneOf(shown, [value, low], mask)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["X25519", 32, 2n ** 255n, 2n ** 255n - 19n],
  ["X448", 56, 2n ** 448n, 2n ** 448n - 2n ** 224n - 1n],
] as const)("%s refuses exactly the non-canonical encodings of zero, one and minus one", (name, length, end, p) => {
  for (let beyond = 0n; beyond <= 20n && p + beyond < end; beyond++) {
    expect(isMontgomeryKey(name, littleEndianBytes(beyond, length))).toBe(beyond > 1n);
    expect(isMontgomeryKey(name, littleEndianBytes(p + beyond, length))).toBe(beyond > 1n);
  }
  expect(isMontgomeryKey(name, littleEndianBytes(p - 1n, length))).toBe(false);
  expect(isMontgomeryKey(name, littleEndianBytes(p - 2n, length))).toBe(true);
  if (name !== "X25519") return;
  expect(isMontgomeryKey(name, littleEndianBytes(end + 1n, length))).toBe(false);
  expect(isMontgomeryKey(name, littleEndianBytes(end + 9n, length))).toBe(true);
});
