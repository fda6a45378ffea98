/**
 * Providers as their users see them: the same bytes from the same randomness, suites by number and by name, and errors
 * with documented codes.
 */

import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { cipherSuites } from "../../src/crypto/suites/cipher-suites.ts";
import { encryptWithLabel, externalInitSend, makeKeyPackageRef, makeProposalRef } from "../../src/crypto/labels.ts";
import { nobleProvider } from "../../src/crypto/noble.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import type { Provider } from "../../src/crypto/provider.ts";
import { platformRandom, randomBytes } from "../../src/crypto/random.ts";
import { CopseError } from "../../src/errors.ts";
import { agreed } from "./parity.ts";
import { providers } from "./providers.ts";
import { pseudorandom } from "./pseudorandom.ts";

const ids = cipherSuites.map(({ id }) => id);

test.each(ids)("suite %i: where randomness is fixed, so is every byte", async (id) => {
  const bytes = /^[0-9a-f]{32,}$/;
  const signatureKey = await agreed(id, async (suite) => {
    const { privateKey, publicKey } = await suite.generateSignatureKeyPair(pseudorandom(id));
    expect(await suite.signaturePublicKey(privateKey)).toEqual(publicKey);
    return publicKey;
  });
  expect(signatureKey).toMatch(bytes);
  const ikm = pseudorandom(id)(40);
  const derived = await nobleProvider.cipherSuite(id).deriveKeyPair(ikm);
  for (const part of ["privateKey", "publicKey"] as const) {
    expect(await agreed(id, async (suite) => (await suite.deriveKeyPair(ikm))[part])).toMatch(bytes);
  }
  const { publicKey } = derived;
  for (const part of ["enc", "sharedSecret"] as const) {
    expect(await agreed(id, async (suite) => (await suite.encap(publicKey, pseudorandom(8)))[part])).toMatch(bytes);
  }
  const sealing = { publicKey, label: "test", context: ikm, plaintext: ikm };
  for (const part of ["kemOutput", "ciphertext"] as const) {
    const seal = async (random: ReturnType<typeof pseudorandom>, suite = cipherSuite(id)) =>
      (await encryptWithLabel(suite, { ...sealing, random }))[part];
    expect(await agreed(id, (suite) => seal(pseudorandom(9), suite))).toMatch(bytes);
  }
  expect(
    await agreed(id, async (suite) => (await externalInitSend(suite, publicKey, pseudorandom(3))).initSecret),
  ).toMatch(bytes);
  for (const ref of [makeKeyPackageRef, makeProposalRef])
    expect(await agreed(id, (suite) => ref(suite, ikm))).toMatch(bytes);
});

test.each(ids)("suite %i: decapsulating with the public key that belongs gives the same secret", async (id) => {
  const random = pseudorandom(id + 20);
  const ours = nobleProvider.cipherSuite(id);
  for (let i = 0; i < 3; i++) {
    const [pair, other] = [await ours.deriveKeyPair(random(40)), await ours.deriveKeyPair(random(40))];
    const { enc, sharedSecret } = await ours.encap(pair.publicKey, random);
    const decapWith = (publicKey: Uint8Array | undefined) =>
      agreed(id, (suite) => suite.decap(enc, pair.privateKey, publicKey));
    expect(await decapWith(undefined)).toBe(hex(sharedSecret));
    expect(await decapWith(pair.publicKey)).toBe(hex(sharedSecret));
    for (const wrong of [new Uint8Array(0), pair.publicKey.subarray(1), new Uint8Array(pair.publicKey.length)]) {
      expect(await decapWith(wrong)).toBe("key-invalid");
    }
    // One that does not belong: WebCrypto may notice, and nobody gets the secret.
    for (const suite of providers.map((provider) => provider.cipherSuite(id))) {
      const got = await Promise.resolve(suite.decap(enc, pair.privateKey, other.publicKey)).catch(
        (error: unknown) => error,
      );
      if (got instanceof Uint8Array) expect(got).not.toEqual(sharedSecret);
      else expect(got).toMatchObject({ code: "key-invalid" });
    }
  }
});

describe("DeriveKeyPair", () => {
  // Without the bitmask of RFC 9180 section 7.1.3 all but one in 128 of the candidates on P-521 would be too large.
  test("masks and tries again until a key is valid", async () => {
    for (let i = 0; i < 20; i++) {
      const ikm = pseudorandom(i + 1)(66);
      expect(await agreed(5, async (suite) => (await suite.deriveKeyPair(ikm)).privateKey)).toMatch(/^0[01]/);
    }
  });
});

describe("cipherSuite", () => {
  test("takes a number or a name, and gives one object a suite", () => {
    for (const { id, name } of cipherSuites) {
      for (const provider of providers) {
        const suite = cipherSuite(id, provider);
        expect(cipherSuite(name, provider)).toBe(suite);
        expect({ id: suite.id, name: suite.name, provider: suite.provider }).toEqual({
          id,
          name,
          provider: provider.name,
        });
      }
    }
    expect(cipherSuite(1).provider).toBe("node");
  });

  test("refuses what it does not know", () => {
    for (const unknown of [0, 8, 0xf0f0, "", "MLS_128", "__proto__"]) {
      for (const provider of providers) {
        expect(() => cipherSuite(unknown, provider)).toThrow(expect.objectContaining({ code: "suite-unsupported" }));
      }
    }
  });

  test("finds a caller's own suite by its name", () => {
    const own = { ...cipherSuite(1), id: 0xf001, name: "OWN" };
    const provider: Provider = { name: "own", suites: [0xf001], cipherSuite: () => own };
    expect(cipherSuite("OWN", provider)).toBe(own);
  });
});

describe("seal and open", () => {
  test.each(providers)("$name: a key or nonce of the wrong length is the caller's mistake", (provider) => {
    const suite = provider.cipherSuite(1);
    const nothing = new Uint8Array(0);
    for (const [key, nonce] of [
      [new Uint8Array(32), new Uint8Array(12)],
      [new Uint8Array(16), new Uint8Array(8)],
    ] as const) {
      expect(() => suite.seal(key, nonce, nothing, nothing)).toThrow(TypeError);
      expect(() => suite.open(key, nonce, nothing, new Uint8Array(16))).toThrow(TypeError);
    }
  });
});

describe("randomness", () => {
  test("the platform's source gives any length", () => {
    for (const length of [0, 1, 32, 65_536, 200_000]) expect(platformRandom(length).length).toBe(length);
    const long = platformRandom(200_000);
    expect(new Set(long).size).toBe(256);
    expect(long.subarray(131_072).some((byte) => byte !== 0)).toBe(true);
  });

  test("a source that fails, or gives too little, is an error", async () => {
    const short = () => new Uint8Array(31);
    const failing = () => {
      throw new Error("no entropy");
    };
    for (const random of [short, failing]) {
      expect(() => randomBytes(random, 32)).toThrow(CopseError);
      for (const provider of providers) {
        const suite = provider.cipherSuite(1);
        await expect(suite.generateSignatureKeyPair(random)).rejects.toMatchObject({ code: "random-source" });
        const { publicKey } = await suite.deriveKeyPair(new Uint8Array(32));
        await expect(suite.encap(publicKey, random)).rejects.toMatchObject({ code: "random-source" });
      }
    }
  });
});

describe("verifyAll", () => {
  test.each(providers)("$name: one answer each, in order", async (provider) => {
    const suite = provider.cipherSuite(1);
    const { privateKey, publicKey } = await suite.generateSignatureKeyPair(platformRandom);
    const signer = await suite.signer(privateKey);
    expect(await suite.verifyAll([])).toEqual([]);
    const count = provider.name === "noble" ? 12 : 150;
    const verifications = [];
    for (let i = 0; i < count; i++) {
      const message = new Uint8Array([i]);
      const signature = i % 7 === 3 ? new Uint8Array(i) : await signer.sign(i % 5 === 0 ? publicKey : message);
      verifications.push({ publicKey, message, signature });
    }
    const expected = verifications.map((_, i) => i % 7 !== 3 && i % 5 !== 0);
    expect(await suite.verifyAll(verifications)).toEqual(expected);
    expect(await suite.verifyAll(verifications.slice(1, 2))).toEqual([true]);
  });
});

test("a signer keeps its own copy of the key", async () => {
  for (const provider of providers) {
    for (const id of [1, 2]) {
      const suite = provider.cipherSuite(id);
      const { privateKey, publicKey } = await suite.generateSignatureKeyPair(platformRandom);
      const signer = await suite.signer(privateKey);
      privateKey.fill(0);
      const signature = await signer.sign(publicKey);
      expect(await nodeProvider.cipherSuite(id).verify({ publicKey, message: publicKey, signature })).toBe(true);
    }
  }
});
