/**
 * Root keys and account keys.
 */

import { describe, expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { createAccountKey, isCertified, readAccountKey, rootKeyOf, writeAccountKey } from "../../src/accounts/keys.ts";
import { createRecoveryCode, readRecoveryCode } from "../../src/accounts/recovery-code.ts";
import { nobleProvider } from "../../src/crypto/noble.ts";
import { suiteOf } from "../group/world.ts";
import { refused } from "./world.ts";

const user = "mimi://example.org/u/alice";
const fixed = { random: (length: number) => new Uint8Array(length).map((_, i) => i) };

describe("a root key", () => {
  it.each([1, 2, 3, 4, 5, 6, 7])(
    "of suite %i is the same whenever its code is read, by whichever provider",
    async (id) => {
      const { code, seed } = createRecoveryCode(fixed);
      const root = await rootKeyOf(suiteOf(id), seed);
      const again = await rootKeyOf(suiteOf(id, nobleProvider), readRecoveryCode(code.toLowerCase()).seed);
      expect(hex(again.publicKey)).toBe(hex(root.publicKey));
      expect(root.suite.isSignaturePublicKey(root.publicKey)).toBe(true);
      // It signs.
      const key = await createAccountKey({ root: again, user });
      expect(await isCertified(suiteOf(id), key.certificate)).toBe(true);
    },
  );

  it("stays what it is from one version to the next, and is another of each suite", async () => {
    const { seed } = createRecoveryCode(fixed);
    const keys = await Promise.all([1, 3].map(async (id) => hex((await rootKeyOf(suiteOf(id), seed)).publicKey)));
    expect(keys[0]).toBe("a491e3485572f30667a99dbedb7ec4a4928e407fc1e12e70db325f8dc35d264f");
    expect(keys[1]).not.toBe(keys[0]);
  });

  it("leaves the seed as it is, and takes nothing else for one", async () => {
    const { seed } = createRecoveryCode(fixed);
    await rootKeyOf(suiteOf(), seed);
    expect(seed.use(hex)).toBe("000102030405060708090a0b0c0d0e0f");
    await expect(rootKeyOf(suiteOf(), new Uint8Array(16) as never)).rejects.toThrow(TypeError);
    await expect(rootKeyOf({} as never, seed)).rejects.toThrow(TypeError);
    seed.wipe();
    await expect(rootKeyOf(suiteOf(), seed)).rejects.toThrow(TypeError);
  });
});

describe("an account key", async () => {
  const root = await rootKeyOf(suiteOf(), createRecoveryCode().seed);
  const key = await createAccountKey({ root, user });

  it("is signed by its root, for one user, under a number", async () => {
    const suite = suiteOf();
    const { certificate } = key;
    expect(certificate.number).toBe(1);
    expect(await isCertified(suite, certificate)).toBe(true);
    const other = await rootKeyOf(suite, createRecoveryCode().seed);
    const changes = [
      { user: new TextEncoder().encode("mimi://example.org/u/mallory") },
      { number: 2 },
      { cipherSuite: 3 },
      { accountKey: other.publicKey },
      { rootKey: other.publicKey },
      { signature: certificate.signature.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) },
      { signature: new Uint8Array(0) },
    ];
    for (const change of changes) expect(await isCertified(suite, { ...certificate, ...change })).toBe(false);
  });

  it("comes after another, which it retires", async () => {
    const next = await createAccountKey({ root, user, after: 1 });
    expect(next.certificate.number).toBe(2);
    expect(hex(next.certificate.accountKey)).not.toBe(hex(key.certificate.accountKey));
    await expect(createAccountKey({ root, user, after: 2 ** 32 - 1 })).rejects.toThrow(TypeError);
    await expect(createAccountKey({ root, user, after: -1 })).rejects.toThrow(TypeError);
    await expect(createAccountKey({ root, user: "alice" })).rejects.toThrow("a user's URI");
  });

  it("is written and read again", async () => {
    const written = writeAccountKey(key).use((bytes) => bytes.slice());
    const read = await readAccountKey(written);
    expect(read.certificate).toEqual(key.certificate);
    expect(read.privateKey.use(hex)).toBe(key.privateKey.use(hex));
    written.fill(0);
    expect(hex(read.certificate.accountKey)).toBe(hex(key.certificate.accountKey));
  });

  it("is refused where it is another's, damaged, of another version or of no suite", async () => {
    const written = writeAccountKey(key).use((bytes) => bytes.slice());
    const other = await createAccountKey({ root, user, after: 1 });
    const mixed = writeAccountKey({ ...key, privateKey: other.privateKey }).use((bytes) => bytes.slice());
    const forged = { ...key.certificate, number: 2 };
    const promoted = writeAccountKey({ ...key, certificate: forged }).use((bytes) => bytes.slice());
    const short = writeAccountKey({ ...key, privateKey: createRecoveryCode().seed as never }).use((bytes) =>
      bytes.slice(),
    );
    for (const bytes of [new Uint8Array(0), written.slice(1), mixed, promoted, short, written.with(0, 2)]) {
      await refused(readAccountKey(bytes), "account-key");
    }
    const unknown = writeAccountKey({ ...key, certificate: { ...key.certificate, cipherSuite: 0xf00f } });
    await refused(readAccountKey(unknown.use((bytes) => bytes.slice())), "statement-suite");
    const error = await refused(readAccountKey(written.slice(0, -1)), "account-key");
    expect(error.cause).toBeUndefined();
    await expect(readAccountKey("key" as never)).rejects.toThrow(TypeError);
    expect(() => writeAccountKey({} as never)).toThrow(TypeError);
  });
});
