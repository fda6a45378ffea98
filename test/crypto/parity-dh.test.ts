/**
 * X25519 and X448: all three providers accept exactly the same u-coordinates, and give the same secrets.
 */

import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { agreed, bigBytes } from "./parity.ts";
import { pseudorandom } from "./pseudorandom.ts";

const curves = [
  { suite: 1, name: "X25519", length: 32, p: 2n ** 255n - 19n },
  { suite: 4, name: "X448", length: 56, p: 2n ** 448n - 2n ** 224n - 1n },
] as const;

/** The u-coordinates of order 8 on Curve25519 (its twist has none of its own), RFC 7748 section 7's references. */
const order8 = [
  0xb8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
  0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
];

describe.each(curves)("$name", ({ suite: id, length, p }) => {
  const random = pseudorandom(length + 1);
  const u = (value: bigint): Uint8Array => bigBytes(value, length, "little");
  const accepted = /^[0-9a-f]{64,}$/;

  test("random keys: the same public keys and secrets", async () => {
    for (let i = 0; i < 12; i++) {
      const [privateKey, publicKey] = [random(length), random(length)];
      expect(await agreed(id, (suite) => suite.kemPublicKey(privateKey))).toMatch(/^[0-9a-f]+$/);
      expect(await agreed(id, (suite) => suite.isKemPublicKey(publicKey))).toBe(true);
      expect(await agreed(id, (suite) => suite.decap(publicKey, privateKey))).toMatch(accepted);
    }
  });

  test("coordinates of small order are refused in every encoding", async () => {
    const small = [0n, 1n, p - 1n, ...(id === 1 ? order8 : [])];
    const most = id === 1 ? 2n ** 255n : 2n ** 448n;
    const encodings = [...small, ...small.map((value) => value + p)].filter((value) => value < most);
    expect(encodings.length).toBeGreaterThan(small.length);
    if (id === 1) encodings.push(...encodings.map((value) => value + most)); // X25519 ignores the top bit
    for (const publicKey of encodings.map(u)) {
      expect(await agreed(id, (suite) => suite.isKemPublicKey(publicKey))).toBe(false);
      const privateKey = random(length);
      expect(await agreed(id, (suite) => suite.decap(publicKey, privateKey))).toBe("decapsulation");
      expect(await agreed(id, async (suite) => (await suite.encap(publicKey, random)).enc)).toBe("key-invalid");
    }
  });

  test("coordinates that are not reduced count as reduced", async () => {
    const privateKey = random(length);
    for (const value of [2n, 3n, 4n, 9n, 17n, 18n]) {
      for (const encoding of [value + p, ...(id === 1 ? [value + p + 2n ** 255n, value + 2n ** 255n] : [])]) {
        expect(await agreed(id, (suite) => suite.isKemPublicKey(u(encoding)))).toBe(true);
        // The secret depends on the encoding through kem_context alone, which the providers build alike.
        expect(await agreed(id, (suite) => suite.decap(u(encoding), privateKey))).toMatch(accepted);
      }
    }
  });

  test("wrong lengths are refused", async () => {
    const privateKey = random(length);
    const publicKey = random(length);
    for (const wrong of [new Uint8Array(0), publicKey.subarray(1), concat(publicKey, new Uint8Array(1))]) {
      expect(await agreed(id, (suite) => suite.isKemPublicKey(wrong))).toBe(false);
      expect(await agreed(id, (suite) => suite.decap(wrong, privateKey))).toBe("decapsulation");
      expect(await agreed(id, async (suite) => (await suite.encap(wrong, random)).enc)).toBe("key-invalid");
      expect(await agreed(id, (suite) => suite.decap(publicKey, wrong))).toBe("key-invalid");
      expect(await agreed(id, (suite) => suite.kemPublicKey(wrong))).toBe("key-invalid");
    }
  });
});
