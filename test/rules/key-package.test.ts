import { describe, expect, test } from "vitest";
import { signWithLabel } from "../../src/crypto/labels.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import {
  checkInitKey,
  checkKeyPackageExtensionsListed,
  checkKeyPackageSuite,
  checkKeyPackageVersion,
  keyPackageSignature,
} from "../../src/rules/key-package.ts";
import { checkSignatures } from "../../src/rules/signatures.ts";
import { keyPackageTbs, type KeyPackage } from "../../src/wire/key-package.ts";
import { extension, keyPackage, leaf, suite } from "./scene.ts";
import { laterVerdict, verdict } from "./verdict.ts";

describe("a key package", () => {
  test("has the group's version and cipher suite: valn0201", () => {
    expect(verdict(() => checkKeyPackageSuite(keyPackage, suite))).toBe("kept");
    for (const fields of [{ version: 2 }, { version: 0 }, { cipherSuite: 3 }]) {
      expect(verdict(() => checkKeyPackageSuite({ ...keyPackage, ...fields }, suite))).toBe(
        "key-package-suite, valn0201",
      );
    }
  });

  test("has the version of the message around it: valn0205", () => {
    expect(verdict(() => checkKeyPackageVersion({ ...keyPackage, cipherSuite: 99 }))).toBe("kept");
    for (const version of [0, 2, 0xffff]) {
      expect(verdict(() => checkKeyPackageVersion({ ...keyPackage, version }))).toBe("key-package-version, valn0205");
    }
  });

  test("is made with extensions that its leaf's capabilities list, default ones aside: section 10", () => {
    const { capabilities } = leaf(0, {}, { extensions: [0xf001, 0xf002] });
    const check = (...types: readonly number[]): string =>
      verdict(() =>
        checkKeyPackageExtensionsListed(
          types.map((type) => extension(type)),
          capabilities,
        ),
      );
    expect(check()).toBe("kept");
    expect(check(0xf002, 1, 0xf001)).toBe("kept");
    for (const type of [0xf003, 6, 0x0a0a]) {
      expect(check(0xf001, type)).toBe("leaf-extension-unlisted, section 10");
    }
  });

  test("has an init key of its own: valn0204", () => {
    const initKey = new Uint8Array(32).fill(9);
    const check = (fields: Partial<KeyPackage>): string =>
      verdict(() => checkInitKey({ ...keyPackage, initKey, ...fields }, suite));
    expect(check({})).toBe("kept");
    expect(check({ leafNode: leaf(0, { encryptionKey: initKey.slice() }) })).toBe("key-package-init-key, valn0204");
  });

  test("has an init key that the suite's KEM accepts: section 10", () => {
    for (const initKey of [new Uint8Array(0), new Uint8Array(31).fill(9), new Uint8Array(32)]) {
      expect(verdict(() => checkInitKey({ ...keyPackage, initKey }, suite))).toBe("key-invalid, section 10");
    }
  });

  test("is signed as KeyPackageTBS with the key of its leaf: valn0203", async () => {
    const { privateKey, publicKey } = await suite.generateSignatureKeyPair(platformRandom);
    const other = await suite.generateSignatureKeyPair(platformRandom);
    const signer = await suite.signer(privateKey);
    const unsigned = { ...keyPackage, leafNode: leaf(0, { signatureKey: publicKey }) };
    const signature = await signWithLabel(signer, "KeyPackageTBS", keyPackageTbs(unsigned));
    const signed: KeyPackage = { ...unsigned, signature };
    const check = (each: KeyPackage): Promise<string> =>
      laterVerdict(() => checkSignatures(suite, [keyPackageSignature(each)]));
    expect(await check(signed)).toBe("kept");
    for (const fields of [
      { version: 2 },
      { cipherSuite: 2 },
      { initKey: new Uint8Array(3) },
      { leafNode: leaf(1, { signatureKey: publicKey }) },
      { leafNode: leaf(0, { signatureKey: other.publicKey }) },
      { extensions: [{ type: 9, data: new Uint8Array(0) }] },
      { signature: signature.with(0, signature[0]! ^ 1) },
      { signature: new Uint8Array(0) },
      { signature: await signWithLabel(signer, "LeafNodeTBS", keyPackageTbs(unsigned)) },
    ]) {
      expect(await check({ ...signed, ...fields })).toBe("key-package-signature, valn0203");
    }
  });
});
