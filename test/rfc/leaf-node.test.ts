/**
 * Leaf node validation. RFC 9420 sections 7.2, 7.3.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { requiredCapabilities } from "../../src/public-group/extensions.ts";
import { Group } from "../../src/group/group.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import type { ExtensionRegistry } from "../../src/rules/registry.ts";
import type { Extension } from "../../src/wire/extension.ts";
import { client, groupOf, keyPackageOf, setClock, suiteOf, trusting } from "../group/world.ts";
import { brokenBy, refuses, trio, type Broken } from "./breaking.ts";
import { forgeCommit, proposed } from "./forging.ts";
import { forgeKeyPackage, forgeUpdate, leafAt, published, type LeafChange } from "./leaves.ts";

const custom = { extension: 0xf001, proposal: 0xf002, credential: 0xf003 };
const registry: ExtensionRegistry = {
  extensions: [{ type: custom.extension, places: ["leaf_node", "group_context"] }],
  proposals: [{ type: custom.proposal, pathRequired: false, external: false, externalCommit: false, after: "add" }],
  credentials: [custom.credential],
};
const day = 24 * 60 * 60;

/** An Add of a leaf node with such fields is refused in every way that it can come. */
async function refusesAdd(
  leaf: LeafChange,
  broken: Broken,
  options: { readonly registry?: ExtensionRegistry; readonly extensions?: readonly Extension[] } = {},
): Promise<void> {
  const [alice, bob] = await trio(options);
  const known = options.registry === undefined ? {} : { registry: options.registry };
  const keyPackage = await forgeKeyPackage(await client("dave"), { leaf, options: known });
  const add = { type: "add", keyPackage } as const;
  await refuses(bob, await forgeCommit(alice, { proposals: [add], path: false, ...known }), broken);
  await refuses(bob, () => bob.commit({ add: [published(keyPackage)] }), broken);
}

/** An Update of Bob's with such a leaf is refused by Carol as a proposal. */
async function refusesUpdate(leaf: LeafChange, broken: Broken): Promise<void> {
  const [, bob, carol] = await trio();
  const update = await forgeUpdate(bob, leaf);
  await refuses(carol, async () => proposed(bob, update, [carol]), broken);
}

describe("a leaf node", () => {
  it("valn0101: whose credential the application does not accept is refused, wherever it enters", async () => {
    let verdict = true;
    const authentication = { validate: () => verdict };
    const [alice, bob, carol] = await trio({ authentication });
    const keyPackage = await forgeKeyPackage(await client("dave"));
    const add = await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] });
    const other = (await client("bob again")).identity;
    const update = await forgeUpdate(bob, undefined, { identity: other });
    const path = await forgeCommit(alice, { identity: other });
    verdict = false;
    await refuses(carol, add, ["credential-invalid", "valn0101"]);
    await refuses(carol, () => carol.commit({ add: [published(keyPackage)] }), ["credential-invalid", "valn0101"]);
    await refuses(carol, async () => proposed(bob, update, [carol]), ["credential-invalid", "section 5.3.1"]);
    await refuses(carol, path, ["credential-invalid", "section 5.3.1"]);
    verdict = true;
    await carol.receive(add);
  });

  it("valn0101: of a group that is being joined is shown to the application, one by one", async () => {
    const [alice] = await trio();
    const shown: string[] = [];
    const validate = ({ credential, reason }: { credential: unknown; reason: string }): boolean => {
      shown.push(`${reason} ${JSON.stringify(credential)}`);
      return shown.length < 3;
    };
    const { identity } = await client("dave");
    const groupInfo = await alice.groupInfo();
    const join = (): unknown => Group.joinExternally({ authentication: { validate }, identity, groupInfo });
    expect(await brokenBy(join)).toEqual(["credential-invalid", "valn0101"]);
    expect(shown.map((line) => line.split(" ")[0])).toEqual(["join", "join", "join"]);
  });

  it("valn0102: whose signature does not verify is refused", async () => {
    const signature = new Uint8Array(64);
    await refusesAdd(() => ({ signature }), ["leaf-signature", "valn0102"]);
    await refusesUpdate(() => ({ signature }), ["leaf-signature", "valn0102"]);
    const [alice, bob] = await trio();
    await refuses(bob, await forgeCommit(alice, { leaf: () => ({ signature }) }), ["leaf-signature", "valn0102"]);
  });

  it.each(["extensions", "proposals", "credentials"] as const)(
    "valn0103: that lacks required %s is refused",
    async (kind) => {
      const required = {
        extensions: { extensionTypes: [custom.extension] },
        proposals: { proposalTypes: [custom.proposal] },
        credentials: { credentialTypes: [custom.credential] },
      }[kind];
      // Default types are required too, and nobody lists them.
      const extensions = [requiredCapabilities({ extensionTypes: [1, 3], proposalTypes: [1], ...required })];
      const lacking: LeafChange = ({ capabilities }) => ({
        capabilities: { ...capabilities, [kind]: kind === "credentials" ? [1, 2] : [] },
        extensions: [],
      });
      await refusesAdd(lacking, ["leaf-required-capabilities", "valn0103"], { extensions, registry });
      const [alice, bob] = await trio({ extensions, registry });
      const commit = await forgeCommit(alice, { leaf: lacking, registry });
      await refuses(bob, commit, ["leaf-required-capabilities", "valn0103"]);
    },
  );

  it("valn0104: whose credential type some member does not support is refused", async () => {
    const broken: Broken = ["leaf-credential-unsupported", "valn0104"];
    const leaf: LeafChange = ({ capabilities }) => ({
      credential: { type: custom.credential, data: utf8("dave") },
      capabilities: { ...capabilities, credentials: [1, custom.credential] },
    });
    await refusesAdd(leaf, broken);
  });

  it("valn0104: that does not support the credential types in use is refused", async () => {
    const broken: Broken = ["leaf-credential-unsupported", "valn0104"];
    const leaf: LeafChange = ({ capabilities }) => ({
      credential: { type: custom.credential, data: utf8("dave") },
      capabilities: { ...capabilities, credentials: [custom.credential] },
    });
    await refusesAdd(leaf, broken, { registry });
    const [alice, bob] = await trio({ registry });
    await refuses(bob, await forgeCommit(alice, { leaf, registry }), broken);
  });

  it("valn0105: that has expired, or is not valid yet, is not sent", async () => {
    const clock = setClock(1_000_000 * day * 1000);
    const [, bob] = await trio({ clock });
    for (const [notBefore, notAfter] of [
      [-30, -1],
      [1, 30],
    ] as const) {
      const now = BigInt(clock() / 1000);
      const lifetime = { notBefore: now + BigInt(notBefore * day), notAfter: now + BigInt(notAfter * day) };
      const { keyPackage } = await keyPackageOf(await client("dave"), { lifetime });
      await refuses(bob, () => bob.commit({ add: [keyPackage] }), ["leaf-lifetime", "valn0105"]);
      await refuses(bob, () => bob.propose({ add: keyPackage }), ["leaf-lifetime", "valn0105"]);
    }
  });

  it("valn0106: that has expired is refused where it is received, as far as the policy says", async () => {
    const clock = setClock(1_000_000 * day * 1000);
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [alice, bob] = (await groupOf(clients, {
      clock,
      handshake: "public",
      lifetime: { checkAdds: true },
    })) as [Group, Group];
    const now = BigInt(clock() / 1000);
    const lifetime = { notBefore: now - BigInt(30 * day), notAfter: now - BigInt(day) };
    const keyPackage = await forgeKeyPackage(await client("dave"), { options: { lifetime } });
    const commit = await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] });
    await refuses(bob, commit, ["leaf-lifetime", "valn0106"]);

    const groupInfo = await alice.groupInfo();
    const { identity } = await client("erin");
    clock.now += 100 * day * 1000;
    const strict = { ...trusting, clock, lifetime: { checkTree: true }, identity, groupInfo };
    expect(await brokenBy(() => Group.joinExternally(strict))).toEqual(["leaf-lifetime", "valn0106"]);
    await Group.joinExternally({ ...strict, lifetime: {} });
  });

  it("valn0107: with an extension that its capabilities do not list is refused", async () => {
    const leaf: LeafChange = () => ({ extensions: [{ type: 0xf0f0, data: utf8("?") }] });
    await refusesAdd(leaf, ["leaf-extension-unlisted", "valn0107"]);
    await refusesUpdate(leaf, ["leaf-extension-unlisted", "valn0107"]);
    const [alice, bob] = await trio();
    await refuses(bob, await forgeCommit(alice, { leaf }), ["leaf-extension-unlisted", "valn0107"]);
  });

  it("valn0108: of a key package whose source is another is refused", async () => {
    const leaf: LeafChange = () => ({ leafNodeSource: { type: "update" } });
    await refusesAdd(leaf, ["leaf-source", "valn0108"]);
    const parentHash = new Uint8Array(0);
    await refusesAdd(() => ({ leafNodeSource: { type: "commit", parentHash } }), ["leaf-source", "valn0108"]);
  });

  it("valn0109: of an Update whose source is another is refused", async () => {
    const parentHash = new Uint8Array(0);
    const broken: Broken = ["leaf-source", "valn0109"];
    await refusesUpdate(() => ({ leafNodeSource: { type: "commit", parentHash } }), broken);
    const lifetime = { notBefore: 0n, notAfter: 1n };
    await refusesUpdate(() => ({ leafNodeSource: { type: "key_package", lifetime } }), broken);
  });

  it("valn0109: of an Update that keeps the encryption key of the leaf that it replaces is refused", async () => {
    const [, bob, carol] = await trio();
    const { encryptionKey } = leafAt(bob, 1);
    const update = await forgeUpdate(bob, () => ({ encryptionKey }));
    await refuses(carol, async () => proposed(bob, update, [carol]), ["leaf-encryption-key-reused", "valn0109"]);
  });

  it("valn0110: of a path whose source is another is refused", async () => {
    const [alice, bob] = await trio();
    const lifetime = { notBefore: 0n, notAfter: 1n };
    for (const leafNodeSource of [{ type: "update" }, { type: "key_package", lifetime }] as const) {
      const commit = await forgeCommit(alice, { leaf: () => ({ leafNodeSource }) });
      await refuses(bob, commit, ["leaf-source", "valn0110"]);
    }
  });

  it("valn0111, section 16.7 (1): with the signature key of another member is refused", async () => {
    const broken: Broken = ["duplicate-signature-key", "valn0111"];
    const [alice, bob, carol] = await trio();
    const { suite, privateKey } = carol.identity as Awaited<ReturnType<typeof createIdentity>>;
    const credential = basic("not carol");
    const identity = await createIdentity({ suite, credential, privateKey: privateKey.use((key) => key.slice()) });
    await refuses(carol, await forgeCommit(alice, { identity }), broken);
    const update = await proposed(bob, await forgeUpdate(bob, undefined, { identity }), [alice, carol]);
    await refuses(carol, await forgeCommit(alice, { proposals: [update] }), broken);
  });

  it("valn0111: with the signature key of another member is refused, also where clients are told apart otherwise", async () => {
    const clientKey = (credential: unknown): Uint8Array => utf8(JSON.stringify(credential));
    const [alice, bob, carol] = await trio({ authentication: { validate: () => true, clientKey } });
    const { privateKey } = carol.identity as Awaited<ReturnType<typeof createIdentity>>;
    const identity = await createIdentity({
      suite: suiteOf(),
      credential: basic("carol's twin"),
      privateKey: privateKey.use((key) => key.slice()),
    });
    const keyPackage = await forgeKeyPackage({ name: "twin", identity });
    const commit = await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] });
    await refuses(bob, commit, ["duplicate-signature-key", "valn0111"]);
  });

  it("valn0112, section 16.7 (1): with the encryption key of another member is refused", async () => {
    const broken: Broken = ["duplicate-encryption-key", "valn0112"];
    const [alice, bob, carol] = await trio();
    const { encryptionKey } = leafAt(carol, 2);
    const update = await proposed(bob, await forgeUpdate(bob, () => ({ encryptionKey })), [alice, carol]);
    await refuses(carol, await forgeCommit(alice, { proposals: [update] }), broken);
    const keyPackage = await forgeKeyPackage(await client("dave"), { leaf: () => ({ encryptionKey }) });
    await refuses(bob, await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }), broken);
  });

  it("valn0113: whose credential type is not among its own capabilities is refused", async () => {
    const leaf: LeafChange = ({ capabilities }) => ({ capabilities: { ...capabilities, credentials: [2] } });
    await refusesAdd(leaf, ["leaf-credential-unlisted", "valn0113"]);
    await refusesUpdate(leaf, ["leaf-credential-unlisted", "valn0113"]);
    const [alice, bob] = await trio();
    await refuses(bob, await forgeCommit(alice, { leaf }), ["leaf-credential-unlisted", "valn0113"]);
  });
});
