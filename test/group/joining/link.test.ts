import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { createEpoch } from "../../../src/group/joining/create.ts";
import { requiredCapabilities } from "../../../src/public-group/extensions.ts";
import { Group, type JoinOptions } from "../../../src/group/group.ts";
import type { LinkOptions } from "../../../src/group/options.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import type { KeyPackageBundle } from "../../../src/group/joining/key-package-bundle.ts";
import { applyPending } from "../../../src/group/receiving/receive.ts";
import { makePending } from "../../../src/group/sending/send.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { settingsOf } from "../../../src/public-group/options/settings-of.ts";
import { newState } from "../../../src/group/state.ts";
import type { Extension } from "../../../src/wire/extension.ts";
import type { PreSharedKeyId } from "../../../src/wire/pre-shared-key.ts";
import { LiveSecrets } from "../../schedule/live-secrets.ts";
import { agree, talk } from "../agreement.ts";
import { storedOf } from "../insider.ts";
import { refuses, refusal } from "../refusal.ts";
import { client, commitTo, groupOf, keyPackageOf, suiteOf, trusting, type Client } from "../world.ts";

const names = ["alice", "bob", "carol"];

interface World {
  readonly clients: readonly Client[];
  readonly groups: readonly Group[];
}

async function world(options: Partial<GroupOptions> & { readonly groupId?: Uint8Array } = {}): Promise<World> {
  const clients = await Promise.all(names.map((name) => client(name)));
  return { clients, groups: await groupOf(clients, options) };
}

/** The same people with keys of a suite, and a key package of each. */
async function packaged(
  clients: readonly Client[],
  suiteId: number,
): Promise<{ readonly clients: readonly Client[]; readonly bundles: readonly KeyPackageBundle[] }> {
  const suite = suiteOf(suiteId);
  const again = await Promise.all(
    clients.map(async ({ name, identity }): Promise<Client> =>
      identity.suite.id === suiteId
        ? { name, identity }
        : { name, identity: await createIdentity({ suite, credential: basic(name) }) },
    ),
  );
  return { clients: again, bundles: await Promise.all(again.map((each) => keyPackageOf(each))) };
}

const bytesOf = (bundles: readonly KeyPackageBundle[]): Uint8Array[] => bundles.map(({ keyPackage }) => keyPackage);

describe.each([1, 3])("a reinitialized group (suite %i)", (suiteId) => {
  it("is the successor of the old one, with its members and the parameters of the ReInit (section 11.2)", async () => {
    const { clients, groups } = await world();
    const extensions = [requiredCapabilities({ credentialTypes: [1] })];
    const reinit = { groupId: utf8("the successor"), cipherSuite: suiteId, extensions };
    const { change } = await commitTo(groups, groups[1]!, { reinit });
    expect(change.reinit).toMatchObject({ type: "reinit", groupId: utf8("the successor"), cipherSuite: suiteId });

    // Everybody comes through a snapshot: the old group knows its successor still.
    const old = await Promise.all(
      groups.map((group) => Group.restore({ ...trusting, identity: group.identity, snapshot: group.snapshot() })),
    );
    const next = await packaged(clients, suiteId);
    const [, bobs, carols] = next.bundles;
    const keyPackages = bytesOf([bobs!, carols!]);
    const { identity } = next.clients[0]!;
    const welcome = { ratchetTree: false };
    const { group: alice, pending } = await old[0]!.reinitialize({ identity, keyPackages, welcome });
    const ratchetTree = pending.ratchetTree();
    await alice.apply(pending);
    expect(alice.ratchetTree()).toEqual(ratchetTree);
    const joined = await Promise.all(
      [1, 2].map((i) =>
        Group.join({
          ...trusting,
          identity: next.clients[i]!.identity,
          welcome: pending.welcome!,
          keyPackages: [next.bundles[i]!],
          ratchetTree,
          previous: old[i]!,
        }),
      ),
    );
    agree([alice, ...joined]);
    await talk([alice, ...joined]);
    expect(alice.epoch).toBe(1n);
    expect(alice.id).toEqual(utf8("the successor"));
    expect(alice.suite.id).toBe(suiteId);
    expect(alice.groupContext.extensions).toEqual(extensions);
    expect(pending.change.psks).toMatchObject([{ type: "resumption", usage: "reinit", pskEpoch: 2n }]);
  });

  it("is not made, and not joined, where it is not what was agreed", async () => {
    const { clients, groups } = await world();
    const [alice, bob] = groups as [Group, Group];
    const next = await packaged(clients, suiteId);
    const { identity } = next.clients[0]!;
    const [, bobs, carols] = next.bundles;
    const both = bytesOf([bobs!, carols!]);
    await refuses(alice, () => alice.reinitialize({ identity, keyPackages: both }), "welcome-reinit");
    const reinit = { groupId: utf8("next"), cipherSuite: suiteId };
    await commitTo(groups, alice, { reinit });
    const live = new LiveSecrets();
    try {
      await refuses(
        alice,
        () => alice.reinitialize({ identity, keyPackages: bytesOf([bobs!]) }),
        "welcome-reinit",
        live,
      );
      const otherSuite = await packaged(clients, 2);
      await refuses(
        alice,
        () => alice.reinitialize({ identity: otherSuite.clients[0]!.identity, keyPackages: both }),
        "welcome-reinit",
        undefined,
      );
      // What fails after the new group was made leaves nothing of it.
      const spoiled = both.map((bytes) => bytes.slice());
      spoiled[1]![spoiled[1]!.length - 1]! ^= 1;
      const before = live.count;
      await refuses(alice, () => alice.reinitialize({ identity, keyPackages: spoiled }), "key-package-signature");
      expect(live.count).toBe(before);
    } finally {
      live.stop();
    }

    const { group, pending } = await alice.reinitialize({ identity, keyPackages: both });
    await group.apply(pending);
    const join = (options: Partial<JoinOptions>): Promise<Group> =>
      Group.join({
        ...trusting,
        identity: next.clients[1]!.identity,
        welcome: pending.welcome!,
        keyPackages: [bobs!],
        ...options,
      });
    const stranger = (await groupOf([await client("alice")]))[0]!;
    expect(await refusal(() => join({}))).toBe("welcome-reinit");
    expect(await refusal(() => join({ previous: stranger }))).toBe("welcome-reinit");
    // Even with the right key from somewhere else: the group that it names must be at hand.
    const current = storedOf(bob).resumptionPsk;
    expect(await refusal(() => join({ psks: () => current }))).toBe("welcome-reinit");
    expect(await refusal(() => join({ psks: () => current, previous: stranger }))).toBe("welcome-reinit");
    agree([group, await join({ previous: bob })]);
  });
});

describe("a group that claims to be a successor", () => {
  /** A Welcome to a group made by hand, which injects the resumption PSK of the old group. */
  async function impostor(
    { clients, groups }: World,
    options: {
      readonly groupId?: Uint8Array;
      readonly extensions?: readonly Extension[];
      readonly members?: readonly number[];
      readonly epochs?: number;
      readonly usages?: readonly ("reinit" | "branch")[];
    },
  ): Promise<{ readonly welcome: Uint8Array; readonly bundle: KeyPackageBundle }> {
    const [alice] = groups as [Group];
    const { groupId = utf8("agreed"), extensions = [], members = [1, 2], epochs = 0, usages = ["reinit"] } = options;
    const { identity, suite } = alice;
    const resumption = storedOf(alice).resumptionPsk;
    const settings = settingsOf({ ...trusting, psks: () => resumption });
    const epoch = await createEpoch({ identity, groupId, extensions, leaf: {}, settings });
    const state = newState(settings, identity, epoch);
    const ordinary = { purpose: "ordinary", psks: [], sources: [] } as const;
    for (let i = 0; i < epochs; i++) {
      const { pending } = await makePending(state, {}, ordinary);
      void applyPending(state, pending); // nothing is stored: at once
    }
    const bundles = await Promise.all(members.map((i) => keyPackageOf(clients[i]!)));
    const psks = usages.map((usage, i): PreSharedKeyId => {
      const pskNonce = new Uint8Array(suite.hashLength).fill(i);
      return { type: "resumption", usage, pskGroupId: alice.id, pskEpoch: alice.epoch, pskNonce };
    });
    const lax = { ...ordinary, purpose: usages[0]!, psks };
    const { pending } = await makePending(state, { add: bytesOf(bundles) }, lax);
    return { welcome: pending.welcome!, bundle: bundles[0]! };
  }

  it("is refused where its epoch, parameters or members are others (valn1401, valn1412, valn1413)", async () => {
    const old = await world();
    const [alice, bob] = old.groups as [Group, Group];
    const early = await impostor(old, {});
    const join = ({ welcome, bundle }: Awaited<ReturnType<typeof impostor>>): Promise<Group> => {
      const { identity } = bob;
      return Group.join({ ...trusting, identity, welcome, keyPackages: [bundle], previous: bob });
    };
    // No ReInit has been committed.
    expect(await refusal(() => join(early))).toBe("welcome-reinit");
    await commitTo(old.groups, alice, { reinit: { groupId: utf8("agreed"), cipherSuite: 1 } });
    const extensions = [requiredCapabilities({ credentialTypes: [1] })];
    const cases: readonly (readonly [string, Parameters<typeof impostor>[1]])[] = [
      ["welcome-reinit", { groupId: utf8("another") }],
      ["welcome-reinit", { extensions }],
      ["welcome-reinit", { members: [1] }],
      ["welcome-epoch", { epochs: 1 }],
      ["welcome-psks", { usages: ["reinit", "reinit"] }],
    ];
    for (const [code, options] of cases) {
      const made = await impostor(old, options);
      expect(await refusal(() => join(made)), JSON.stringify(Object.keys(options))).toBe(code);
    }
    expect((await join(await impostor(old, {}))).epoch).toBe(1n);
  });
});

describe("a branch", () => {
  it("is a group of some of the members, with the same parameters (section 11.3)", async () => {
    const { clients, groups } = await world({ groupId: utf8("the whole") });
    const [alice, , carol] = groups as [Group, Group, Group];
    const bundle = await keyPackageOf(clients[2]!);
    const { group, pending } = await alice.branch({ keyPackages: [bundle.keyPackage] });
    // Not the id of the group that it comes from, though that was chosen.
    expect(hex(group.id)).not.toBe(hex(alice.id));
    await group.apply(pending);
    const joined = await Group.join({
      ...trusting,
      identity: clients[2]!.identity,
      welcome: pending.welcome!,
      keyPackages: [bundle],
      previous: carol,
    });
    agree([group, joined]);
    await talk([group, joined]);
    expect(pending.change.psks).toMatchObject([{ type: "resumption", usage: "branch", pskEpoch: 1n }]);
    // The whole goes on.
    await talk(groups);
    await commitTo(groups, carol);
    agree(groups);
    // And may have other extensions, and any id.
    const again = await keyPackageOf(clients[1]!);
    const options: LinkOptions = { keyPackages: [again.keyPackage], groupId: utf8("chosen"), extensions: [] };
    const second = await alice.branch(options);
    expect(second.group.id).toEqual(utf8("chosen"));
  });

  it("has no members from elsewhere (valn1414)", async () => {
    const { clients, groups } = await world();
    const [alice, bob] = groups as [Group, Group];
    const mallory = await client("mallory");
    const keyPackages = bytesOf([await keyPackageOf(clients[1]!), await keyPackageOf(mallory)]);
    await refuses(alice, () => alice.branch({ keyPackages }), "welcome-branch");
    const otherSuite = await packaged(clients, 3);
    const { identity } = otherSuite.clients[0]!;
    const foreign = bytesOf(otherSuite.bundles.slice(1));
    await refuses(alice, () => alice.branch({ identity, keyPackages: foreign }), "welcome-branch");

    // One who does not check makes it; the others do check.
    const memberKey = (): Uint8Array => utf8("everybody is the same");
    const lax = { ...trusting.authentication, memberKey };
    const careless = await Group.restore({ authentication: lax, identity: alice.identity, snapshot: alice.snapshot() });
    const bundle = await keyPackageOf(clients[1]!);
    const { pending } = await careless.branch({ keyPackages: [bundle.keyPackage, keyPackages[1]!] });
    const join = { identity: clients[1]!.identity, welcome: pending.welcome!, keyPackages: [bundle], previous: bob };
    expect(await refusal(() => Group.join({ ...trusting, ...join }))).toBe("welcome-branch");
    // Who is the same member is the application's to say.
    expect((await Group.join({ ...trusting, ...join, authentication: lax })).size).toBe(3);
  });

  it("is checked against the group that it names, and no other of the same people", async () => {
    const { clients, groups } = await world();
    const others = await groupOf(clients);
    const bundle = await keyPackageOf(clients[1]!);
    const { pending } = await groups[0]!.branch({ keyPackages: [bundle.keyPackage] });
    const resumption = storedOf(groups[1]!).resumptionPsk;
    const join = { identity: clients[1]!.identity, welcome: pending.welcome!, keyPackages: [bundle] };
    const psks = (): Uint8Array => resumption;
    expect(await refusal(() => Group.join({ ...trusting, ...join, psks, previous: others[1]! }))).toBe(
      "welcome-branch",
    );
    expect((await Group.join({ ...trusting, ...join, previous: groups[1]! })).size).toBe(2);
  });

  it("can be stored before it is applied", async () => {
    const { clients, groups } = await world();
    const bundle = await keyPackageOf(clients[1]!);
    const { group, pending } = await groups[0]!.branch({ keyPackages: [bundle.keyPackage] });
    const { identity } = group;
    const restored = await Group.restore({ ...trusting, identity, snapshot: group.snapshot() });
    await restored.apply(restored.pendingCommit!);
    await group.apply(pending);
    agree([group, restored]);
    const joined = await Group.join({
      ...trusting,
      identity: clients[1]!.identity,
      welcome: pending.welcome!,
      keyPackages: [bundle],
      previous: groups[1]!,
    });
    agree([restored, joined]);
  });

  it("is not of a group that is gone", async () => {
    const { clients, groups } = await world();
    const bundle = await keyPackageOf(clients[1]!);
    groups[0]!.wipe();
    expect(await refusal(() => groups[0]!.branch({ keyPackages: [bundle.keyPackage] }))).toBe("group-gone");
  });
});

describe("a Welcome", () => {
  it("must not bring a group that we are in (valn1403)", async () => {
    const { groups } = await world();
    const dave = await client("dave");
    const bundle = await keyPackageOf(dave);
    const { welcome } = await commitTo(groups, groups[0]!, { add: [bundle.keyPackage] });
    const asked: string[] = [];
    const hasGroup = async (id: Uint8Array): Promise<boolean> => {
      asked.push(hex(id));
      await Promise.resolve();
      return asked.length === 1;
    };
    const join = { ...trusting, hasGroup, identity: dave.identity, welcome: welcome!, keyPackages: [bundle] };
    expect(await refusal(() => Group.join(join))).toBe("group-exists");
    const joined = await Group.join(join);
    agree([...groups, joined]);
    expect(asked).toEqual([hex(joined.id), hex(joined.id)]);
  });
});
