/**
 * ML-KEM's public keys, for whoever uses a KEM of `postQuantum` without a suite around it.
 */

import { expect, test } from "vitest";
import { isMlKemPublicKey, pureKem } from "../../../src/crypto/pq/ml-kem.ts";
import { loadNoble } from "../../../src/crypto/pq/noble.ts";
import { refusal } from "../../group/refusal.ts";
import { pseudorandom } from "../pseudorandom.ts";

const noble = await loadNoble();
const names = ["ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"] as const;

test.each(names)(
  "%s is for keys whose coefficients are all below q, the first and the second of three bytes",
  async (name) => {
    const reducing = {
      ...noble.mlKem(name),
      encapsulate: () => ({ enc: Uint8Array.of(1), sharedSecret: Uint8Array.of(2) }),
    };
    const kem = pureKem(name, reducing);
    const random = pseudorandom(7);
    const { publicKey } = await kem.generateKeyPair(random);
    expect(await kem.encap(publicKey, random)).toEqual({ enc: Uint8Array.of(1), sharedSecret: Uint8Array.of(2) });
    // 3,329 is 0xd01.
    for (const first of [Uint8Array.of(0x01, 0x0d, 0x00), Uint8Array.of(0x00, 0x10, 0xd0)]) {
      const wrong = publicKey.slice();
      wrong.set(first);
      expect(isMlKemPublicKey(wrong)).toBe(false);
      expect(await refusal(() => kem.encap(wrong, random))).toBe("key-invalid");
    }
    for (const first of [Uint8Array.of(0x00, 0x0d, 0x00), Uint8Array.of(0x00, 0x00, 0xd0)]) {
      const right = publicKey.slice();
      right.set(first);
      expect(isMlKemPublicKey(right)).toBe(true);
    }
  },
);
