/**
 * What a runtime lacks, or has differently, is noble's: the providers try each primitive before they trust it.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, test, vi } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import type { DhName, SignatureName } from "../../src/crypto/suites/cipher-suites.ts";
import { dhLengths } from "../../src/crypto/hpke/dh.ts";
import { dhOrNoble, signaturesOrNoble } from "../../src/crypto/native.ts";
import { nobleDh } from "../../src/crypto/noble/dh.ts";
import { nobleSignatures } from "../../src/crypto/noble/signatures.ts";
import { nodeDh } from "../../src/crypto/node/dh.ts";
import { nodeSignatures } from "../../src/crypto/node/signatures.ts";
import { inParallel } from "../../src/crypto/parallel.ts";
import type { RawSignatures } from "../../src/crypto/signatures.ts";
import { webDh } from "../../src/crypto/web/dh.ts";
import { webSignatures } from "../../src/crypto/web/signatures.ts";
import { pseudorandom } from "./pseudorandom.ts";

const dhNames = ["X25519", "X448", "P-256", "P-384", "P-521"] as const satisfies readonly DhName[];
const signatureNames = [
  "Ed25519",
  "Ed448",
  "ECDSA-P-256",
  "ECDSA-P-384",
  "ECDSA-P-521",
] as const satisfies readonly SignatureName[];

const missing = (): never => {
  throw new Error("not in this runtime");
};
const lengths = { Ed25519: 32, Ed448: 57, "ECDSA-P-256": 32, "ECDSA-P-384": 48, "ECDSA-P-521": 66 } as const;

function privateKey(length: number): Uint8Array {
  const bytes = pseudorandom(length)(length);
  bytes[0] = 0;
  return bytes;
}

describe("a runtime that has the primitive uses it", () => {
  test.each(dhNames)("%s", async (name) => {
    for (const native of [nodeDh(name), ...(name === "X448" ? [] : [webDh(name)])]) {
      const load = vi.fn(native.load);
      const dh = dhOrNoble({ name, load });
      const key = privateKey(dhLengths[name].privateKey);
      await dh.load(key);
      expect(load).toHaveBeenLastCalledWith(key, undefined);
    }
  });

  test.each(signatureNames)("%s", async (name) => {
    for (const native of [nodeSignatures(name), ...(name === "Ed448" ? [] : [webSignatures(name)])]) {
      const publicKey = vi.fn(native.publicKey);
      const key = privateKey(lengths[name]);
      await signaturesOrNoble(name, { ...native, publicKey }).publicKey(key);
      expect(publicKey).toHaveBeenLastCalledWith(key);
    }
  });
});

describe("a runtime without the primitive gets noble's", () => {
  test.each(dhNames)("%s", async (name) => {
    const dh = dhOrNoble({ name, load: missing });
    const key = privateKey(dhLengths[name].privateKey);
    expect((await dh.load(key)).publicKey).toEqual((await nobleDh(name).load(key)).publicKey);
    const zero = { publicKey: key, agree: () => new Uint8Array(key.length) };
    const broken = dhOrNoble({ name, load: () => zero });
    expect((await broken.load(key)).publicKey).toEqual((await nobleDh(name).load(key)).publicKey);
  });

  test.each(signatureNames)("%s", async (name) => {
    const native: RawSignatures = { publicKey: missing, signer: missing, verify: missing, verifyAll: missing };
    const scheme = signaturesOrNoble(name, native);
    const key = privateKey(lengths[name]);
    const publicKey = await scheme.publicKey(key);
    expect(publicKey).toEqual(await nobleSignatures(name).publicKey(key));
    const message = fromHex("00ff");
    const signature = await (await scheme.signer(key)).sign(message);
    expect(await nodeSignatures(name).verify({ publicKey, message, signature })).toBe(true);
    expect(await scheme.verify({ publicKey, message, signature })).toBe(true);
    expect(await scheme.verifyAll([{ publicKey, message: key, signature }])).toEqual([false]);
  });

  test("all who ask at first wait for one trial", async () => {
    const load = vi.fn(missing);
    const dh = dhOrNoble({ name: "X25519", load });
    const keys = [1, 2, 3].map((seed) => pseudorandom(seed)(32));
    const loaded = await Promise.all(keys.map(async (key) => hex((await dh.load(key)).publicKey)));
    expect(new Set(loaded).size).toBe(3);
    expect(load).toHaveBeenCalledTimes(1);
    // Once it is decided, nobody waits.
    expect(dh.load(keys[0]!)).not.toBeInstanceOf(Promise);
  });
});

describe("a runtime that verifies differently gets noble's", () => {
  const key = privateKey(32);

  test.each([true, false])("one that says %s to everything", async (verdict) => {
    const native = nodeSignatures("Ed25519");
    const verify = vi.fn(() => verdict);
    const verifyAll: RawSignatures["verifyAll"] = (verifications) => verifications.map(() => verdict);
    const scheme = signaturesOrNoble("Ed25519", { ...native, verify, verifyAll });
    const publicKey = await scheme.publicKey(key);
    const signature = await (await native.signer(key)).sign(key);
    expect(await scheme.verify({ publicKey, message: key, signature })).toBe(true);
    expect(await scheme.verify({ publicKey, message: publicKey, signature })).toBe(false);
    expect(verify).not.toHaveBeenCalled();
  });

  test("one that verifies Ed25519 with the cofactor", async () => {
    const cofactored: RawSignatures["verifyAll"] = (verifications) =>
      verifications.map(({ publicKey, message, signature }) => ed25519.verify(signature, message, publicKey));
    const native = nobleSignatures("Ed25519");
    const counted = { ...native, publicKey: vi.fn(native.publicKey), verifyAll: cofactored };
    await signaturesOrNoble("Ed25519", counted).publicKey(key);
    expect(counted.publicKey).not.toHaveBeenLastCalledWith(key);
  });
});

test("a browser that takes no EC private key without its public key gets one from noble", async () => {
  const { subtle } = globalThis.crypto;
  const importKey = subtle.importKey.bind(subtle) as (...given: readonly unknown[]) => Promise<CryptoKey>;
  const formats: unknown[] = [];
  vi.resetModules();
  vi.spyOn(subtle, "importKey").mockImplementation((...given: readonly unknown[]) => {
    formats.push(given[0]);
    return given[0] === "pkcs8" ? Promise.reject(new Error("not in this runtime")) : importKey(...given);
  });
  try {
    const fresh = {
      dh: (await import("../../src/crypto/web/dh.ts")).webDh("P-256"),
      signatures: (await import("../../src/crypto/web/signatures.ts")).webSignatures("ECDSA-P-256"),
    };
    const key = privateKey(32);
    const other = await nobleDh("P-256").load(privateKey(32).reverse());
    const expected = await nobleDh("P-256").load(key);
    const loaded = await fresh.dh.load(key);
    expect(loaded.publicKey).toEqual(expected.publicKey);
    expect(await loaded.agree(other.publicKey)).toEqual(await expected.agree(other.publicKey));
    const signature = await (await fresh.signatures.signer(key)).sign(key);
    const signed = { publicKey: await fresh.signatures.publicKey(key), message: key, signature };
    expect(signed.publicKey).toEqual(expected.publicKey);
    expect(await nodeSignatures("ECDSA-P-256").verify(signed)).toBe(true);
    expect(formats).toContain("jwk");
  } finally {
    vi.restoreAllMocks();
  }
});

test("a key that can't be imported verifies nothing, and is no error", async () => {
  for (const scheme of [nodeSignatures("ECDSA-P-384"), webSignatures("ECDSA-P-384"), nodeSignatures("ECDSA-P-256")]) {
    const publicKey = new Uint8Array(97).fill(4); // not on the curve: the checks in signatures.ts would have said so
    const wrong = { publicKey, message: publicKey, signature: publicKey.subarray(1) };
    expect(await scheme.verify(wrong)).toBe(false);
    expect(await scheme.verifyAll([wrong, wrong])).toEqual([false, false]);
  }
});

test("inParallel keeps the order, and never has more under way than allowed", async () => {
  let underWay = 0;
  let most = 0;
  const results = await inParallel([5, 3, 1, 4, 2, 0], 2, async (item) => {
    most = Math.max(most, ++underWay);
    for (let i = 0; i < item; i++) await Promise.resolve();
    underWay--;
    return item * 10;
  });
  expect(results).toEqual([50, 30, 10, 40, 20, 0]);
  expect(most).toBe(2);
  expect(await inParallel([], 2, () => Promise.resolve(0))).toEqual([]);
  await expect(inParallel([1, 2], 2, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
});
