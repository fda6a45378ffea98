/**
 * What the post-quantum KEMs leave behind: no seed of a half, no scalar, no secret of a half.
 */

import { beforeAll, describe, expect, test } from "vitest";
import { bytesEqual } from "../../../src/bytes/compare.ts";
import { hex } from "../../../src/bytes/text.ts";
import type { Dh } from "../../../src/crypto/provider.ts";
import type { Kem } from "../../../src/crypto/hpke/kem.ts";
import { nobleDh } from "../../../src/crypto/noble/dh.ts";
import { hybridKem } from "../../../src/crypto/pq/hybrid.ts";
import { hybrids, type HybridKemName } from "../../../src/crypto/pq/names.ts";
import { loadNoble } from "../../../src/crypto/pq/noble.ts";
import type { MlKem, Primitives } from "../../../src/crypto/pq/primitives.ts";
import { pseudorandom } from "../pseudorandom.ts";

describe.each(Object.keys(hybrids) as HybridKemName[])("%s leaves no secret behind", (name) => {
  const secrets: Uint8Array[] = [];
  const watch = <T extends Uint8Array>(bytes: T): T => {
    secrets.push(bytes);
    return bytes;
  };
  const random = pseudorandom(name.length);
  /** A source whose answers are watched. */
  const watched = (length: number): Uint8Array => watch(random(length));
  /** The arrays that still hold something, but for what was handed over. */
  const left = (...except: readonly Uint8Array[]): string[] =>
    secrets
      .filter((bytes) => bytes.some((byte) => byte !== 0) && !except.some((one) => bytesEqual(one, bytes)))
      .map(hex);

  let noble: Primitives;
  let kem: Kem;
  beforeAll(async () => {
    noble = await loadNoble();
    const { mlKem: pq, dh: group } = hybrids[name];
    const theirs = noble.mlKem(pq);
    const dh = nobleDh(group);
    const mlKem: MlKem = {
      publicKey: (seed) => theirs.publicKey(watch(seed)),
      async encapsulate(publicKey, source) {
        const made = await theirs.encapsulate(publicKey, source);
        watch(made.sharedSecret);
        return made;
      },
      decapsulate: async (enc, seed) => watch(await theirs.decapsulate(enc, watch(seed))),
    };
    const watching: Dh = {
      name: group,
      async load(privateKey) {
        const key = await dh.load(watch(privateKey));
        return { publicKey: key.publicKey, agree: async (element) => watch(await key.agree(element)) };
      },
    };
    kem = hybridKem(name, mlKem, watching);
  });

  test("of a key pair, but the private key", async () => {
    const { privateKey } = await kem.generateKeyPair(watched);
    expect(secrets.length).toBeGreaterThan(2);
    expect(left(privateKey)).toEqual([]);
    secrets.length = 0;
    const derived = await kem.deriveKeyPair(random(32));
    await kem.publicKey(derived.privateKey);
    expect(secrets.length).toBeGreaterThan(3);
    expect(left()).toEqual([]);
  });

  test("of an encapsulation and a decapsulation, but the shared secret", async () => {
    const { privateKey, publicKey } = await kem.generateKeyPair(random);
    secrets.length = 0;
    const { enc } = await kem.encap(publicKey, watched);
    expect(secrets.length).toBe(5); // m, the seed of the scalar, the scalar, and both secrets
    expect(left()).toEqual([]);
    secrets.length = 0;
    await kem.decap(enc, privateKey, publicKey);
    expect(secrets.length).toBe(4); // the scalar, its secret, the seed of ML-KEM and its secret
    expect(left()).toEqual([]);
  });

  test("of what fails", async () => {
    const { privateKey, publicKey } = await kem.generateKeyPair(random);
    const { enc } = await kem.encap(publicKey, random);
    secrets.length = 0;
    const failing = (length: number): Uint8Array => {
      if (secrets.length > 1) throw new Error("the source has failed");
      return watched(length);
    };
    await expect(kem.encap(publicKey, failing)).rejects.toMatchObject({ code: "random-source" });
    expect(left()).toEqual([]);
    await expect(kem.decap(enc.slice().fill(0, enc.length - 97), privateKey)).rejects.toMatchObject({
      code: "decapsulation",
    });
    expect(left()).toEqual([]);
  });
});
