/**
 * Cipher suites that a caller adds: what they are made of, what is refused, and what a KEM is held to.
 */

import { describe, expect, test, vi } from "vitest";
import { withCipherSuites, type CipherSuiteDefinition } from "../../../src/crypto/suites/added-suites.ts";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import { cipherSuites } from "../../../src/crypto/suites/cipher-suites.ts";
import type { Kem } from "../../../src/crypto/hpke/kem.ts";
import { decryptWithLabel, encryptWithLabel } from "../../../src/crypto/labels.ts";
import { nobleProvider } from "../../../src/crypto/noble.ts";
import type { CipherSuite, Provider } from "../../../src/crypto/provider.ts";
import { CopseError } from "../../../src/errors.ts";
import { madeUpKem, madeUpSuite } from "../made-up-kem.ts";
import { providers } from "../providers.ts";
import { pseudorandom } from "../pseudorandom.ts";

const random = pseudorandom(77);
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);

describe.each(providers)("added to $name", (provider) => {
  const more = withCipherSuites(provider, [madeUpSuite, { ...madeUpSuite, id: 0xf0fd, name: "OTHER", hash: "sha512" }]);
  const suite = cipherSuite(madeUpSuite.id, more);

  test("a suite is found by its number and its name, and the others stay what they were", () => {
    expect(more.suites).toEqual([...provider.suites, 0xf0fe, 0xf0fd]);
    expect(cipherSuite(madeUpSuite.name, more)).toBe(suite);
    expect(cipherSuite(0xf0fd, more)).toMatchObject({ id: 0xf0fd, name: "OTHER", hashLength: 64 });
    for (const { id } of cipherSuites) expect(more.cipherSuite(id)).toBe(provider.cipherSuite(id));
    for (const none of [0xf0fc, 8, "MLS"]) {
      expect(() => cipherSuite(none, more)).toThrow(expect.objectContaining({ code: "suite-unsupported" }));
    }
  });

  test("it has the algorithms that it names", async () => {
    expect(suite).toMatchObject({
      provider: provider.name,
      hashLength: 48,
      keyLength: 32,
      nonceLength: 12,
      tagLength: 16,
    });
    expect(suite.hpke).toEqual({ kem: 0xfe01, kdf: 2, aead: 2 });
    const [ed25519, sha384] = [provider.cipherSuite(1), provider.cipherSuite(7)];
    expect(suite.hash(bytes(3))).toEqual(sha384.hash(bytes(3)));
    expect(suite.mac(bytes(3), bytes(4))).toEqual(sha384.mac(bytes(3), bytes(4)));
    expect(suite.extract(bytes(3), bytes(4))).toEqual(sha384.extract(bytes(3), bytes(4)));
    expect(suite.expand(bytes(48), bytes(4), 60)).toEqual(sha384.expand(bytes(48), bytes(4), 60));
    const sealed = suite.seal(bytes(32), bytes(12), bytes(1), bytes(9));
    expect(sealed).toEqual(sha384.seal(bytes(32), bytes(12), bytes(1), bytes(9)));
    expect(suite.open(bytes(32), bytes(12), bytes(1), sealed)).toEqual(bytes(9));
    const { privateKey, publicKey } = await suite.generateSignatureKeyPair(random);
    expect(await suite.signaturePublicKey(privateKey)).toEqual(await ed25519.signaturePublicKey(privateKey));
    expect([suite.isSignaturePublicKey(publicKey), suite.isSignaturePublicKey(bytes(31))]).toEqual([true, false]);
    const signature = await (await suite.signer(privateKey)).sign(bytes(5));
    expect(await suite.verify({ publicKey, message: bytes(5), signature })).toBe(true);
    expect(await suite.verifyAll([{ publicKey, message: bytes(6), signature }])).toEqual([false]);
  });

  test("it encrypts with a label", async () => {
    const { privateKey, publicKey } = await suite.generateKemKeyPair(random);
    expect(await suite.kemPublicKey(privateKey)).toEqual(publicKey);
    const message = { label: "test", context: bytes(4) };
    const sealed = await encryptWithLabel(suite, { ...message, publicKey, plaintext: bytes(10), random });
    expect(sealed.kemOutput.length).toBe(madeUpKem.lengths.enc);
    for (const known of [{}, { publicKey }]) {
      expect(await decryptWithLabel(suite, { ...message, ...sealed, privateKey, ...known })).toEqual(bytes(10));
    }
  });
});

test("suites can be added to what has added ones, and to a caller's provider", () => {
  const once = withCipherSuites(nobleProvider, [madeUpSuite]);
  const twice = withCipherSuites(once, [{ ...madeUpSuite, id: 0xf0fd, name: "OTHER" }]);
  expect(twice.suites.slice(-2)).toEqual([0xf0fe, 0xf0fd]);
  expect(twice.cipherSuite(0xf0fe)).toBe(once.cipherSuite(0xf0fe));
  expect(() => withCipherSuites(once, [{ ...madeUpSuite, id: 0xf0fd }])).toThrow(TypeError);
  expect(() => withCipherSuites(once, [{ ...madeUpSuite, name: "OTHER" }])).toThrow(TypeError);
  const own: Provider = { name: "own", suites: [1], cipherSuite: (id) => nobleProvider.cipherSuite(id) };
  const small = { ...madeUpSuite, hash: "sha256", aead: "AES-128-GCM" } as const;
  expect(withCipherSuites(own, [small]).cipherSuite(0xf0fe).provider).toBe("own");
  for (const lacking of [{ hash: "sha384" }, { aead: "AES-256-GCM" }, { signature: "Ed448" }] as const) {
    expect(() => withCipherSuites(own, [{ ...small, ...lacking }])).toThrow(
      expect.objectContaining({ code: "suite-unsupported" }),
    );
  }
});

test("a signature scheme can come with the suite", async () => {
  const scheme = { ...nobleProvider.cipherSuite(4) };
  const suite = withCipherSuites(nobleProvider, [{ ...madeUpSuite, signature: scheme }]).cipherSuite(0xf0fe);
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(random);
  expect(publicKey.length).toBe(57);
  const signature = await (await suite.signer(privateKey)).sign(bytes(5));
  expect(await scheme.verify({ publicKey, message: bytes(5), signature })).toBe(true);
});

test("the numbers that RFC 9420 keeps free stay free, and its own are taken, whether the provider has them or not", () => {
  const own: Provider = { name: "own", suites: [1], cipherSuite: (id) => nobleProvider.cipherSuite(id) };
  const small = { ...madeUpSuite, hash: "sha256", aead: "AES-128-GCM" } as const;
  for (const id of [0, 0x0a0a, 0x1a1a, 0xeaea]) {
    const reserved = new TypeError("the number of this cipher suite is reserved");
    expect(() => withCipherSuites(own, [{ ...small, id }])).toThrow(reserved);
  }
  for (const id of [1, 2, 7]) {
    const taken = new TypeError("the number of this cipher suite is taken");
    expect(() => withCipherSuites(own, [{ ...small, id }])).toThrow(taken);
  }
});

test.each<[string, Partial<CipherSuiteDefinition>]>([
  ["a number of RFC 9420", { id: 7 }],
  ["a number that is none", { id: 1.5 }],
  ["a number of 17 bits", { id: 0x1_0000 }],
  ["no name", { name: "" }],
  ["a name of another type", { name: 5 as never }],
  ["a name of RFC 9420", { name: cipherSuites[6]!.name }],
  ["a KEM with a number of 17 bits", { kem: { ...madeUpKem, id: 0x1_0000 } }],
  ...(["publicKey", "privateKey", "enc", "sharedSecret"] as const).map(
    (length): [string, Partial<CipherSuiteDefinition>] => [
      `no length of ${length}`,
      { kem: { ...madeUpKem, lengths: { ...madeUpKem.lengths, [length]: 0 } } },
    ],
  ),
])("%s is the caller's mistake", (_, wrong) => {
  expect(() => withCipherSuites(nobleProvider, [{ ...madeUpSuite, ...wrong }])).toThrow(TypeError);
});

test("two suites of one number, or of one name, are the caller's mistake", () => {
  const [first, second] = [madeUpSuite, { ...madeUpSuite, id: 0xf0fd, name: "OTHER" }];
  expect(() => withCipherSuites(nobleProvider, [first, { ...second, id: first.id }])).toThrow(TypeError);
  expect(() => withCipherSuites(nobleProvider, [first, { ...second, name: first.name }])).toThrow(TypeError);
  for (const id of [0xfafa, 0x0a1a, 0x1b1b, 8]) {
    expect(withCipherSuites(nobleProvider, [{ ...first, id }]).cipherSuite(id).id).toBe(id); // none is GREASE
  }
});

describe("a KEM is held to its word", () => {
  const suiteOf = (kem: Partial<Kem>): CipherSuite =>
    withCipherSuites(nobleProvider, [{ ...madeUpSuite, kem: { ...madeUpKem, ...kem } }]).cipherSuite(madeUpSuite.id);
  const suite = suiteOf({});
  const code = async (work: () => unknown): Promise<unknown> => {
    try {
      await work();
      return "done";
    } catch (error) {
      return error instanceof CopseError ? error.code : error;
    }
  };
  const own = madeUpKem.deriveKeyPair(bytes(9)) as { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array };
  const { privateKey, publicKey } = own;

  test("keys and encapsulations of other lengths never reach it", async () => {
    const never = vi.fn((): never => {
      throw new Error("was asked");
    });
    const deaf = suiteOf({ publicKey: never, isPublicKey: never, encap: never, decap: never });
    for (const wrong of [new Uint8Array(0), publicKey.subarray(1), bytes(1_102)]) {
      expect(deaf.isKemPublicKey(wrong)).toBe(false);
      expect(await code(() => deaf.encap(wrong, random))).toBe("key-invalid");
      expect(await code(() => deaf.decap(bytes(77), privateKey, wrong))).toBe("key-invalid");
      expect(await code(() => deaf.decap(bytes(77), wrong))).toBe("key-invalid");
      expect(await code(() => deaf.kemPublicKey(wrong))).toBe("key-invalid");
      expect(await code(() => deaf.decap(wrong, privateKey))).toBe("decapsulation");
    }
    expect(never).not.toHaveBeenCalled();
  });

  test("a public key that it refuses is no key", async () => {
    expect([suite.isKemPublicKey(publicKey), suite.isKemPublicKey(bytes(1_101))]).toEqual([true, false]);
    expect(await code(() => suite.encap(bytes(1_101), random))).toBe("key-invalid");
    expect(await code(() => suite.decap(bytes(77), privateKey, bytes(1_101)))).toBe("key-invalid");
    expect(await code(() => suite.decap(bytes(77), privateKey, publicKey))).toBe("done");
    expect(suiteOf({ isPublicKey: () => "yes" as never }).isKemPublicKey(publicKey)).toBe(false);
  });

  test("what it throws has a code, and its own codes stay", async () => {
    const failing = (): never => {
      throw new RangeError("inside");
    };
    const broken = suiteOf({
      generateKeyPair: failing,
      deriveKeyPair: failing,
      publicKey: () => Promise.reject(new RangeError("inside")),
      encap: failing,
      decap: failing,
    });
    expect(await code(() => broken.generateKemKeyPair(random))).toBe("key-invalid");
    expect(await code(() => broken.deriveKeyPair(bytes(9)))).toBe("key-invalid");
    expect(await code(() => broken.kemPublicKey(privateKey))).toBe("key-invalid");
    expect(await code(() => broken.encap(publicKey, random))).toBe("key-invalid");
    expect(await code(() => broken.decap(bytes(77), privateKey))).toBe("decapsulation");
    expect(await code(() => suite.encap(publicKey, () => bytes(1)))).toBe("random-source");
    expect(await code(() => suite.generateKemKeyPair(() => bytes(1)))).toBe("random-source");
  });

  test("what it gives has the lengths that it says", async () => {
    for (const wrong of [bytes(3), "text" as unknown as Uint8Array, undefined as unknown as Uint8Array]) {
      for (const pair of [
        { ...own, publicKey: wrong },
        { ...own, privateKey: wrong },
      ]) {
        const kem = suiteOf({ generateKeyPair: () => pair, deriveKeyPair: () => pair });
        expect(await code(() => kem.generateKemKeyPair(random))).toBeInstanceOf(TypeError);
        expect(await code(() => kem.deriveKeyPair(bytes(9)))).toBeInstanceOf(TypeError);
      }
      expect(await code(() => suiteOf({ publicKey: () => wrong }).kemPublicKey(privateKey))).toBeInstanceOf(TypeError);
      for (const sealed of [
        { enc: wrong, sharedSecret: bytes(24) },
        { enc: bytes(77), sharedSecret: wrong },
      ]) {
        expect(await code(() => suiteOf({ encap: () => sealed }).encap(publicKey, random))).toBeInstanceOf(TypeError);
      }
      const decap = suiteOf({ decap: () => wrong });
      expect(await code(() => decap.decap(bytes(77), privateKey))).toBeInstanceOf(TypeError);
    }
  });
});
