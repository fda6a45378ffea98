import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { fromHex, utf8 } from "../../src/bytes/text.ts";
import { applicationId, requiredCapabilities } from "../../src/public-group/extensions.ts";
import { Group } from "../../src/group/group.ts";
import { createIdentity, type LocalIdentity } from "../../src/public-group/identity.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import type { CustomProposalType, ExtensionRegistry } from "../../src/rules/registry.ts";
import type { Sender } from "../../src/wire/framing.ts";
import { isGreaseValue } from "../../src/wire/registries.ts";
import { agree, talk } from "../group/agreement.ts";
import { refuses, refusal } from "../group/refusal.ts";
import {
  client,
  commitTo,
  deliver,
  groupOf,
  keyPackageOf,
  setClock,
  suiteOf,
  trusting,
  type Client,
} from "../group/world.ts";

async function members(names: readonly string[], options: Partial<GroupOptions> = {}): Promise<Group[]> {
  return groupOf(await Promise.all(names.map((name) => client(name))), options);
}

describe("custom proposal types", () => {
  const base: CustomProposalType = {
    type: 0xf000,
    pathRequired: false,
    external: false,
    externalCommit: false,
    after: "psk",
  };
  const body = (text: string): Uint8Array => concat(new Uint8Array([text.length]), utf8(text));

  it("say whether they require a path", async () => {
    for (const pathRequired of [true, false]) {
      const registry: ExtensionRegistry = { proposals: [{ ...base, pathRequired }] };
      const groups = (await members(["alice", "bob"], { registry })) as [Group, Group];
      const pending = await commitTo(groups, groups[0], { custom: [{ proposalType: 0xf000, body: body("x") }] });
      expect(pending.change.updated.length).toBe(pathRequired ? 1 : 0);
      expect(pending.change.custom).toEqual([
        {
          proposal: { type: "custom", proposalType: 0xf000, body: body("x") },
          sender: { type: "member", leafIndex: 0 },
        },
      ]);
      agree(groups);
    }
  });

  it("are judged by their own validation", async () => {
    const seen: (readonly [Uint8Array, Sender])[] = [];
    const isValid = (data: Uint8Array, sender: Sender): boolean => {
      seen.push([data, sender]);
      return data.length < 10;
    };
    const registry: ExtensionRegistry = { proposals: [{ ...base, isValid }] };
    const open: ExtensionRegistry = { proposals: [base] };
    const [alice, bob] = (await members(["alice", "bob"], { registry })) as [Group, Group];
    const lax = await Group.restore({ ...trusting, registry: open, identity: bob.identity, snapshot: bob.snapshot() });
    const long = { proposalType: 0xf000, body: body("much too long") };
    await refuses(alice, () => alice.propose({ custom: long }), "custom-proposal-refused");
    await refuses(alice, () => alice.commit({ custom: [long] }), "custom-proposal-refused");
    const proposal = await lax.propose({ custom: long });
    await refuses(alice, () => alice.receive(proposal), "custom-proposal-refused");
    const { commit } = await lax.commit({ custom: [long], pending: "none" });
    await refuses(alice, () => alice.receive(commit), "custom-proposal-refused");
    seen.length = 0;
    const short = { proposalType: 0xf000, body: body("short") };
    await bob.receive(await alice.propose({ custom: short }));
    expect(seen).toEqual([
      [body("short"), { type: "member", leafIndex: 0 }],
      [body("short"), { type: "member", leafIndex: 0 }],
    ]);
  });

  it("have bodies that they read to the end, and what they don't read is not sent", async () => {
    const registry: ExtensionRegistry = {
      proposals: [
        { ...base, readBody: (input) => [input.u16(), input.vectorBytes()] },
        { ...base, type: 0xf001 },
      ],
    };
    const groups = (await members(["alice", "bob"], { registry })) as [Group, Group];
    const [alice, bob] = groups;
    const good = [
      { proposalType: 0xf000, body: concat(new Uint8Array([1, 2]), body("two fields")) },
      { proposalType: 0xf001, body: body("one vector") },
    ];
    for (const custom of good) await deliver(await alice.propose({ custom }), groups, alice);
    await commitTo(groups, bob, { custom: good });
    agree(groups);
    const bad = [
      { proposalType: 0xf000, body: new Uint8Array([1]) },
      { proposalType: 0xf000, body: concat(good[0]!.body, new Uint8Array(1)) },
      { proposalType: 0xf001, body: utf8("not a vector") },
      { proposalType: 0xf001, body: new Uint8Array(0) },
    ];
    for (const custom of bad) {
      await expect(alice.propose({ custom })).rejects.toBeInstanceOf(TypeError);
      await expect(alice.commit({ custom: [custom] })).rejects.toBeInstanceOf(TypeError);
    }
    expect(alice.pendingProposals).toEqual([]);
  });

  it("are of a type that everybody knows, or the message is not read", async () => {
    const registry: ExtensionRegistry = { proposals: [base] };
    const [alice, bob] = (await members(["alice", "bob"], { registry, handshake: "public" })) as [Group, Group];
    const plain = await Group.restore({ ...trusting, identity: bob.identity, snapshot: bob.snapshot() });
    const proposal = await alice.propose({ custom: { proposalType: 0xf000, body: body("x") } });
    await refuses(plain, () => plain.receive(proposal), "proposal-unknown-type");
    await bob.receive(proposal);
  });

  it("may let members leave by themselves", async () => {
    const leaving: CustomProposalType = { ...base, pathRequired: true, removesSender: true, after: "remove" };
    for (const after of ["group_context_extensions", "update", "remove", "add", "psk"] as const) {
      const registry: ExtensionRegistry = { proposals: [{ ...leaving, after }] };
      const groups = (await members(["alice", "bob", "carol"], { registry })) as [Group, Group, Group];
      const [alice, bob, carol] = groups;
      await deliver(await carol.propose({ custom: { proposalType: 0xf000, body: body("") } }), groups, carol);
      const bundle = await keyPackageOf(await client("dave"), { registry });
      const pending = await commitTo(groups, bob, { add: [bundle.keyPackage] });
      expect(carol.isGone).toBe(true);
      expect(pending.change.removed.map(({ leafIndex }) => leafIndex)).toEqual([2]);
      // Before the Adds its leaf is free for the newcomer; after them it is not, and the tree does not shrink.
      const early = after !== "add" && after !== "psk";
      expect(pending.change.added[0]!.leafIndex).toBe(early ? 2 : 3);
      agree([alice, bob]);
      await talk([alice, bob]);
      expect(alice.treeWidth).toBe(4);
    }
  });
});

describe("custom extensions", () => {
  const registry: ExtensionRegistry = {
    extensions: [
      { type: 0xf000, places: ["group_context"], isValid: (data) => data.length > 0 },
      { type: 0xf001, places: ["leaf_node", "key_package", "group_info"] },
    ],
  };

  it("stand where they declare, with data that they accept, in a group whose members support them", async () => {
    const groups = (await members(["alice", "bob"], { registry })) as [Group, Group];
    const [alice, bob] = groups;
    const extension = { type: 0xf000, data: utf8("data") };
    await refuses(
      alice,
      () => alice.propose({ extensions: [{ type: 0xf001, data: utf8("x") }] }),
      "extension-misplaced",
    );
    await refuses(
      alice,
      () => alice.commit({ extensions: [{ type: 0xf000, data: new Uint8Array(0) }] }),
      "extension-malformed",
    );
    await commitTo(groups, alice, { extensions: [extension] });
    expect(bob.groupContext.extensions).toEqual([extension]);
    await refuses(alice, () => alice.commit({ leaf: { extensions: [extension] } }), "extension-misplaced");
    await commitTo(groups, alice, { leaf: { extensions: [{ type: 0xf001, data: utf8("mine") }] } });
    expect(bob.member(0)!.extensions.find(({ type }) => type === 0xf001)!.data).toEqual(utf8("mine"));

    // A member that does not support what the group uses can't come in, by no way.
    const poor = await client("poor");
    const { keyPackage } = await keyPackageOf(poor);
    await refuses(alice, () => alice.commit({ add: [keyPackage] }), "extension-unsupported");
    const groupInfo = await alice.groupInfo({ extensions: [{ type: 0xf001, data: utf8("info") }] });
    expect(await refusal(() => Group.joinExternally({ ...trusting, identity: poor.identity, groupInfo }))).toBe(
      "extension-unsupported",
    );
    const join = await Group.joinExternally({ ...trusting, registry, identity: poor.identity, groupInfo });
    await deliver(join.commit, groups);
    agree([...groups, await join.complete()]);
    // Nor can a member stop supporting it.
    const update = { capabilities: { extensions: [] } };
    await refuses(alice, () => alice.commit({ leaf: update }), "extension-unsupported");
    await deliver(await bob.propose({ update }), groups, bob);
    const pending = await alice.commit();
    expect(pending.leftOut.length).toBe(1);
  });

  it("of a new group are checked like any other", async () => {
    const { identity } = await client("alice");
    const create = (extensions: readonly { type: number; data: Uint8Array }[]): Promise<Group> =>
      Group.create({ ...trusting, registry, identity, extensions });
    const good = { type: 0xf000, data: utf8("x") };
    expect((await create([good])).groupContext.extensions).toEqual([good]);
    expect(await refusal(() => create([good, good]))).toBe("extension-duplicate");
    expect(await refusal(() => create([{ type: 0xf001, data: utf8("x") }]))).toBe("extension-misplaced");
    expect(await refusal(() => create([applicationId(utf8("x"))]))).toBe("extension-misplaced");
    expect(await refusal(() => create([{ type: 0xf002, data: utf8("x") }]))).toBe("extension-unsupported");
    expect(await refusal(() => create([{ type: 3, data: utf8("x") }]))).toBe("extension-malformed");
    const required = requiredCapabilities({ proposalTypes: [0xf009] });
    expect(await refusal(() => create([required]))).toBe("leaf-required-capabilities");
  });
});

describe("required capabilities", () => {
  it("are what every member has, and goes on having (section 11.1)", async () => {
    const registry: ExtensionRegistry = {
      proposals: [{ type: 0xf000, pathRequired: false, external: false, externalCommit: false, after: "psk" }],
    };
    const groups = (await members(["alice", "bob"], { registry })) as [Group, Group];
    const [alice] = groups;
    const poor = await keyPackageOf(await client("poor"));
    const beyond = [requiredCapabilities({ credentialTypes: [0xf000] })];
    await refuses(alice, () => alice.commit({ extensions: beyond }), "required-capabilities-unsupported");
    const extensions = [
      requiredCapabilities({ proposalTypes: [0xf000], credentialTypes: [1], extensionTypes: [3, 5] }),
    ];
    await refuses(
      alice,
      () => alice.commit({ extensions, add: [poor.keyPackage] }),
      "required-capabilities-unsupported",
    );
    await commitTo(groups, alice, { extensions });
    await refuses(alice, () => alice.commit({ add: [poor.keyPackage] }), "leaf-required-capabilities");
    await refuses(
      alice,
      () => alice.commit({ leaf: { capabilities: { proposals: [] } } }),
      "leaf-required-capabilities",
    );
    const rich = await keyPackageOf(await client("rich"), { registry });
    await commitTo(groups, alice, { add: [rich.keyPackage] });
    agree(groups);
  });
});

describe("credentials", () => {
  /** A certificate of the key, with nothing in it but what the engine reads. */
  function certificateOf(signatureKey: Uint8Array): Uint8Array {
    const der = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
      const contents = concat(...parts);
      const length = contents.length < 128 ? [contents.length] : [0x81, contents.length];
      return concat(new Uint8Array([tag, ...length]), contents);
    };
    const none = der(0x30);
    const key = der(0x03, new Uint8Array([0]), signatureKey);
    const info = der(0x30, der(0x30, fromHex("06032b6570")), key);
    const tbs = der(0x30, der(0x02, new Uint8Array([1])), none, none, none, none, info);
    return der(0x30, tbs, none, der(0x03, new Uint8Array([0])));
  }

  async function certified(suite = suiteOf()): Promise<LocalIdentity> {
    const { privateKey } = generateKeyPairSync("ed25519");
    const seed = fromHex(Buffer.from(privateKey.export({ format: "jwk" }).d!, "base64url").toString("hex"));
    const signatureKey = await suite.signaturePublicKey(seed);
    const credential = { type: "x509", certificates: [certificateOf(signatureKey), utf8("an issuer")] } as const;
    return createIdentity({ suite, credential, privateKey: seed });
  }

  it("may be X.509 chains, whose key is the member's (section 5.3)", async () => {
    const bob: Client = { name: "bob", identity: await certified() };
    const groups = (await groupOf([await client("alice"), bob])) as [Group, Group];
    const [alice] = groups;
    agree(groups);
    await talk(groups);
    expect(alice.member(1)!.credential).toEqual(bob.identity.credential);
    await commitTo(groups, alice, { identity: await certified() });
    expect(groups[1].member(0)!.credential.type).toBe("x509");
    await talk(groups);

    const other = await certified();
    const borrowed = { ...(await client("mallory")).identity, credential: other.credential };
    const { keyPackage } = await keyPackageOf({ name: "mallory", identity: borrowed });
    await refuses(alice, () => alice.commit({ add: [keyPackage] }), "x509-key-mismatch");
    const empty = { ...borrowed, credential: { type: "x509", certificates: [] } as const };
    const malformed = await keyPackageOf({ name: "mallory", identity: empty });
    await refuses(alice, () => alice.propose({ add: malformed.keyPackage }), "x509-malformed");
    await refuses(alice, () => alice.commit({ identity: borrowed }), "x509-key-mismatch");
  });

  it("may be of types of the application's own, where all members support them", async () => {
    const registry: ExtensionRegistry = { credentials: [0xf0c0] };
    const suite = suiteOf();
    const credential = { type: 0xf0c0, data: utf8("a token") } as const;
    const bob: Client = { name: "bob", identity: await createIdentity({ suite, credential }) };
    const groups = (await groupOf([await client("alice"), bob], { registry })) as [Group, Group];
    await talk(groups);
    expect(groups[0].member(1)!.credential).toEqual(credential);
    // Somebody who does not know the type can't come in.
    const poor = await keyPackageOf(await client("poor"));
    await refuses(groups[0], () => groups[0].commit({ add: [poor.keyPackage] }), "leaf-credential-unsupported");
    // And one with the type can't come where it is not known.
    const plain = await Group.create({ ...trusting, identity: (await client("carol")).identity });
    const { keyPackage } = await keyPackageOf(bob, { registry });
    await refuses(plain, () => plain.commit({ add: [keyPackage] }), "leaf-credential-unsupported");
    // Nor can a member present what its own capabilities do not list.
    const unlisted = await keyPackageOf(bob);
    await refuses(plain, () => plain.commit({ add: [unlisted.keyPackage] }), "leaf-credential-unlisted");
  });

  it("may be the same for two devices; a client key of the application says otherwise (section 5.3.3)", async () => {
    const twice = [await client("alice"), await client("alice")];
    expect((await groupOf(twice)).length).toBe(2);
    const authentication = {
      validate: () => true,
      clientKey: (credential: { readonly type: unknown; readonly identity?: Uint8Array }): Uint8Array =>
        credential.identity ?? utf8("none"),
    } as unknown as GroupOptions["authentication"];
    expect(await refusal(() => groupOf(twice, { authentication }))).toBe("commit-add-existing");
    const groups = (await groupOf([await client("alice"), await client("bob")], { authentication })) as [Group, Group];
    const both = [await keyPackageOf(await client("carol")), await keyPackageOf(await client("carol"))];
    const add = both.map(({ keyPackage }) => keyPackage);
    await refuses(groups[0], () => groups[0].commit({ add }), "commit-duplicate-add");
    await commitTo(groups, groups[0], { add: [(await keyPackageOf(await client("bob"))).keyPackage], remove: [1] });
    expect(groups[0].size).toBe(2);
    // The rule goes on after a restore.
    const { identity } = groups[0];
    const restored = await Group.restore({ ...trusting, authentication, identity, snapshot: groups[0].snapshot() });
    const again = await keyPackageOf(await client("bob"));
    await refuses(restored, () => restored.commit({ add: [again.keyPackage] }), "commit-add-existing");
  });
});

describe("lifetimes", () => {
  const now = 1_700_000_000;
  const hour = 3_600n;
  const from = BigInt(now);

  it("are checked of whom we add, exactly, and on receipt, with a skew, where the policy says so (sections 7.2, 7.3)", async () => {
    const clock = setClock(now * 1_000);
    const groups = (await members(["alice", "bob"], { clock })) as [Group, Group];
    const [alice, bob] = groups;
    const dave = await client("dave");
    const packaged = async (notBefore: bigint, notAfter: bigint): Promise<Uint8Array> =>
      (await keyPackageOf(dave, { lifetime: { notBefore, notAfter } })).keyPackage;
    const cases: readonly (readonly [bigint, bigint, string | undefined])[] = [
      [from, from + hour, undefined],
      [from + 1n, from + hour, "leaf-lifetime"],
      [from - hour, from, undefined],
      [from - hour, from - 1n, "leaf-lifetime"],
      [from, from + 24n * hour * 400n + 1n, "leaf-lifetime-range"],
      [from + hour, from, "leaf-lifetime-range"],
      [0n, 2n ** 64n - 1n, "leaf-lifetime-range"],
    ];
    for (const [notBefore, notAfter, code] of cases) {
      const add = [await packaged(notBefore, notAfter)];
      if (code !== undefined) await refuses(alice, () => alice.commit({ add }), code as "leaf-lifetime");
      else (await alice.commit({ add })).drop();
    }
    const { commit } = await commitTo([alice], alice, { add: [await packaged(from, from + hour)] });
    const strictly = { ...trusting, clock, lifetime: { checkAdds: true }, identity: bob.identity };
    const strict = await Group.restore({ ...strictly, snapshot: bob.snapshot() });
    const skewed = await Group.restore({ ...strictly, snapshot: bob.snapshot() });
    clock.now += 1_000 * 2 * 3_600;
    expect((await skewed.receive(commit)).kind).toBe("commit");
    clock.now += 1_000;
    await refuses(strict, () => strict.receive(commit), "leaf-lifetime");
    // By default the clock of one member does not part it from the others.
    const lax = bob;
    await lax.receive(commit);
    agree([alice, lax]);
    // Dave's leaf has expired, and the group goes on, and takes joiners.
    const groupInfo = await alice.groupInfo();
    const identity = (await client("erin")).identity;
    const checkTree = { lifetime: { checkTree: true } };
    expect(await refusal(() => Group.joinExternally({ ...trusting, ...checkTree, clock, identity, groupInfo }))).toBe(
      "leaf-lifetime",
    );
    const join = await Group.joinExternally({ ...trusting, clock, identity, groupInfo });
    await deliver(join.commit, [alice, lax]);
    agree([alice, lax, await join.complete()]);
  });
});

describe("GREASE (section 13.5)", () => {
  it.each([
    ["by default in lists of capabilities alone", undefined, 0],
    ["in lists of capabilities alone", true, 0],
    ["in lists of extensions, too", { extensions: true }, 1],
  ] as const)("is sent where it is chosen, and ignored there: %s", async (_, grease, inExtensions) => {
    const chosen = grease === undefined ? {} : { grease };
    const groups = (await members(["alice", "bob"], chosen)) as [Group, Group];
    for (const group of groups) {
      const { capabilities, extensions } = group.self;
      for (const list of [
        capabilities.cipherSuites,
        capabilities.extensions,
        capabilities.proposals,
        capabilities.credentials,
      ]) {
        expect(list.some(isGreaseValue)).toBe(true);
      }
      expect(capabilities.versions).toEqual([1]);
      expect(extensions.filter(({ type }) => isGreaseValue(type)).length).toBe(inExtensions);
      expect(extensions.every(({ type }) => capabilities.extensions.includes(type))).toBe(true);
    }
    const join = await Group.joinExternally({
      ...trusting,
      ...chosen,
      identity: (await client("carol")).identity,
      groupInfo: await groups[0].groupInfo(),
    });
    await deliver(join.commit, groups);
    const joined = await join.complete();
    expect(joined.self.extensions.length).toBe(inExtensions);
    agree([...groups, joined]);
  });

  it("is not sent where the application says so", async () => {
    const groups = (await members(["alice", "bob"], { grease: false })) as [Group, Group];
    for (const { self } of groups) {
      expect(self.extensions).toEqual([]);
      expect(Object.values(self.capabilities).flat().some(isGreaseValue)).toBe(false);
    }
    await commitTo(groups, groups[0], { leaf: {} });
    expect(groups[1].member(0)!.extensions).toEqual([]);
  });

  it("is chosen with true, false or an object, and nothing else", async () => {
    const { identity } = await client("alice");
    for (const grease of [null, 1, "yes", {}, { extensions: 1 }]) {
      const options = { identity, grease: grease as unknown as boolean };
      await expect(Group.create({ ...trusting, ...options })).rejects.toThrow(TypeError);
      await expect(createKeyPackage(options)).rejects.toThrow(TypeError);
    }
  });

  it("of others is a type like any that is not known", async () => {
    const groups = (await members(["alice", "bob"])) as [Group, Group];
    const [alice] = groups;
    const unknown = { type: 0xf00d, data: utf8("of some future") };
    const capabilities = { extensions: [0xf00d], proposals: [0xf00e], credentials: [1, 0xf00f], versions: [1, 9] };
    const carol = await keyPackageOf(await client("carol"), {
      capabilities,
      extensions: [unknown],
      keyPackageExtensions: [unknown],
    });
    await commitTo(groups, alice, { add: [carol.keyPackage] });
    expect(alice.member(2)!.extensions).toContainEqual(unknown);
    const unlisted = await keyPackageOf(await client("dave"), { extensions: [unknown] });
    await refuses(alice, () => alice.commit({ add: [unlisted.keyPackage] }), "leaf-extension-unlisted");
    agree(groups);
  });
});

describe("the keys of members", () => {
  it("are unique: signature keys and encryption keys (valn0111, valn0112)", async () => {
    const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
    const groups = (await groupOf(clients)) as [Group, Group, Group];
    const [alice, bob] = groups;
    const stolen = { ...bob.identity };
    await refuses(alice, () => alice.commit({ identity: stolen }), "duplicate-signature-key");
    await deliver(await alice.propose({ update: { identity: stolen } }), groups, alice);
    expect((await bob.commit()).leftOut.length).toBe(1);
  });
});
