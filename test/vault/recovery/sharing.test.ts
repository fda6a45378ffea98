/**
 * Shares over GF(2^8).
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { platformRandom } from "../../../src/crypto/random.ts";
import { combine, multiply, split, type Share } from "../../../src/vault/recovery/sharing.ts";

/** The product by the definition: a polynomial product, reduced from the top. */
function longhand(a: number, b: number): number {
  let product = 0;
  for (let i = 0; i < 8; i++) if ((b >> i) & 1) product ^= a << i;
  for (let i = 14; i >= 8; i--) if ((product >> i) & 1) product ^= 0x11b << (i - 8);
  return product;
}

const choice = fc
  .integer({ min: 1, max: 16 })
  .chain((count) => fc.tuple(fc.integer({ min: 1, max: count }), fc.constant(count)));
const secrets = fc.uint8Array({ minLength: 1, maxLength: 40 });

describe("secret sharing", () => {
  it("multiplies as the field does, for all pairs", () => {
    let wrong = 0;
    for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b++) if (multiply(a, b) !== longhand(a, b)) wrong++;
    expect(wrong).toBe(0);
    expect(multiply(0x57, 0x83)).toBe(0xc1); // FIPS 197 section 4.2
  });

  it("gives the secret of any threshold of shares, in any order", () => {
    fc.assert(
      fc.property(choice, secrets, fc.infiniteStream(fc.nat()), ([threshold, count], secret, order) => {
        const shares = split(platformRandom, secret, threshold, count);
        const chosen = shares
          .map((share) => ({ share, key: order.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .slice(0, threshold)
          .map(({ share }) => share);
        expect(combine(chosen)).toEqual(secret);
      }),
    );
  });

  it("says nothing of the secret below the threshold: every secret fits the same shares", () => {
    // With two of three shares known, each value of the third makes another secret, and all 256 secrets come up.
    const shares = split(platformRandom, new Uint8Array([42]), 3, 5);
    const known = shares.slice(0, 2);
    const secretsThatFit = new Set<number>();
    for (let value = 0; value < 256; value++) {
      const third: Share = { x: 4, bytes: new Uint8Array([value]) };
      secretsThatFit.add(combine([...known, third])[0]!);
    }
    expect(secretsThatFit.size).toBe(256);
  });

  it("gives another secret where one share is wrong", () => {
    const secret = new Uint8Array(32).fill(7);
    const shares = split(platformRandom, secret, 3, 5);
    const wrong = { x: shares[1]!.x, bytes: shares[1]!.bytes.map((byte) => byte ^ 1) };
    expect(combine([shares[0]!, wrong, shares[4]!])).not.toEqual(secret);
  });
});
