/**
 * DHKEM's own parts: the search for a private key on the NIST curves, and what is left in memory behind it and HPKE.
 */

import { describe, expect, test } from "vitest";
import { bytesEqual } from "../../../src/bytes/compare.ts";
import { concat } from "../../../src/bytes/concat.ts";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { dhkem } from "../../../src/crypto/hpke/dhkem.ts";
import { hkdfExpand, hkdfExtract } from "../../../src/crypto/hkdf.ts";
import type { Kem } from "../../../src/crypto/hpke/kem.ts";
import { labeledExpand, labeledExtract, type Kdf } from "../../../src/crypto/hpke/labeled-kdf.ts";
import {
  decryptWithLabel,
  encryptWithLabel,
  externalInitReceive,
  externalInitSend,
} from "../../../src/crypto/labels.ts";
import { nobleDh } from "../../../src/crypto/noble/dh.ts";
import { nobleSignatures } from "../../../src/crypto/noble/signatures.ts";
import type { CipherSuite, Dh } from "../../../src/crypto/provider.ts";
import { providerOf } from "../../../src/crypto/suites/suite.ts";
import * as noble from "../../../src/crypto/symmetric-noble.ts";
import { CopseError } from "../../../src/errors.ts";
import { pseudorandom } from "../pseudorandom.ts";

describe("DeriveKeyPair on a NIST curve", () => {
  const kdfOf = (candidate: (counter: number, length: number) => Uint8Array): Kdf => ({
    extract: (salt, ikm) => hkdfExtract(noble, "sha256", salt, ikm),
    expand: (_prk, info, length) => candidate(info.at(-1)!, length),
  });

  test("candidates that are no private keys are passed over, in order", async () => {
    const kdf = kdfOf((counter, length) => {
      const candidate = new Uint8Array(length);
      if (counter === 1) candidate.fill(0xff); // above the order
      if (counter >= 2) candidate[length - 1] = counter;
      return candidate;
    });
    const { privateKey } = await dhkem(nobleDh("P-256"), () => kdf).deriveKeyPair(new Uint8Array(32));
    expect(privateKey.at(-1)).toBe(2);
  });

  test("after 256 candidates it gives up", async () => {
    const kdf = kdfOf((_counter, length) => new Uint8Array(length));
    const kem = dhkem(nobleDh("P-256"), () => kdf);
    await expect(kem.deriveKeyPair(new Uint8Array(32))).rejects.toMatchObject({ code: "key-invalid" });
  });
});

/** RFC 9180 section 7.1.3 for X25519 and X448: sk = LabeledExpand(LabeledExtract("", "dkp_prk", ikm), "sk", "", Nsk). */
test.each([
  ["X25519", 0x20, "sha256", 32],
  ["X448", 0x21, "sha512", 56],
] as const)("DeriveKeyPair on %s expands the private key, and searches for none", async (name, id, hash, length) => {
  const kdf: Kdf = {
    extract: (salt, ikm) => hkdfExtract(noble, hash, salt, ikm),
    expand: (prk, info, size) => hkdfExpand(noble, hash, prk, info, size),
  };
  const suiteId = concat(utf8("KEM"), Uint8Array.of(0, id));
  const ikm = pseudorandom(id)(length);
  const prk = labeledExtract(kdf, suiteId, new Uint8Array(0), utf8("dkp_prk"), ikm);
  const expected = labeledExpand(kdf, suiteId, prk, utf8("sk"), new Uint8Array(0), length);
  const { privateKey } = await dhkem(nobleDh(name), () => kdf).deriveKeyPair(ikm);
  expect(hex(privateKey)).toBe(hex(expected));
});

describe("the shared secret of a Diffie-Hellman", () => {
  /** A KEM over a group whose platform agrees on this, whatever the keys. */
  const kemOver = (name: Dh["name"], agree: () => Promise<Uint8Array>): { readonly kem: Kem; readonly dh: Dh } => {
    const dh = nobleDh(name);
    const odd: Dh = {
      name,
      async load(privateKey, publicKey) {
        return { publicKey: (await dh.load(privateKey, publicKey)).publicKey, agree };
      },
    };
    const kdf: Kdf = {
      extract: (salt, ikm) => hkdfExtract(noble, "sha256", salt, ikm),
      expand: (prk, info, size) => hkdfExpand(noble, "sha256", prk, info, size),
    };
    return { kem: dhkem(odd, () => kdf), dh };
  };
  const outcomes = async ({ kem }: { readonly kem: Kem }): Promise<readonly string[]> => {
    const random = pseudorandom(5);
    const { privateKey, publicKey } = await kem.generateKeyPair(random);
    const codeOf = (error: unknown): string => (error instanceof CopseError ? error.code : String(error));
    return Promise.all([
      (async () => kem.encap(publicKey, random))().then(() => "done", codeOf),
      (async () => kem.decap(publicKey, privateKey))().then(() => "done", codeOf),
    ]);
  };
  const zeros = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array(56));
  const oneBit = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array(56).fill(1, 55));

  // RFC 9180 section 7.1.4: "recipients MUST check whether the Diffie-Hellman shared secret is the all-zero value and abort
  // if so", for X25519 and X448.
  test.each(["X25519", "X448"] as const)("on %s is not all zeros", async (name) => {
    expect(await outcomes(kemOver(name, zeros))).toEqual(["key-invalid", "decapsulation"]);
    expect(await outcomes(kemOver(name, oneBit))).toEqual(["done", "done"]);
  });

  test("on a NIST curve may be all zeros: it is the x-coordinate of a point", async () => {
    expect(await outcomes(kemOver("P-256", zeros))).toEqual(["done", "done"]);
  });

  test("that the platform does not give has the code of whose key it was", async () => {
    const failing = (): Promise<never> => Promise.reject(new Error("OperationError"));
    for (const name of ["X25519", "P-256"] as const) {
      expect(await outcomes(kemOver(name, failing))).toEqual(["key-invalid", "decapsulation"]);
    }
  });
});

test("a public key that is known is not computed again", async () => {
  const given: boolean[] = [];
  const dh = nobleDh("P-521");
  const kem = dhkem(
    {
      name: dh.name,
      load(privateKey, publicKey) {
        given.push(publicKey !== undefined);
        return dh.load(privateKey, publicKey);
      },
    },
    () => ({
      extract: (salt, ikm) => hkdfExtract(noble, "sha512", salt, ikm),
      expand: (_prk, _info, length) => new Uint8Array(length).fill(1),
    }),
  );
  const { privateKey, publicKey } = await kem.deriveKeyPair(new Uint8Array(32));
  const { enc } = await kem.encap(publicKey, pseudorandom(1));
  given.length = 0;
  await kem.decap(enc, privateKey);
  await kem.decap(enc, privateKey, publicKey);
  expect(given).toEqual([false, true]);
});

/** A provider that remembers every array that may hold a secret. */
function watched(): { readonly secrets: Uint8Array[]; suite(id: number): CipherSuite } {
  const secrets: Uint8Array[] = [];
  const watch = <T extends Uint8Array>(bytes: T): T => {
    secrets.push(bytes);
    return bytes;
  };
  const provider = providerOf({
    name: "watched",
    symmetric: {
      ...noble,
      hmac: (name, key, data) => watch(noble.hmac(name, key, data)),
      aesGcmSeal: (key, nonce, aad, data) => noble.aesGcmSeal(watch(key), watch(nonce), aad, data),
      aesGcmOpen: (key, nonce, ...rest) => noble.aesGcmOpen(watch(key), watch(nonce), ...rest),
    },
    dh: (name): Dh => {
      const dh = nobleDh(name);
      return {
        name,
        async load(privateKey) {
          const key = await dh.load(watch(privateKey));
          return { publicKey: key.publicKey, agree: async (theirs) => watch(await key.agree(theirs)) };
        },
      };
    },
    signatures: nobleSignatures,
  });
  return { secrets, suite: (id) => provider.cipherSuite(id) };
}

/** The arrays that still hold something, without those whose contents are public or were handed over. */
function left(secrets: readonly Uint8Array[], except: readonly Uint8Array[]): string[] {
  return secrets
    .filter((bytes) => bytes.some((byte) => byte !== 0) && !except.some((known) => bytesEqual(known, bytes)))
    .map(hex);
}

describe.each([1, 2, 5, 7])("suite %i leaves no secret behind", (id) => {
  const { secrets, suite: suiteOf } = watched();
  const suite = suiteOf(id);
  const random = pseudorandom(id);
  const suiteId = concat(utf8("HPKE"), new Uint8Array([0, suite.hpke.kem, 0, suite.hpke.kdf, 0, suite.hpke.aead]));
  /** The two hashes of the key schedule that are computed with HMAC but hold public data. */
  const scheduleHashes = (info: Uint8Array): Uint8Array[] =>
    [["psk_id_hash", new Uint8Array(0)] as const, ["info_hash", info] as const].map(([label, data]) =>
      labeledExtract(suite, suiteId, new Uint8Array(0), utf8(label), data),
    );
  /** An EncryptContext of these short fields. */
  const encryptContext = (label: string, context: Uint8Array): Uint8Array => {
    const full = utf8(`MLS 1.0 ${label}`);
    return concat(new Uint8Array([full.length]), full, new Uint8Array([context.length]), context);
  };

  test("deriving a key pair", async () => {
    secrets.length = 0;
    const { privateKey } = await suite.deriveKeyPair(random(32));
    expect(secrets.length).toBeGreaterThan(1);
    expect(left(secrets, [privateKey])).toEqual([]);
  });

  test("generating a key pair", async () => {
    secrets.length = 0;
    const ikm: Uint8Array[] = [];
    const { privateKey } = await suite.generateKemKeyPair((length) => {
      const bytes = random(length);
      ikm.push(bytes);
      return bytes;
    });
    expect(ikm.map(({ length }) => length)).toEqual([privateKey.length]); // Nsk
    expect(secrets.length).toBeGreaterThan(1);
    expect(left([...secrets, ...ikm], [privateKey])).toEqual([]);
  });

  test("encapsulating and decapsulating", async () => {
    const keys = await suite.deriveKeyPair(random(32));
    secrets.length = 0;
    const { enc, sharedSecret } = await suite.encap(keys.publicKey, random);
    expect(secrets.length).toBeGreaterThan(4);
    expect(left(secrets, [sharedSecret])).toEqual([]);
    secrets.length = 0;
    expect(await suite.decap(enc, keys.privateKey)).toEqual(sharedSecret);
    expect(await suite.decap(enc, keys.privateKey, keys.publicKey)).toEqual(sharedSecret);
    expect(left(secrets, [sharedSecret, keys.privateKey])).toEqual([]);
  });

  test("encrypting and decrypting with a label", async () => {
    const keys = await suite.deriveKeyPair(random(32));
    const [context, plaintext] = [random(20), random(32)];
    const publicHashes = scheduleHashes(encryptContext("test", context));
    secrets.length = 0;
    const input = { label: "test", context };
    const sealed = await encryptWithLabel(suite, { ...input, publicKey: keys.publicKey, plaintext, random });
    expect(secrets.length).toBeGreaterThan(8);
    expect(left(secrets, publicHashes)).toEqual([]);
    secrets.length = 0;
    await decryptWithLabel(suite, { ...input, privateKey: keys.privateKey, ...sealed });
    const wrong = { ...sealed, ciphertext: sealed.ciphertext.slice(1) };
    await expect(decryptWithLabel(suite, { ...input, privateKey: keys.privateKey, ...wrong })).rejects.toThrow();
    expect(left(secrets, [...publicHashes, keys.privateKey])).toEqual([]);
  });

  test("external initialization", async () => {
    const keys = await suite.deriveKeyPair(random(32));
    const publicHashes = scheduleHashes(new Uint8Array(0));
    secrets.length = 0;
    const { kemOutput, initSecret } = await externalInitSend(suite, keys.publicKey, random);
    await externalInitReceive(suite, keys, kemOutput);
    expect(left(secrets, [...publicHashes, initSecret, keys.privateKey])).toEqual([]);
  });
});
