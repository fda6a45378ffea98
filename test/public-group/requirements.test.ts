import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { Group, type JoinOptions } from "../../src/group/group.ts";
import type { JoinExternallyOptions } from "../../src/group/options.ts";
import type { KeyPackageBundle } from "../../src/group/joining/key-package-bundle.ts";
import type { PskRequirement, WelcomeRequirements } from "../../src/public-group/requirements.ts";
import type { PreSharedKeyId } from "../../src/wire/pre-shared-key.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { agree } from "../group/agreement.ts";
import { failure, refusal } from "../group/refusal.ts";
import { client, commitTo, groupOf, keyPackageOf, trusting, type Client } from "../group/world.ts";

const [alice, bob, carol] = (await Promise.all(["alice", "bob", "carol"].map((name) => client(name)))) as [
  Client,
  Client,
  Client,
];
const groupId = utf8("the one");
const password = utf8("a key that Bob was told");
const pskId = utf8("password");

/** A chat of two in epoch 3, and a group of Alice's that Bob is added to with a PSK of the chat and one that was told. */
async function world(): Promise<{
  readonly chats: readonly Group[];
  readonly group: Group;
  readonly bundle: KeyPackageBundle;
  readonly welcome: Uint8Array;
  readonly asked: PreSharedKeyId[];
  readonly join: (more: Partial<JoinOptions>) => Promise<Group>;
}> {
  const chats = await groupOf([alice, bob], { groupId: utf8("the chat") });
  await commitTo(chats, chats[0]!, { path: true });
  await commitTo(chats, chats[0]!, { path: true });
  const asked: PreSharedKeyId[] = [];
  const [alices, bobs] = chats.map((chat) => {
    const lend = chat.psks();
    return (id: PreSharedKeyId) => {
      if (chat === chats[1]) asked.push(id);
      return id.type === "resumption" ? lend(id) : password;
    };
  });
  const group = await Group.create({ ...trusting, identity: alice.identity, groupId, psks: alices! });
  const bundle = await keyPackageOf(bob);
  const resumption = { type: "resumption", groupId: chats[0]!.id, epoch: 2n } as const;
  const told = { type: "external", pskId } as const;
  const components = { type: "application", componentId: 7, pskId } as const;
  const pending = await group.commit({ add: [bundle.keyPackage], psks: [resumption, told, components] });
  await group.apply(pending);
  const welcome = pending.welcome!;
  const own = { ...trusting, identity: bob.identity, welcome, keyPackages: [bundle], psks: bobs! };
  return { chats, group, bundle, welcome, asked, join: (more) => Group.join({ ...own, ...more }) };
}

const chatId = utf8("the chat");
const other = utf8("another");

/** What the Welcome is not, and what it is. */
const lies: readonly (readonly [what: string, require: WelcomeRequirements])[] = [
  ["of another group", { groupId: other }],
  ["of another epoch", { epoch: 2n }],
  ["without a PSK of that id", { psks: [{ type: "external", pskId: other }] }],
  ["without a PSK of that id of a component", { psks: [{ type: "application", componentId: 7, pskId: other }] }],
  ["without a PSK of that component", { psks: [{ type: "application", componentId: 8, pskId }] }],
  ["without a PSK of that group", { psks: [{ type: "resumption", groupId: other }] }],
  ["with a PSK that is too old", { psks: [{ type: "resumption", groupId: chatId, since: 3n }] }],
  ["with a PSK for another usage", { psks: [{ type: "resumption", groupId: chatId, usage: "branch" }] }],
  [
    "without the second of two",
    {
      psks: [
        { type: "external", pskId },
        { type: "external", pskId: other },
      ],
    },
  ],
  ["not to the joiner's liking", { group: () => false }],
];
const truth: WelcomeRequirements = {
  groupId,
  epoch: 1n,
  psks: [
    { type: "external", pskId },
    { type: "application", componentId: 7, pskId },
    { type: "resumption", groupId: chatId, usage: "application", since: 2n },
    { type: "resumption", groupId: chatId },
  ],
  group: ({ groupContext, members, signer }) =>
    groupContext.epoch === 1n && Array.from(members).length === 2 && signer.leafIndex === 0,
};

describe("a Welcome that is not what the joiner requires", () => {
  it.each(lies)("is refused: %s", async (_, require) => {
    const { join, group, asked } = await world();
    const live = new LiveSecrets();
    try {
      const before = live.count;
      expect(await refusal(() => join({ require }))).toBe("join-requirement");
      expect(live.count).toBe(before);
      // Its PSKs were not looked up where they were not those that it should have.
      expect(asked.length).toBe(require.psks === undefined ? 3 : 0);
    } finally {
      live.stop();
    }
    // and the key package is there for the one that is
    agree([group, await join({ require: truth })]);
  });

  it("is refused before the application is asked about it", async () => {
    const { join } = await world();
    const told: string[] = [];
    const hooks = {
      hasGroup: () => told.push("hasGroup") === 0,
      authentication: { validate: () => told.push("validate") > 0 },
    };
    const psks = [{ type: "external", pskId: other }] as const;
    for (const require of [{ psks }, { groupId: other }, { epoch: 9n }]) {
      expect(await refusal(() => join({ ...hooks, require }))).toBe("join-requirement");
    }
    expect(told).toEqual([]);
  });

  it("does not open with a key that is only called so", async () => {
    const { join } = await world();
    const psks = (id: PreSharedKeyId) => (id.type === "resumption" ? new Uint8Array(32) : utf8("another key"));
    expect(await refusal(() => join({ require: truth, psks }))).toBe("welcome-open");
    expect(await refusal(() => join({ require: truth, psks: () => undefined }))).toBe("psk-not-found");
  });

  it("is judged by an answer of true or false, and nothing else", async () => {
    const { join, group } = await world();
    for (const answer of [undefined, null, 1, "yes", [], {}]) {
      const require = { group: () => answer } as unknown as WelcomeRequirements;
      expect(await failure(() => join({ require }))).toBeInstanceOf(TypeError);
    }
    agree([group, await join({ require: { group: () => Promise.resolve(true) } })]);
  });
});

describe("requirements that are none", () => {
  const psks = (psk: unknown): { readonly psks: readonly PskRequirement[] } => ({ psks: [psk as PskRequirement] });
  const wrong: readonly unknown[] = [
    { groupID: groupId }, // misspelt, it would let anything in
    { groupId: "the one" },
    { epoch: 1 },
    { epoch: -1n },
    { epoch: 1n << 64n },
    { group: true },
    { psks: pskId },
    psks({ type: "external" }),
    psks({ type: "resumption" }),
    psks({ type: "internal", groupId }),
    psks({ type: "resumption", groupId, usage: "any" }),
    psks({ type: "resumption", groupId, since: 1 }),
  ];

  it.each(wrong.map((require, i) => [i, require] as const))("are the caller's mistake (%i)", async (_, require) => {
    const { join, group } = await world();
    expect(await failure(() => join({ require: require as WelcomeRequirements }))).toBeInstanceOf(TypeError);
    const groupInfo = await group.groupInfo({ externalPub: true });
    const options = { ...trusting, identity: carol.identity, groupInfo };
    const external = { ...options, require: require as WelcomeRequirements };
    expect(await failure(() => Group.joinExternally(external))).toBeInstanceOf(TypeError);
  });

  it("are PSKs, for who comes in from outside and brings them", async () => {
    const { group } = await world();
    const groupInfo = await group.groupInfo({ externalPub: true });
    const external = { ...trusting, identity: carol.identity, groupInfo, require: { psks: [] } as object };
    expect(await failure(() => Group.joinExternally(external))).toBeInstanceOf(TypeError);
  });

  it("stay what they were when the call was made", async () => {
    const { join } = await world();
    const id = groupId.slice();
    const psk = { type: "resumption", groupId: chatId.slice() } as const;
    const joining = join({ require: { groupId: id, psks: [psk] } });
    id.fill(0);
    psk.groupId.fill(0);
    expect((await joining).id).toEqual(groupId);
  });
});

describe("a GroupInfo that is not what the joiner requires", () => {
  const wrong: readonly (readonly [string, NonNullable<JoinExternallyOptions["require"]>])[] = [
    ["of another group", { groupId: other }],
    ["of another epoch", { epoch: 2n }],
    ["not to the joiner's liking", { group: () => false }],
  ];

  it.each(wrong)("is refused: %s", async (_, require) => {
    const { group } = await world();
    const groupInfo = await group.groupInfo({ externalPub: true });
    const told: string[] = [];
    const live = new LiveSecrets();
    const options = {
      authentication: { validate: () => told.push("validate") > 0 },
      hasGroup: () => told.push("hasGroup") === 0,
      identity: carol.identity,
      groupInfo,
    };
    const before = live.count;
    expect(await refusal(() => Group.joinExternally({ ...options, require }))).toBe("join-requirement");
    expect(live.count).toBe(before);
    live.stop();
    expect(told).toEqual(require.group === undefined ? [] : ["validate", "validate"]);
    const seen = { groupId, epoch: 1n, group: truth.group! };
    const join = await Group.joinExternally({ ...options, require: seen });
    await group.receive(join.commit);
    agree([group, await join.complete()]);
  });

  it("finds the leaf that it replaces among the members, where it is told how", async () => {
    const { group, join } = await world();
    await join({});
    const groupInfo = await group.groupInfo({ externalPub: true });
    const options = { ...trusting, identity: bob.identity, groupInfo };
    const find: JoinExternallyOptions["replace"] = (members) =>
      Array.from(members).find(({ signatureKey }) => Buffer.compare(signatureKey, bob.identity.signatureKey) === 0)
        ?.leafIndex;
    const back = await Group.joinExternally({ ...options, replace: find, hasGroup: () => true });
    expect(await group.receive(back.commit)).toMatchObject({ removed: [{ leafIndex: 1 }], added: [{ leafIndex: 1 }] });
    // Who is not there replaces nobody: that is a join like any other.
    const late = { ...options, identity: carol.identity, replace: () => undefined };
    expect(await refusal(() => Group.joinExternally({ ...late, hasGroup: () => true }))).toBe("group-exists");
  });
});

describe("a Welcome for who comes from another group", () => {
  /** Bob's side: his old group, and a Welcome of each kind. */
  async function offers(reinitialized: boolean) {
    const chats = await groupOf([alice, bob]);
    const [alices, bobs] = chats as [Group, Group];
    const branchBundle = await keyPackageOf(bob);
    const { pending: branch } = await alices.branch({ keyPackages: [branchBundle.keyPackage], groupId });
    if (reinitialized) await commitTo(chats, alices, { reinit: { groupId, cipherSuite: 1 } });
    const strangers = await Group.create({ ...trusting, identity: carol.identity, groupId });
    const plainBundle = await keyPackageOf(bob);
    const plain = await strangers.commit({ add: [plainBundle.keyPackage] });
    // With the chat's PSK, and no link.
    const insiders = await Group.create({ ...trusting, identity: alice.identity, groupId, psks: alices.psks() });
    const pskBundle = await keyPackageOf(bob);
    const psks = [{ type: "resumption", groupId: alices.id, epoch: alices.epoch } as const];
    const unlinked = await insiders.commit({ add: [pskBundle.keyPackage], psks });
    const join = (welcome: Uint8Array, bundle: KeyPackageBundle, more: Partial<JoinOptions> = {}): Promise<Group> =>
      Group.join({
        ...trusting,
        identity: bob.identity,
        welcome,
        keyPackages: [bundle],
        previous: bobs,
        psks: bobs.psks(),
        ...more,
      });
    return {
      alices,
      linked: (more?: Partial<JoinOptions>) => join(branch.welcome!, branchBundle, more),
      stranger: () => join(plain.welcome!, plainBundle),
      unlinked: () => join(unlinked.welcome!, pskBundle),
      join,
    };
  }

  it.each([
    [false, "welcome-branch"],
    [true, "welcome-reinit"],
  ] as const)(
    "must link to it (sections 11.2, 11.3; a ReInit was committed: %s)",
    async (reinitialized, code: ErrorCode) => {
      const { stranger, unlinked } = await offers(reinitialized);
      expect(await refusal(stranger)).toBe(code);
      expect(await refusal(unlinked)).toBe(code);
    },
  );

  it("must not link where none is at hand", async () => {
    const { join, linked, alices } = await offers(false);
    const bundle = await keyPackageOf(bob);
    const { pending } = await alices.branch({ keyPackages: [bundle.keyPackage] });
    const { psks } = { psks: () => new Uint8Array(32) };
    const without = { ...trusting, identity: bob.identity, welcome: pending.welcome!, keyPackages: [bundle], psks };
    expect(await refusal(() => Group.join(without))).toBe("welcome-branch");
    expect((await join(pending.welcome!, bundle)).size).toBe(2);
    expect((await linked()).id).toEqual(groupId);
  });

  it("is no branch where a ReInit was committed: its members wait for the successor (section 12.4.2)", async () => {
    const { linked, alices } = await offers(true);
    expect(await refusal(() => linked())).toBe("welcome-branch");
    const bundle = await keyPackageOf(bob);
    expect(await refusal(() => alices.branch({ keyPackages: [bundle.keyPackage] }))).toBe("group-reinitialized");
  });

  it("may be required to link to an epoch that is recent enough", async () => {
    const { linked, alices } = await offers(false);
    const require = (since: bigint): WelcomeRequirements => ({
      psks: [{ type: "resumption", groupId: alices.id, usage: "branch", since }],
    });
    expect(await refusal(() => linked({ require: require(2n) }))).toBe("join-requirement");
    expect((await linked({ require: require(1n) })).epoch).toBe(1n);
  });
});
