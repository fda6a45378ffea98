import { describe, expect, test } from "vitest";
import { encode } from "../../src/codec/codec.ts";
import { signWithLabel } from "../../src/crypto/labels.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import {
  checkAccepted,
  checkCredentialListed,
  checkCredentialSupport,
  checkEncryptionKeyChanged,
  checkExtensionsListed,
  checkLeafKeys,
  checkLeafSource,
  checkLifetime,
  checkRequiredCapabilities,
  checkTotalLifetime,
  checkUniqueClient,
  checkUniqueEncryptionKey,
  checkUniqueSignatureKey,
  checkVersionAndSuite,
  leafSignature,
} from "../../src/rules/leaf-node.ts";
import { checkSignatures } from "../../src/rules/signatures.ts";
import type { ClientKey } from "../../src/tree/indexes.ts";
import { Credential } from "../../src/wire/credential.ts";
import type { RequiredCapabilities } from "../../src/wire/extension.ts";
import { leafNodeTbs, type LeafNode, type LeafNodeSource, type LeafPosition } from "../../src/wire/leaf-node.ts";
import { extension, leaf, suite, treeOf } from "./scene.ts";
import { laterVerdict, verdict } from "./verdict.ts";

const sources: { readonly [K in LeafNodeSource["type"]]: Extract<LeafNodeSource, { type: K }> } = {
  key_package: { type: "key_package", lifetime: { notBefore: 1000n, notAfter: 2000n } },
  update: { type: "update" },
  commit: { type: "commit", parentHash: new Uint8Array([1]) },
};

describe("the signature of a leaf, valn0102", () => {
  const position: LeafPosition = { groupId: new Uint8Array([1]), leafIndex: 2 };
  const elsewhere: readonly LeafPosition[] = [
    { ...position, groupId: new Uint8Array([2]) },
    { ...position, leafIndex: 3 },
  ];

  test.each(Object.values(sources))(
    "covers every field, and the place of one that was made in a group: $type",
    async (leafNodeSource) => {
      const { privateKey, publicKey } = await suite.generateSignatureKeyPair(platformRandom);
      const signer = await suite.signer(privateKey);
      const unsigned = leaf(0, { signatureKey: publicKey, leafNodeSource });
      const signature = await signWithLabel(signer, "LeafNodeTBS", leafNodeTbs(unsigned, position));
      const check = (fields: Partial<LeafNode>, at = position): Promise<string> =>
        laterVerdict(() => checkSignatures(suite, [leafSignature({ ...unsigned, signature, ...fields }, at)]));
      expect(await check({})).toBe("kept");
      for (const fields of [
        { encryptionKey: new Uint8Array([7]) },
        { signatureKey: new Uint8Array(32).fill(7) },
        { credential: { type: "basic" as const, identity: new Uint8Array([7]) } },
        { capabilities: { ...unsigned.capabilities, versions: [1, 2] } },
        { leafNodeSource: Object.values(sources).find((other) => other !== leafNodeSource)! },
        { extensions: [extension(1)] },
        { signature: signature.with(0, signature[0]! ^ 1) },
        { signature: await signWithLabel(signer, "KeyPackageTBS", leafNodeTbs(unsigned, position)) },
      ]) {
        expect(await check(fields)).toBe("leaf-signature, valn0102");
      }
      for (const at of elsewhere) {
        expect(await check({}, at)).toBe(leafNodeSource.type === "key_package" ? "kept" : "leaf-signature, valn0102");
      }
    },
  );
});

test("keys are of the suite: section 10", async () => {
  const { publicKey: encryptionKey } = await suite.deriveKeyPair(new Uint8Array(32).fill(1));
  const { publicKey: signatureKey } = await suite.generateSignatureKeyPair(platformRandom);
  expect(verdict(() => checkLeafKeys(suite, leaf(0, { encryptionKey, signatureKey })))).toBe("kept");
  const short = encryptionKey.subarray(1);
  for (const keys of [
    { encryptionKey: short, signatureKey },
    { encryptionKey: new Uint8Array(32), signatureKey },
    { encryptionKey, signatureKey: short },
    { encryptionKey, signatureKey: new Uint8Array(0) },
  ]) {
    expect(verdict(() => checkLeafKeys(suite, leaf(0, keys)))).toBe("key-invalid, section 10");
  }
});

describe("capabilities", () => {
  test("list what the group requires, where it is not default: valn0103", () => {
    const able = leaf(0, {}, { extensions: [0xf001], proposals: [0xf002], credentials: [1, 0xf003] });
    const check = (required: Partial<RequiredCapabilities> | undefined): string =>
      verdict(() =>
        checkRequiredCapabilities(
          able,
          required && { extensionTypes: [], proposalTypes: [], credentialTypes: [], ...required },
        ),
      );
    expect(check(undefined)).toBe("kept");
    expect(check({})).toBe("kept");
    expect(check({ extensionTypes: [0xf001, 1, 5], proposalTypes: [0xf002, 1, 7], credentialTypes: [0xf003, 1] })).toBe(
      "kept",
    );
    for (const required of [
      { extensionTypes: [0xf001, 0xf002] },
      { proposalTypes: [0xf001] },
      { credentialTypes: [2] }, // no credential type is default
      { extensionTypes: [6] },
      { proposalTypes: [8] },
    ]) {
      expect(check(required)).toBe("leaf-required-capabilities, valn0103");
    }
  });

  test("list the version and the cipher suite: section 11.1", () => {
    const check = (versions: readonly number[], cipherSuites: readonly number[]): string =>
      verdict(() => checkVersionAndSuite(leaf(0, {}, { versions, cipherSuites }), suite));
    expect(check([2, 1], [3, 1])).toBe("kept");
    expect(check([], [1])).toBe("leaf-version-unsupported, section 11.1");
    expect(check([2], [1])).toBe("leaf-version-unsupported, section 11.1");
    expect(check([1], [])).toBe("leaf-version-unsupported, section 11.1");
    expect(check([1], [2, 3])).toBe("leaf-version-unsupported, section 11.1");
  });

  test("list the version, where the application accepts those who don't list the suite", () => {
    const check = (versions: readonly number[], cipherSuites: readonly number[]): string =>
      verdict(() => {
        checkVersionAndSuite(leaf(0, {}, { versions, cipherSuites }), suite, { acceptUnlistedSuite: true });
      });
    for (const cipherSuites of [[1], [], [2, 3]]) {
      expect(check([1], cipherSuites)).toBe("kept");
      expect(check([2], cipherSuites)).toBe("leaf-version-unsupported, section 11.1");
    }
  });

  test("list the types of the leaf's own extensions, where they are not default: valn0107", () => {
    const extensions = [extension(1), extension(0xf001)];
    expect(verdict(() => checkExtensionsListed(leaf(0, { extensions }, { extensions: [0xf001] })))).toBe("kept");
    for (const listed of [[], [0xf002], [1]]) {
      expect(verdict(() => checkExtensionsListed(leaf(0, { extensions }, { extensions: listed })))).toBe(
        "leaf-extension-unlisted, valn0107",
      );
    }
  });

  test("list the leaf's own credential type: valn0113", () => {
    const custom = leaf(0, { credential: { type: 0xf000, data: new Uint8Array(0) } }, { credentials: [1, 0xf000] });
    expect(verdict(() => checkCredentialListed(leaf(0)))).toBe("kept");
    expect(verdict(() => checkCredentialListed(custom))).toBe("kept");
    for (const credentials of [[], [2]]) {
      expect(verdict(() => checkCredentialListed(leaf(0, {}, { credentials })))).toBe(
        "leaf-credential-unlisted, valn0113",
      );
    }
  });
});

describe("the credential type of a leaf, valn0104", () => {
  const x509 = { credential: { type: "x509" as const, certificates: [] } };
  const broken = "leaf-credential-unsupported, valn0104";

  test("is supported by all members", () => {
    const both = leaf(0, x509, { credentials: [1, 2] });
    const all = treeOf([both, leaf(1, {}, { credentials: [1, 2] })]);
    expect(verdict(() => checkCredentialSupport(both, all))).toBe("kept");
    const some = treeOf([both, leaf(1, {}, { credentials: [1, 2] }), leaf(2, {}, { credentials: [1] })]);
    expect(verdict(() => checkCredentialSupport(both, some))).toBe(broken);
  });

  test("is not the only one that the leaf supports, where others use others", () => {
    const basic = leaf(1);
    const tree = treeOf([leaf(0, x509, { credentials: [1, 2] }), basic]);
    expect(verdict(() => checkCredentialSupport(basic, tree))).toBe(broken);
    expect(verdict(() => checkCredentialSupport(basic, treeOf([leaf(0), basic])))).toBe("kept");
  });
});

describe("a lifetime", () => {
  const aged = leaf(0, { leafNodeSource: sources.key_package });

  test.each(["valn0105", "valn0106"] as const)("holds the current time, give or take other clocks: %s", (rule) => {
    const at = (now: number, clockSkew: number): string => verdict(() => checkLifetime(aged, now, { clockSkew }, rule));
    for (const [now, skew] of [
      [1000, 0],
      [2000, 0],
      [1500.9, 0],
      [2000.9, 0],
      [940, 60],
      [2060, 60],
      [940, 60.9],
    ] as const) {
      expect(at(now, skew)).toBe("kept");
    }
    for (const [now, skew] of [
      [999, 0],
      [999.9, 0],
      [2001, 0],
      [939, 60],
      [2061, 60],
      [0, 0],
    ] as const) {
      expect(at(now, skew)).toBe(`leaf-lifetime, ${rule}`);
    }
  });

  test("is the matter of key packages only", () => {
    for (const leafNodeSource of [sources.update, sources.commit]) {
      const other = leaf(0, { leafNodeSource });
      expect(verdict(() => checkLifetime(other, 0, { clockSkew: 0 }, "valn0106"))).toBe("kept");
      expect(verdict(() => checkTotalLifetime(other, { maximum: 0 }))).toBe("kept");
    }
  });

  test("of any length fits into the numbers", () => {
    const forever = { notBefore: 0n, notAfter: 2n ** 64n - 1n };
    const endless = leaf(0, { leafNodeSource: { type: "key_package", lifetime: forever } });
    expect(verdict(() => checkLifetime(endless, 2 ** 40, { clockSkew: 3600 }, "valn0106"))).toBe("kept");
    expect(verdict(() => checkTotalLifetime(endless, { maximum: Infinity }))).toBe("kept");
    expect(verdict(() => checkTotalLifetime(endless, { maximum: 2 ** 53 }))).toBe("leaf-lifetime-range, section 7.2");
  });

  test("is no longer than the application accepts: section 7.2", () => {
    for (const maximum of [1000, 1000.9, 5000, Infinity]) {
      expect(verdict(() => checkTotalLifetime(aged, { maximum }))).toBe("kept");
    }
    for (const maximum of [999, 0]) {
      expect(verdict(() => checkTotalLifetime(aged, { maximum }))).toBe("leaf-lifetime-range, section 7.2");
    }
  });

  test("does not end before it begins: section 7.2", () => {
    const lifetime = { notBefore: 2000n, notAfter: 1999n };
    const inverted = leaf(0, { leafNodeSource: { type: "key_package", lifetime } });
    expect(verdict(() => checkTotalLifetime(inverted, { maximum: 5000 }))).toBe("leaf-lifetime-range, section 7.2");
  });
});

describe("the source of a leaf", () => {
  test.each([
    ["key_package", "valn0108"],
    ["update", "valn0109"],
    ["commit", "valn0110"],
  ] as const)("is %s where it must be: %s", (type, rule) => {
    for (const leafNodeSource of Object.values(sources)) {
      expect(verdict(() => checkLeafSource(leaf(0, { leafNodeSource }), type))).toBe(
        leafNodeSource.type === type ? "kept" : `leaf-source, ${rule}`,
      );
    }
  });

  test.each(["valn0109", "valn1208"] as const)("brings a new encryption key: %s", (rule) => {
    expect(verdict(() => checkEncryptionKeyChanged(leaf(0), leaf(1), rule))).toBe("kept");
    const same = leaf(1, { encryptionKey: leaf(0).encryptionKey.slice() });
    expect(verdict(() => checkEncryptionKeyChanged(same, leaf(0), rule))).toBe(`leaf-encryption-key-reused, ${rule}`);
  });
});

describe("among the members", () => {
  test("a signature key is unique: valn0111", () => {
    const twin = leaf(2, { signatureKey: leaf(0).signatureKey });
    expect(verdict(() => checkUniqueSignatureKey(leaf(2), treeOf([leaf(0), leaf(1), leaf(2)])))).toBe("kept");
    expect(verdict(() => checkUniqueSignatureKey(twin, treeOf([leaf(0), leaf(1), twin])))).toBe(
      "duplicate-signature-key, valn0111",
    );
  });

  test("a client is a member once, as the application tells clients apart: section 12.2", () => {
    const clientKey: ClientKey = (credential) => encode(Credential, credential);
    const again = leaf(2, { credential: leaf(0).credential });
    for (const [tree, last, expected] of [
      [treeOf([leaf(0), leaf(2)], clientKey), leaf(2), "kept"],
      [treeOf([leaf(0), again]), again, "kept"], // whose signature keys differ
      [treeOf([leaf(0), again], clientKey), again, "duplicate-client, section 12.2"],
    ] as const) {
      expect(verdict(() => checkUniqueClient(last, tree))).toBe(expected);
    }
  });

  test("an encryption key is unique, in parent nodes too: valn0112", () => {
    const twin = leaf(2, { encryptionKey: leaf(0).encryptionKey });
    expect(verdict(() => checkUniqueEncryptionKey(leaf(2), treeOf([leaf(0), leaf(1), leaf(2)])))).toBe("kept");
    expect(verdict(() => checkUniqueEncryptionKey(twin, treeOf([leaf(0), leaf(1), twin])))).toBe(
      "duplicate-encryption-key, valn0112",
    );
    const tree = treeOf([leaf(0), leaf(1)]);
    tree.mergePath(1, leaf(1), tree.planPath(tree.filteredDirectPath(1), [leaf(0).encryptionKey]));
    expect(verdict(() => checkUniqueEncryptionKey(leaf(0), tree))).toBe("duplicate-encryption-key, valn0112");
  });
});

test("a credential that enters is one that the application accepts: valn0101, and section 5.3.1 for a successor", () => {
  for (const isSuccessor of [true, false]) expect(verdict(() => checkAccepted(true, isSuccessor))).toBe("kept");
  expect(verdict(() => checkAccepted(false, false))).toBe("credential-invalid, valn0101");
  expect(verdict(() => checkAccepted(false, true))).toBe("credential-invalid, section 5.3.1");
});
