/**
 * The two sets of symmetric primitives: against Project Wycheproof, and against each other.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesEqual } from "../../src/bytes/compare.ts";
import { concat } from "../../src/bytes/concat.ts";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { hkdfExpand, hkdfExtract } from "../../src/crypto/hkdf.ts";
import * as noble from "../../src/crypto/symmetric-noble.ts";
import * as node from "../../src/crypto/symmetric-node.ts";
import type { HashName, Symmetric } from "../../src/crypto/symmetric.ts";
import { CopseError } from "../../src/errors.ts";
import { describePublished } from "./published.ts";

const sets: readonly { readonly name: string; readonly symmetric: Symmetric }[] = [
  { name: "node", symmetric: node },
  { name: "noble", symmetric: noble },
];
const hashNames = ["sha256", "sha384", "sha512"] as const satisfies readonly HashName[];

interface Wycheproof<Case> {
  readonly testGroups: readonly {
    readonly tagSize?: number;
    readonly ivSize?: number;
    readonly keySize?: number;
    readonly tests: readonly Case[];
  }[];
}

describe.each(hashNames)("%s", (hash) => {
  interface HmacCase {
    readonly tcId: number;
    readonly key: string;
    readonly msg: string;
    readonly tag: string;
    readonly result: string;
  }
  describePublished<Wycheproof<HmacCase>>(`wycheproof/hmac_${hash}_test.json`, ({ testGroups }) => {
    test.each(sets)("$name", ({ symmetric }) => {
      for (const { tagSize = 0, tests } of testGroups) {
        for (const { tcId, key, msg, tag, result } of tests) {
          const mac = symmetric.hmac(hash, fromHex(key), fromHex(msg)).subarray(0, tagSize / 8);
          expect(hex(mac) === tag, `case ${String(tcId)}`).toBe(result === "valid");
        }
      }
    });
  });

  interface HkdfCase {
    readonly tcId: number;
    readonly ikm: string;
    readonly salt: string;
    readonly info: string;
    readonly size: number;
    readonly okm: string;
    readonly result: string;
  }
  describePublished<Wycheproof<HkdfCase>>(`wycheproof/hkdf_${hash}_test.json`, ({ testGroups }) => {
    test.each(sets)("$name", ({ symmetric }) => {
      for (const { tcId, ikm, salt, info, size, okm, result } of testGroups.flatMap(({ tests }) => tests)) {
        const prk = hkdfExtract(symmetric, hash, fromHex(salt), fromHex(ikm));
        const expand = (): string => hex(hkdfExpand(symmetric, hash, prk, fromHex(info), size));
        if (result === "valid") expect(expand(), `case ${String(tcId)}`).toBe(okm);
        else expect(expand, `case ${String(tcId)}`).toThrow(TypeError);
      }
    });
  });

  test("hashes and MACs are the same in both, and arrays of their own", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 200 }), (data, key) => {
        const digest = node.hash(hash, data);
        expect(digest).toEqual(noble.hash(hash, data));
        const mac = node.hmac(hash, key, data);
        expect(mac).toEqual(noble.hmac(hash, key, data));
        for (const bytes of [digest, mac]) {
          expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
          expect(bytes.buffer.byteLength).toBe(bytes.length);
        }
      }),
    );
  });
});

interface AeadCase {
  readonly tcId: number;
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
  readonly result: string;
}

const aeads = [
  { file: "aes_gcm_test.json", keySizes: [128, 256], seal: "aesGcmSeal", open: "aesGcmOpen" },
  {
    file: "chacha20_poly1305_test.json",
    keySizes: [256],
    seal: "chacha20Poly1305Seal",
    open: "chacha20Poly1305Open",
  },
] as const;

describe.each(aeads)("$seal", ({ file, keySizes, seal, open }) => {
  describePublished<Wycheproof<AeadCase>>(`wycheproof/${file}`, ({ testGroups }) => {
    const cases = testGroups
      .filter(({ ivSize, keySize }) => ivSize === 96 && (keySizes as readonly number[]).includes(keySize ?? 0))
      .flatMap(({ tests }) => tests);
    test.each(sets)("$name", ({ symmetric }) => {
      expect(cases.length).toBeGreaterThan(60);
      for (const { tcId, key, iv, aad, msg, ct, tag, result } of cases) {
        const [keyBytes, nonce, associatedData] = [fromHex(key), fromHex(iv), fromHex(aad)];
        const opened = (): string => hex(symmetric[open](keyBytes, nonce, associatedData, fromHex(ct + tag)));
        if (result === "valid") {
          expect(opened(), `case ${String(tcId)}`).toBe(msg);
          expect(hex(symmetric[seal](keyBytes, nonce, associatedData, fromHex(msg)))).toBe(ct + tag);
        } else {
          expect(opened, `case ${String(tcId)}`).toThrow(CopseError);
        }
      }
    });
  });

  test("what one seals the other opens, and nothing else", () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const key = fc.constantFrom(...keySizes).chain((size) => bytes(size / 8));
    fc.assert(
      fc.property(
        key,
        bytes(12),
        fc.uint8Array({ maxLength: 50 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(),
        (keyBytes, nonce, associatedData, plaintext, where) => {
          const sealed = node[seal](keyBytes, nonce, associatedData, plaintext);
          expect(sealed).toEqual(noble[seal](keyBytes, nonce, associatedData, plaintext));
          const changed = sealed.slice();
          changed[where % changed.length] = changed[where % changed.length]! ^ 1;
          for (const { symmetric } of sets) {
            const opened = symmetric[open](keyBytes, nonce, associatedData, sealed);
            expect(bytesEqual(opened, plaintext)).toBe(true);
            expect(Object.getPrototypeOf(opened)).toBe(Uint8Array.prototype);
            const longer = concat(associatedData, new Uint8Array(1));
            for (const wrong of [
              () => symmetric[open](keyBytes, nonce, associatedData, changed),
              () => symmetric[open](keyBytes, nonce, longer, sealed),
              () => symmetric[open](keyBytes, nonce, associatedData, sealed.subarray(1)),
              () => symmetric[open](keyBytes, nonce, associatedData, sealed.subarray(0, 15)),
              () => symmetric[open](keyBytes, nonce, associatedData, new Uint8Array(0)),
            ]) {
              expect(wrong).toThrow(expect.objectContaining({ code: "aead-open" }));
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("AES-CTR", () => {
  // SP 800-38A appendices F.5.1 and F.5.5.
  const counterBlock = fromHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const plaintext = fromHex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  test.each([
    ["2b7e151628aed2a6abf7158809cf4f3c", "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"],
    [
      "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
      "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5",
    ],
  ])("key %s", (key, ciphertext) => {
    for (const { symmetric } of sets) {
      expect(hex(symmetric.aesCtr(fromHex(key), counterBlock, plaintext))).toBe(ciphertext);
      expect(hex(symmetric.aesCtr(fromHex(key), counterBlock, fromHex(ciphertext)))).toBe(hex(plaintext));
    }
  });

  test("both give the same, also where the counter wraps", () => {
    const wrapping = new Uint8Array(16).fill(0xff);
    const data = new Uint8Array(100).map((_, i) => i);
    const key = new Uint8Array(16).fill(7);
    expect(node.aesCtr(key, wrapping, data)).toEqual(noble.aesCtr(key, wrapping, data));
    expect(node.aesCtr(key, wrapping, new Uint8Array(0))).toEqual(new Uint8Array(0));
  });
});
