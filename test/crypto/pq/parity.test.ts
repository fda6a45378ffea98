/**
 * The post-quantum KEMs and signatures: all providers accept exactly the same keys, ciphertexts and signatures, and give
 * the same bytes; with Node 24.7 or newer "node" is OpenSSL's implementation, before that it is noble's.
 */

import { describe, expect, test } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { hex } from "../../../src/bytes/text.ts";
import {
  hybrids,
  isHybrid,
  mlDsas,
  mlKems,
  type MlDsaName,
  type PostQuantumKemName,
} from "../../../src/crypto/pq/names.ts";
import { postQuantumSuites } from "../../../src/crypto/pq/suites.ts";
import type { CipherSuite } from "../../../src/crypto/provider.ts";
import { platformRandom } from "../../../src/crypto/random.ts";
import { agreed as agreedBy } from "../parity.ts";
import { pseudorandom } from "../pseudorandom.ts";
import { postQuantumProviders } from "./providers.ts";

type Ask = Parameters<typeof agreedBy>[1];
const agreed = (id: number, ask: Ask): Promise<boolean | string> => agreedBy(id, ask, postQuantumProviders);
const suiteWith = (has: (suite: (typeof postQuantumSuites)[number]) => boolean): number =>
  postQuantumSuites.find(has)!.id;

const kems: readonly PostQuantumKemName[] = [
  "MLKEM768-X25519",
  "MLKEM768-P256",
  "MLKEM1024-P384",
  "ML-KEM-768",
  "ML-KEM-1024",
];

describe.each(kems)("%s", (name) => {
  const id = suiteWith(({ kem }) => kem === name);
  const random = pseudorandom(mlKems["ML-KEM-768"].enc + kems.indexOf(name));
  const suite = postQuantumProviders[2]!.cipherSuite(id);
  const { publicKey: pqKey, enc: pqEnc } = mlKems[isHybrid(name) ? hybrids[name].mlKem : name];
  const pair = () => suite.generateKemKeyPair(random);
  const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = bytes.slice();
    copy[at] = value;
    return copy;
  };

  test("the same key pairs, ciphertexts and secrets", async () => {
    for (let i = 0; i < 3; i++) {
      const ikm = random(48);
      expect(await agreed(id, async (s) => (await s.deriveKeyPair(ikm)).privateKey)).toMatch(/^[0-9a-f]{64,}$/);
      expect(await agreed(id, async (s) => (await s.deriveKeyPair(ikm)).publicKey)).toMatch(/^[0-9a-f]+$/);
      const { privateKey, publicKey } = await pair();
      expect(await agreed(id, (s) => s.kemPublicKey(privateKey))).toBe(hex(publicKey));
      const drawn = random(200);
      const replayed = () => {
        let at = 0;
        return (length: number) => drawn.slice(at, (at += length));
      };
      const { enc, sharedSecret } = await suite.encap(publicKey, replayed());
      expect(await agreed(id, async (s) => (await s.encap(publicKey, replayed())).enc)).toBe(hex(enc));
      expect(await agreed(id, (s) => s.decap(enc, privateKey))).toBe(hex(sharedSecret));
      expect(await agreed(id, (s) => s.decap(enc, privateKey, publicKey))).toBe(hex(sharedSecret));
    }
  });

  test("everybody opens what the platform's randomness made", async () => {
    const { privateKey, publicKey } = await pair();
    for (const provider of postQuantumProviders) {
      const { enc, sharedSecret } = await provider.cipherSuite(id).encap(publicKey, platformRandom);
      expect(await agreed(id, (s) => s.decap(enc, privateKey))).toBe(hex(sharedSecret));
    }
  });

  test("a damaged ciphertext of ML-KEM gives another secret, the same one everywhere", async () => {
    const { privateKey, publicKey } = await pair();
    const { enc, sharedSecret } = await suite.encap(publicKey, random);
    for (const at of [0, pqEnc - 1]) {
      const damaged = changed(enc, at, enc[at]! ^ 1);
      const secret = await agreed(id, (s) => s.decap(damaged, privateKey));
      expect(secret).toMatch(/^[0-9a-f]{64}$/);
      expect(secret).not.toBe(hex(sharedSecret));
    }
    const nonsense = enc.slice().fill(255, 0, pqEnc);
    expect(await agreed(id, (s) => s.decap(nonsense, privateKey))).toMatch(/^[0-9a-f]{64}$/);
  });

  test("a coefficient of 3,329 or more is no public key: the modulus check", async () => {
    const { publicKey } = await pair();
    // Coefficients are 12 bits each: the first, the second, and the last one before rho.
    const least = [
      changed(changed(publicKey, 0, 0x01), 1, (publicKey[1]! & 0xf0) | 0x0d),
      changed(changed(publicKey, 1, (publicKey[1]! & 0x0f) | 0x10), 2, 0xd0),
      changed(changed(publicKey, pqKey - 34, 0x1f), pqKey - 33, 0xd0),
    ];
    for (const wrong of least) {
      expect(await agreed(id, (s) => s.isKemPublicKey(wrong))).toBe(false);
      expect(await agreed(id, async (s) => (await s.encap(wrong, random)).enc)).toBe("key-invalid");
    }
    const most = [
      changed(changed(publicKey, 0, 0x00), 1, (publicKey[1]! & 0xf0) | 0x0d),
      changed(changed(publicKey, 1, publicKey[1]! & 0x0f), 2, 0xd0),
    ];
    for (const right of [...most, changed(publicKey, pqKey - 1, publicKey[pqKey - 1]! ^ 255)]) {
      expect(await agreed(id, (s) => s.isKemPublicKey(right))).toBe(true);
      expect(
        await agreed(id, async (s) => (await s.encap(right, (length) => new Uint8Array(length).fill(1))).enc),
      ).toMatch(/^[0-9a-f]+$/);
    }
  });

  test("other lengths are refused before anything is computed", async () => {
    const { privateKey, publicKey } = await pair();
    const { enc } = await suite.encap(publicKey, random);
    for (const wrong of [new Uint8Array(0), publicKey.subarray(1), concat(publicKey, new Uint8Array(1))]) {
      expect(await agreed(id, (s) => s.isKemPublicKey(wrong))).toBe(false);
      expect(await agreed(id, async (s) => (await s.encap(wrong, random)).enc)).toBe("key-invalid");
      expect(await agreed(id, (s) => s.decap(enc, privateKey, wrong))).toBe("key-invalid");
      expect(await agreed(id, (s) => s.decap(enc, wrong))).toBe("key-invalid");
      expect(await agreed(id, (s) => s.kemPublicKey(wrong))).toBe("key-invalid");
    }
    for (const wrong of [new Uint8Array(0), enc.subarray(1), concat(enc, new Uint8Array(1))]) {
      expect(await agreed(id, (s) => s.decap(wrong, privateKey))).toBe("decapsulation");
    }
  });

  if (!isHybrid(name)) return;
  test("a point that is none, or of small order, is refused", async () => {
    const { privateKey, publicKey } = await pair();
    const { enc } = await suite.encap(publicKey, random);
    const { length } = publicKey.subarray(pqKey);
    const none = new Uint8Array(length); // u = 0, and no point of a NIST curve
    const infinity = new Uint8Array(length).fill(4, 0, 1);
    for (const element of [none, ...(length === 32 ? [changed(none, 0, 1)] : [infinity, changed(infinity, 1, 9)])]) {
      expect(await agreed(id, (s) => s.isKemPublicKey(concat(publicKey.subarray(0, pqKey), element)))).toBe(false);
      expect(await agreed(id, (s) => s.decap(concat(enc.subarray(0, pqEnc), element), privateKey))).toBe(
        "decapsulation",
      );
    }
  });
});

describe.each(Object.keys(mlDsas) as MlDsaName[])("%s", (name) => {
  const id = suiteWith(({ signature }) => signature === name);
  const random = pseudorandom(mlDsas[name].signature);
  const message = random(100);
  const suites: readonly CipherSuite[] = postQuantumProviders.map((provider) => provider.cipherSuite(id));

  test("the same public keys, and everybody's signatures verify everywhere", async () => {
    const privateKey = random(32);
    const publicKey = await suites[2]!.signaturePublicKey(privateKey);
    expect(publicKey.length).toBe(mlDsas[name].publicKey);
    expect(await agreed(id, (s) => s.signaturePublicKey(privateKey))).toBe(hex(publicKey));
    for (const signing of suites) {
      const signature = await (await signing.signer(privateKey)).sign(message);
      expect(signature.length).toBe(mlDsas[name].signature);
      expect(await agreed(id, (s) => s.verify({ publicKey, message, signature }))).toBe(true);
      expect(await agreed(id, (s) => s.verify({ publicKey, message: random(100), signature }))).toBe(false);
      const damaged = signature.slice();
      damaged[40]! ^= 1;
      const hint = signature.slice();
      hint[hint.length - 1] = 255; // a hint with more ones than there may be
      const many = [signature, damaged, hint, signature.subarray(1), signature].map((one) => ({
        publicKey,
        message,
        signature: one,
      }));
      for (const each of suites) expect(await each.verifyAll(many)).toEqual([true, false, false, false, true]);
      for (const { signature: one } of many.slice(1, 4)) {
        expect(await agreed(id, (s) => s.verify({ publicKey, message, signature: one }))).toBe(false);
      }
    }
  });

  test("keys of other lengths are none", async () => {
    const { publicKey } = await suites[0]!.generateSignatureKeyPair(random);
    const signature = new Uint8Array(mlDsas[name].signature);
    expect(await agreed(id, (s) => s.isSignaturePublicKey(publicKey))).toBe(true);
    for (const wrong of [new Uint8Array(0), publicKey.subarray(1), concat(publicKey, new Uint8Array(1))]) {
      expect(await agreed(id, (s) => s.isSignaturePublicKey(wrong))).toBe(false);
      expect(await agreed(id, (s) => s.verify({ publicKey: wrong, message, signature }))).toBe(false);
      expect(await agreed(id, (s) => s.signaturePublicKey(wrong))).toBe("key-invalid");
      await expect(async () => suites[0]!.signer(wrong)).rejects.toMatchObject({ code: "key-invalid" });
    }
  });
});
