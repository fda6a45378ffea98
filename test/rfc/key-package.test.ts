/**
 * Key package validation, and the Adds that carry them. RFC 9420 sections 10, 10.1, 12.1.1, 12.1.2.
 */

import { describe, it } from "vitest";
import { client, suiteOf } from "../group/world.ts";
import { refuses, trio, type Broken } from "./breaking.ts";
import { forgeCommit, proposed } from "./forging.ts";
import { forgeKeyPackage, forgeUpdate, published, type KeyPackageChange } from "./leaves.ts";

/** A key package with such a change is refused by whoever is asked to add it, and by whoever receives an Add of it. */
async function refusesKeyPackage(change: KeyPackageChange, broken: Broken): Promise<void> {
  const [alice, bob, carol] = await trio();
  const keyPackage = await forgeKeyPackage(await client("dave"), change);
  await refuses(bob, await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }), broken);
  await refuses(bob, async () => proposed(alice, { type: "add", keyPackage }, [bob]), broken);
  if (keyPackage.version === 1) await refuses(carol, () => carol.commit({ add: [published(keyPackage)] }), broken);
}

describe("a key package", () => {
  it("valn0201: of another cipher suite is refused", async () => {
    await refusesKeyPackage({ fields: () => ({ cipherSuite: 3 }) }, ["key-package-suite", "valn0201"]);
    const [alice, bob] = await trio();
    const keyPackage = await forgeKeyPackage(await client("dave", suiteOf(2)));
    const commit = await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }], path: false });
    await refuses(bob, commit, ["key-package-suite", "valn0201"]);
  });

  it("valn0201: of another protocol version is refused", async () => {
    await refusesKeyPackage({ fields: () => ({ version: 2 }) }, ["key-package-suite", "valn0201"]);
  });

  it("valn0202: whose leaf node is not valid for a key package is refused", async () => {
    const leaf = (): object => ({ leafNodeSource: { type: "update" } });
    await refusesKeyPackage({ leaf }, ["leaf-source", "valn0108"]);
    const unlisted = (): object => ({ extensions: [{ type: 0xf0f0, data: new Uint8Array(0) }] });
    await refusesKeyPackage({ leaf: unlisted }, ["leaf-extension-unlisted", "valn0107"]);
  });

  it("valn0203: whose signature does not verify with its leaf's signature key is refused", async () => {
    const broken: Broken = ["key-package-signature", "valn0203"];
    await refusesKeyPackage({ fields: () => ({ signature: new Uint8Array(64) }) }, broken);
    // The leaf verifies with its own key; the key package around it is signed by somebody else.
    const { identity } = await client("dave");
    const [alice, bob] = await trio();
    const { leafNode } = await forgeKeyPackage({ name: "dave", identity });
    const keyPackage = await forgeKeyPackage(await client("mallory"), { fields: () => ({ leafNode }) });
    const commit = await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] });
    await refuses(bob, commit, broken);
  });

  it("valn0204: whose init key is its leaf's encryption key is refused", async () => {
    await refusesKeyPackage({ fields: ({ leafNode }) => ({ initKey: leafNode.encryptionKey }) }, [
      "key-package-init-key",
      "valn0204",
    ]);
  });

  it("valn0205: of another version than the MLSMessage around it is refused", async () => {
    const [, bob] = await trio();
    const keyPackage = await forgeKeyPackage(await client("dave"), { fields: () => ({ version: 2 }) });
    const broken: Broken = ["key-package-version", "valn0205"];
    await refuses(bob, () => bob.commit({ add: [published(keyPackage)] }), broken);
    await refuses(bob, () => bob.propose({ add: published(keyPackage) }), broken);
  });
});

describe("a proposal", () => {
  it("valn0501: to add a key package that is not valid is refused, when it arrives and by value", async () => {
    const signature = new Uint8Array(64);
    await refusesKeyPackage({ fields: () => ({ signature }) }, ["key-package-signature", "valn0203"]);
    await refusesKeyPackage({ fields: () => ({ initKey: new Uint8Array(32) }) }, ["key-invalid", "section 10"]);
  });

  it("valn0601: to update with a leaf node that is not valid for an Update is refused", async () => {
    const [, bob, carol] = await trio();
    const signature = new Uint8Array(64);
    const update = await forgeUpdate(bob, () => ({ signature }));
    await refuses(carol, async () => proposed(bob, update, [carol]), ["leaf-signature", "valn0102"]);
    // Signed for Bob's place: at another one it means nothing.
    const elsewhere = await forgeUpdate(bob);
    await refuses(bob, async () => proposed(carol, elsewhere, [bob]), ["leaf-signature", "valn0102"]);
  });

  it("section 10 (1): whose keys are not of the cipher suite is refused: init, encryption and signature key", async () => {
    const broken: Broken = ["key-invalid", "section 10"];
    await refusesKeyPackage({ fields: () => ({ initKey: new Uint8Array(31) }) }, broken);
    await refusesKeyPackage({ leaf: () => ({ encryptionKey: new Uint8Array(33).fill(9) }) }, broken);
    await refusesKeyPackage({ leaf: () => ({ signatureKey: new Uint8Array(31).fill(9) }) }, broken);
  });
});
