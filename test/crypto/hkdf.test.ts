import { expect, test } from "vitest";
import { hkdfExpand } from "../../src/crypto/hkdf.ts";
import * as noble from "../../src/crypto/symmetric-noble.ts";

/** RFC 5869 section 2.3: "L length of output keying material in octets (<= 255*HashLen)". */
test("HKDF gives a whole number of bytes, none to 255 times its hash's length", () => {
  const expand = (length: number): Uint8Array =>
    hkdfExpand(noble, "sha256", new Uint8Array(32), new Uint8Array(0), length);
  for (const length of [0, 1, 32, 33, 255 * 32]) expect(expand(length).length).toBe(length);
  for (const length of [-1, 0.5, NaN, Infinity, 255 * 32 + 1]) {
    expect(() => expand(length)).toThrow(/^length must be a whole number, 0 to \d+$/);
  }
});
