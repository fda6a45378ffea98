/**
 * A sender never makes what its own limits would refuse from others: each limit and each thing that is made. What is made, a
 * peer with the same limits takes; what is not leaves the group as it was.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { defaultLimits, type Limits } from "../../src/codec/limits.ts";
import { requiredCapabilities } from "../../src/public-group/extensions.ts";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import type { CommitEvent } from "../../src/public-group/events.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { refusal, refuses } from "./refusal.ts";
import { client, groupOf, keyPackageOf, trusting } from "./world.ts";

const extensions = [1, 2, 3, 4, 5].map((i) => ({ type: 0xf010 + i, data: utf8("x") }));
const large = new Uint8Array(4_000);
const psks = Array.from({ length: 4 }, (_, i) => ({ type: "external", pskId: utf8(String(i)) }) as const);

type Make = (group: Group, keyPackages: readonly Uint8Array[]) => Promise<Uint8Array>;
const commit =
  (options: (keyPackages: readonly Uint8Array[]) => Parameters<Group["commit"]>[0]): Make =>
  async (group, keyPackages) =>
    (await group.commit(options(keyPackages))).commit;

const operations: readonly (readonly [string, Make])[] = [
  ["application data", (group) => group.seal(large)],
  ["authenticated data", (group) => group.seal(utf8("hi"), { authenticatedData: large })],
  ["padding", (group) => group.seal(utf8("hi"), { padding: { kind: "multiple", of: 4_000 } })],
  ["a proposal", (group) => group.propose({ psk: psks[0]! }, { authenticatedData: large })],
  ["an Update with extensions", (group) => group.propose({ update: { extensions, capabilities: listing } })],
  ["an Update with capabilities", (group) => group.propose({ update: { capabilities: listing } })],
  ["an Add", (group, [first]) => group.propose({ add: first! })],
  ["a commit with authenticated data", commit(() => ({ path: true, authenticatedData: large }))],
  ["a commit with Adds", commit((add) => ({ add }))],
  ["a commit with PSKs", commit(() => ({ psks }))],
  ["a commit with a leaf of many extensions", commit(() => ({ leaf: { extensions, capabilities: listing } }))],
  ["a commit whose Welcome is long", commit(([first]) => ({ add: [first!], welcome: { extensions: [junk] } }))],
  ["a commit whose GroupInfo is long", commit(() => ({ groupInfo: { extensions: [junk] } }))],
  ["a commit whose Welcome has many extensions", commit(([first]) => ({ add: [first!], welcome: { extensions } }))],
];
const junk = { type: 0xf0f0, data: large };
const listing = { extensions: extensions.map(({ type }) => type) };

const limits: readonly (readonly [string, Partial<Limits>])[] = [
  ["messageBytes", { messageBytes: 3_500 }],
  ["proposalBytes", { proposalBytes: 1_000 }],
  ["proposals", { proposals: 2 }],
  ["extensions", { extensions: 3 }],
  ["capabilities", { capabilities: 4 }],
  ["psks", { psks: 2 }],
  ["leaves", { leaves: 3 }],
  ["none", {}],
];

describe.each(limits)("with a limit of %s", (_, limit) => {
  it.each(operations)("%s is made and taken, or refused and nothing has changed", async (what, make) => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const all = (await groupOf(clients, { grease: false, psks: () => utf8("a key") })) as [Group, Group];
    const bounded = (of: Group): Promise<Group> =>
      Group.restore({
        ...trusting,
        grease: false,
        psks: () => utf8("a key"),
        limits: limit,
        identity: of.identity,
        snapshot: of.snapshot(),
      });
    const [alice, bob] = [await bounded(all[0]), await bounded(all[1])];
    const keyPackages: Uint8Array[] = [];
    for (let i = 0; i < 3; i++) {
      const newcomer = await client(`newcomer ${String(i)}`);
      keyPackages.push(
        (await keyPackageOf(newcomer, { grease: false, capabilities: { cipherSuites: [1] } })).keyPackage,
      );
    }
    let message: Uint8Array | undefined;
    const before = alice.snapshot();
    try {
      message = await make(alice, keyPackages);
    } catch {
      const again = await Group.restore({
        ...trusting,
        grease: false,
        psks: () => utf8("a key"),
        limits: limit,
        identity: alice.identity,
        snapshot: before,
      });
      await refuses(again, () => make(again, keyPackages), "limit-exceeded");
      expect(alice.snapshot()).toEqual(before);
    }
    if (message !== undefined) expect((await bob.receive(message)).kind).not.toBe("later");
    refused.set(`${what}: ${JSON.stringify(limit)}`, message === undefined);
  });
});

const refused = new Map<string, boolean>();

it("of the matrix above, what must be refused was, and nothing where there is no limit", () => {
  const list = [...refused].filter(([, is]) => is).map(([name]) => name);
  expect(list.filter((name) => name.endsWith("{}"))).toEqual([]);
  for (const [limit, least] of [
    ["messageBytes", 7],
    ["proposalBytes", 1],
    ["proposals", 1],
    ["extensions", 3],
    ["capabilities", 3],
    ["psks", 1],
    ["leaves", 1],
  ] as const) {
    expect(list.filter((name) => name.includes(`{"${limit}"`)).length, limit).toBeGreaterThanOrEqual(least);
  }
});

describe("at the beginning", () => {
  it("a key package, and a group, beyond the limits are not made", async () => {
    const { identity } = await client("alice");
    const long = {
      capabilities: { extensions: Array.from({ length: defaultLimits.capabilities + 1 }, (_, i) => 0xf000 + i) },
    };
    expect(await refusal(() => createKeyPackage({ identity, ...long }))).toBe("limit-exceeded");
    await createKeyPackage({ identity, ...long, limits: { capabilities: 1_000 } });
    expect(await refusal(() => Group.create({ ...trusting, identity, leaf: long }))).toBe("limit-exceeded");
    const group = await Group.create({
      ...trusting,
      identity,
      limits: { extensions: 2 },
      extensions: [requiredCapabilities({})],
      grease: false,
    });
    expect(await refusal(() => group.groupInfo({ extensions }))).toBe("limit-exceeded");
  });
});

describe("an external join", () => {
  it("beyond the limits is not made, and nothing of it is left", async () => {
    const [alice] = (await groupOf([await client("alice")], { grease: false })) as [Group];
    const { identity } = await client("bob");
    const join = { ...trusting, grease: false, identity, groupInfo: await alice.groupInfo() };
    const leaf = { extensions, capabilities: listing };
    const live = new LiveSecrets();
    expect(await refusal(() => Group.joinExternally({ ...join, leaf, limits: { extensions: 4 } }))).toBe(
      "limit-exceeded",
    );
    expect(live.names()).toEqual([]);
    live.stop();
    const { commit } = await Group.joinExternally({ ...join, leaf, limits: { extensions: 5 } });
    expect((await alice.receive(commit)).kind).toBe("commit");
  });
});

describe("a commit that newcomers would make too long", () => {
  const limit = { messageBytes: 6_000 };

  /** Two members, and twenty newcomers who ask to be added. */
  async function asked(options: Partial<GroupOptions> = {}, newcomers = 20): Promise<[alice: Group, bob: Group]> {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const groups = await groupOf(clients, { grease: false, limits: limit, ...options });
    const [alice, bob] = groups as [Group, Group];
    for (let i = 0; i < newcomers; i++) {
      const asking = await client(`newcomer ${String(i)}`);
      const keyPackage = await keyPackageOf(asking, { grease: false });
      const view = { groupId: alice.id, epoch: alice.epoch };
      const message = await proposeToJoin({ ...view, identity: asking.identity, keyPackage });
      for (const group of groups) await group.receive(message);
    }
    return [alice, bob];
  }

  async function addOf(name: string): Promise<Uint8Array> {
    return (await keyPackageOf(await client(name), { grease: false })).keyPackage;
  }

  it("is made without them", async () => {
    const [alice, bob] = await asked();
    await alice.receive(await bob.propose({ add: await addOf("dave") }));
    const pending = await alice.commit();
    expect(pending.change.added).toHaveLength(1);
    expect(pending.leftOut).toHaveLength(20);
    expect((await bob.receive(pending.commit)).kind).toBe("commit");
    await alice.apply(pending);
  });

  it("holds of the members' proposals those that the caller wants", async () => {
    const [alice, bob] = await asked();
    await alice.receive(await bob.propose({ add: await addOf("dave") }));
    await alice.receive(await bob.propose({ update: {} }));
    const pending = await alice.commit({ pending: ({ proposal }) => proposal.type === "add" });
    expect(pending.change.added).toHaveLength(1);
    expect(pending.change.updated).toEqual([]);
    expect(pending.leftOut).toHaveLength(20);
  });

  it("is not made without them where the application refuses it for another reason", async () => {
    const reviewed: number[] = [];
    const review = ({ added }: CommitEvent): boolean => reviewed.push(added.length) === 1;
    const [alice] = await asked({ review }, 1); // makes the first commit
    await refuses(alice, () => alice.commit(), "commit-refused");
    expect(reviewed).toEqual([1, 1]);
  });

  it.each([
    ["none where the caller wants none", 5, "none", 0],
    ["no others where the caller names some", 5, "newcomers", 0],
    ["each once where there are no newcomers", 0, "all", 1],
  ] as const)("asks for PSKs of the members' proposals: %s", async (_, newcomers, wanted, expected) => {
    let lookups = 0;
    const lookUp = (): undefined => {
      lookups++;
    };
    const [alice, bob] = await asked({ psks: lookUp }, newcomers);
    await alice.receive(await bob.propose({ psk: psks[0]! }));
    const refs = alice.pendingProposals.flatMap(({ sender, ref }) => (sender.type === "member" ? [] : [ref]));
    const add = await Promise.all(Array.from({ length: 20 }, (__, i) => addOf(String(i))));
    const pending = wanted === "newcomers" ? refs : wanted;
    await refuses(alice, () => alice.commit({ add, pending }), "limit-exceeded");
    expect(lookups).toBe(expected);
  });
});
