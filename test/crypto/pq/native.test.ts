/**
 * ML-KEM and ML-DSA by `node:crypto`: it does the work where the runtime has it, and it has to agree with noble's.
 */

import * as nodeCrypto from "node:crypto";
import { describe, expect, test } from "vitest";
import { nativeOr } from "../../../src/crypto/pq/native-node.ts";
import { nativeOr as noneOr } from "../../../src/crypto/pq/native-none.ts";
import { mlDsas, mlKems, type MlDsaName, type MlKemName } from "../../../src/crypto/pq/names.ts";
import { loadNoble } from "../../../src/crypto/pq/noble.ts";
import type { MlKem, Primitives } from "../../../src/crypto/pq/primitives.ts";
import { platformRandom } from "../../../src/crypto/random.ts";
import type { RawSignatures } from "../../../src/crypto/signatures.ts";

const noble = await loadNoble();
/** Node 24.7 with OpenSSL 3.5 and newer. */
const isNative = "encapsulate" in nodeCrypto;

/** noble's implementation, and which of its functions were called. */
function counted(): { readonly calls: string[]; readonly primitives: Primitives } {
  const calls: string[] = [];
  const counting = <T extends object>(what: T): T =>
    Object.fromEntries(
      Object.entries(what).map(([name, call]: [string, (...args: unknown[]) => unknown]) => [
        name,
        (...args: unknown[]) => {
          calls.push(name);
          return call(...args);
        },
      ]),
    ) as T;
  return {
    calls,
    primitives: { mlKem: (name) => counting(noble.mlKem(name)), mlDsa: (name) => counting(noble.mlDsa(name)) },
  };
}

const seed = new Uint8Array(64).fill(5);

test.each(Object.keys(mlKems) as MlKemName[])("%s is tried once, and native from then on", async (name) => {
  const { calls, primitives } = counted();
  const kem = nativeOr(primitives).mlKem(name);
  expect(calls).toEqual([]);
  const publicKey = await kem.publicKey(seed);
  expect(publicKey).toEqual(await noble.mlKem(name).publicKey(seed));
  calls.length = 0;
  const { enc, sharedSecret } = await kem.encapsulate(publicKey, platformRandom);
  expect(await kem.decapsulate(enc, seed)).toEqual(sharedSecret);
  expect(calls).toEqual(isNative ? [] : ["encapsulate", "decapsulate"]);
  // Another source's randomness can't be given to OpenSSL.
  const fixed = (length: number): Uint8Array => new Uint8Array(length).fill(9);
  const made = await kem.encapsulate(publicKey, fixed);
  expect(made).toEqual(await noble.mlKem(name).encapsulate(publicKey, fixed));
  expect(await kem.decapsulate(made.enc, seed)).toEqual(made.sharedSecret);
});

test.each(Object.keys(mlDsas) as MlDsaName[])("%s is tried once, and native from then on", async (name) => {
  const { calls, primitives } = counted();
  const scheme = nativeOr(primitives).mlDsa(name);
  const publicKey = await scheme.publicKey(seed.subarray(32));
  calls.length = 0;
  const message = seed.subarray(7);
  const signature = await (await scheme.signer(seed.subarray(32))).sign(message);
  const verification = { publicKey, message, signature };
  expect(await scheme.verify(verification)).toBe(true);
  expect(await scheme.verifyAll([verification, { ...verification, message: seed }])).toEqual([true, false]);
  expect(await noble.mlDsa(name).verify(verification)).toBe(true);
  expect(calls).toEqual(isNative ? [] : ["signer", "verify", "verifyAll"]);
});

describe("what does not agree with noble's is not used", () => {
  const wrongKem = (part: Partial<MlKem>): Primitives => ({
    ...noble,
    mlKem: (name) => ({ ...noble.mlKem(name), ...part }),
  });
  const wrongDsa = (part: Partial<RawSignatures>): Primitives => ({
    ...noble,
    mlDsa: (name) => ({ ...noble.mlDsa(name), ...part }),
  });
  const other = new Uint8Array(32).fill(1);

  test.each<[string, Partial<MlKem>]>([
    [
      "public keys",
      { publicKey: (own) => Uint8Array.from(noble.mlKem("ML-KEM-768").publicKey(own) as Uint8Array).fill(0, 0, 3) },
    ],
    ["secrets", { decapsulate: () => other }],
    [
      "a ciphertext",
      {
        decapsulate: () => {
          throw new Error("no");
        },
      },
    ],
  ])("ML-KEM: other %s", async (_, part) => {
    const primitives = wrongKem(part);
    const kem = nativeOr(primitives).mlKem("ML-KEM-768");
    const theirs = primitives.mlKem("ML-KEM-768");
    if (part.publicKey !== undefined) expect(await kem.publicKey(seed)).toEqual(await theirs.publicKey(seed));
    else {
      const made = await noble
        .mlKem("ML-KEM-768")
        .encapsulate(await noble.mlKem("ML-KEM-768").publicKey(seed), platformRandom);
      const asked = async (one: MlKem) => one.decapsulate(made.enc, seed);
      const outcomes = await Promise.allSettled([asked(kem), asked(theirs)]);
      expect(outcomes[0]).toEqual(outcomes[1]);
    }
  });

  test.each<[string, Partial<RawSignatures>]>([
    ["public keys", { publicKey: () => new Uint8Array(1312) }],
    ["verdicts", { verify: () => false }],
  ])("ML-DSA: other %s", async (_, part) => {
    const primitives = wrongDsa(part);
    const scheme = nativeOr(primitives).mlDsa("ML-DSA-44");
    const [publicKey, message] = [await noble.mlDsa("ML-DSA-44").publicKey(seed.subarray(32)), other];
    const signature = await (await noble.mlDsa("ML-DSA-44").signer(seed.subarray(32))).sign(message);
    const theirs = primitives.mlDsa("ML-DSA-44");
    expect(await scheme.publicKey(seed.subarray(32))).toEqual(await theirs.publicKey(seed.subarray(32)));
    const verification = { publicKey, message, signature };
    expect(await scheme.verify(verification)).toBe(await theirs.verify(verification));
  });

  test("and where there is no node:crypto, noble's is all there is", () => {
    expect(noneOr(noble)).toBe(noble);
  });
});
