/**
 * What a hybrid KEM refuses by itself, whatever its halves and whoever calls it would let through.
 */

import { describe, expect, test } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { nobleDh } from "../../../src/crypto/noble/dh.ts";
import { hybridKem } from "../../../src/crypto/pq/hybrid.ts";
import { hybrids, mlKems, type HybridKemName } from "../../../src/crypto/pq/names.ts";
import { loadNoble } from "../../../src/crypto/pq/noble.ts";
import type { Dh } from "../../../src/crypto/provider.ts";
import { refusal } from "../../group/refusal.ts";
import { pseudorandom } from "../pseudorandom.ts";

const noble = await loadNoble();

describe.each(Object.keys(hybrids) as HybridKemName[])("%s", (name) => {
  const { mlKem, dh: group } = hybrids[name];
  const random = pseudorandom(name.length);
  const agreeing = (agree: () => Uint8Array): Dh => ({
    name: group,
    load: async (privateKey) => ({ publicKey: (await nobleDh(group).load(privateKey)).publicKey, agree }),
  });
  const kemOver = (dh: Dh) => hybridKem(name, noble.mlKem(mlKem), dh);
  const kem = kemOver(nobleDh(group));
  const pqKeyLength = mlKems[mlKem].publicKey;
  const pqEncLength = mlKems[mlKem].enc;

  test("encapsulates to no key with a half that is none", async () => {
    const { publicKey } = await kem.generateKeyPair(random);
    const [pq, element] = [publicKey.slice(0, pqKeyLength), publicKey.slice(pqKeyLength)];
    const careless = kemOver(agreeing(() => new Uint8Array(32)));
    for (const wrong of [concat(pq.slice().fill(255, 0, 3), element), concat(pq, new Uint8Array(element.length))]) {
      expect(careless.isPublicKey(wrong)).toBe(false);
      expect(await refusal(() => careless.encap(wrong, random))).toBe("key-invalid");
    }
  });

  test("does not ask the group about an element that is none", async () => {
    const { privateKey, publicKey } = await kem.generateKeyPair(random);
    const { enc } = await kem.encap(publicKey, random);
    const careless = kemOver(agreeing(() => new Uint8Array(32)));
    const none = enc.slice().fill(0, pqEncLength);
    expect(await refusal(() => careless.decap(none, privateKey))).toBe("decapsulation");
  });

  test("says on which side it was where the group refuses an element", async () => {
    const { privateKey, publicKey } = await kem.generateKeyPair(random);
    const { enc } = await kem.encap(publicKey, random);
    const refusing = kemOver(
      agreeing(() => {
        throw new Error("no shared secret");
      }),
    );
    expect(await refusal(() => refusing.encap(publicKey, random))).toBe("key-invalid");
    expect(await refusal(() => refusing.decap(enc, privateKey))).toBe("decapsulation");
  });

  test("takes a scalar from a seed, or fails where none of its candidates is one", async () => {
    const { publicKey } = await kem.generateKeyPair(random);
    const full = (length: number): Uint8Array => new Uint8Array(length).fill(255);
    if (group === "X25519") expect((await kem.encap(publicKey, full)).sharedSecret).toHaveLength(32);
    else expect(await refusal(() => kem.encap(publicKey, full))).toBe("key-invalid");
  });
});
