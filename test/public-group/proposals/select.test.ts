import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import type { Change } from "../../../src/public-group/proposals/changes.ts";
import { requiredCapabilities } from "../../../src/public-group/extensions.ts";
import { Group } from "../../../src/group/group.ts";
import type { CommitOptions } from "../../../src/group/sending/send.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import type { ExtensionRegistry } from "../../../src/rules/registry.ts";
import type { Proposal } from "../../../src/wire/proposal.ts";
import { agree, talk } from "../../group/agreement.ts";
import { forge } from "../../group/insider.ts";
import { refuses, refusal } from "../../group/refusal.ts";
import { client, deliver, groupOf, keyPackageOf, trusting } from "../../group/world.ts";

const registry: ExtensionRegistry = {
  extensions: [{ type: 0xf001, places: ["group_context", "leaf_node"] }],
  proposals: [
    { type: 0xf002, pathRequired: false, external: false, externalCommit: false, after: "psk" },
    { type: 0xf003, pathRequired: true, external: false, externalCommit: true, after: "remove", removesSender: true },
  ],
};

async function quartet(options: Partial<GroupOptions> = {}): Promise<[Group, Group, Group, Group]> {
  const clients = await Promise.all(["alice", "bob", "carol", "dave"].map((name) => client(name)));
  return (await groupOf(clients, { registry, ...options })) as [Group, Group, Group, Group];
}

let proposed = 0;

/** Send a proposal to everybody. Each is another one: the same words again would be the same proposal. */
async function propose(groups: readonly Group[], by: Group, change: Change): Promise<void> {
  const authenticatedData = utf8(String(proposed++));
  await deliver(await by.propose(change, { authenticatedData }), groups, by);
}

/** Commit, follow, agree; gives what was committed by reference or value, and what was left out. */
async function commit(
  groups: readonly Group[],
  by: Group,
  options: CommitOptions = {},
): Promise<{ readonly committed: string[]; readonly leftOut: string[]; readonly welcome: Uint8Array | undefined }> {
  const before = by.pendingProposals;
  const pending = await by.commit(options);
  const events = await deliver(pending.commit, groups, by);
  await by.apply(pending);
  agree(groups.filter((group) => !group.isGone));
  for (const event of events) {
    if ((event as { kind: string }).kind === "commit") expect(event).toEqual(pending.change);
  }
  const left = new Set(pending.leftOut.map(({ ref }) => ref.join()));
  return {
    committed: before.filter(({ ref }) => !left.has(ref.join())).map(({ proposal }) => named(proposal)),
    leftOut: pending.leftOut.map(({ proposal }) => named(proposal)),
    welcome: pending.welcome,
  };
}

function named(proposal: Proposal): string {
  return proposal.type === "remove" ? `remove ${String(proposal.removed)}` : proposal.type;
}

it("a custom type is asked to choose where there is something of it to choose from, and only then", async () => {
  const asked: number[] = [];
  const choosing: ExtensionRegistry = {
    proposals: [
      {
        type: 0xf002,
        pathRequired: false,
        external: false,
        externalCommit: false,
        after: "psk",
        choose: (entries) => {
          asked.push(entries.length);
          return entries.slice(-1);
        },
      },
    ],
  };
  const groups = await quartet({ registry: choosing });
  const [alice, bob] = groups;
  await propose(groups, bob, { update: {} });
  await commit(groups, alice);
  expect(asked).toEqual([]);
  for (const byte of [1, 2])
    await propose(groups, bob, { custom: { proposalType: 0xf002, body: Uint8Array.of(1, byte) } });
  expect(await commit(groups, alice)).toMatchObject({ committed: ["custom"], leftOut: ["custom"] });
  expect(asked).toEqual([2]);
});

describe("of the pending proposals a commit holds", () => {
  it("a Remove, and no Update of the same leaf", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    await propose(groups, bob, { update: {} });
    await propose(groups, carol, { remove: 1 });
    await propose(groups, carol, { remove: 1 });
    await propose(groups, bob, { update: {} });
    expect(await commit(groups, alice)).toMatchObject({
      committed: ["remove 1"],
      leftOut: ["update", "remove 1", "update"],
    });
    expect(bob.isGone).toBe(true);
  });

  it("the latest Update of each leaf", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    await propose(groups, bob, { update: {} });
    await propose(groups, carol, { update: {} });
    const { identity } = await client("bob");
    await propose(groups, bob, { update: { identity } });
    const latest = alice.pendingProposals[2]!.proposal;
    const { leftOut, committed } = await commit(groups, alice);
    expect({ leftOut, committed }).toEqual({ leftOut: ["update"], committed: ["update", "update"] });
    expect(latest.type === "update" && latest.leafNode.signatureKey).toEqual(bob.self.signatureKey);
    expect(bob.self.signatureKey).toEqual(identity.signatureKey);
    await talk(groups);
  });

  it("nothing that the committer proposed for its own leaf, and no Remove of it", async () => {
    const groups = await quartet();
    const [alice, bob] = groups;
    await propose(groups, alice, { update: {} });
    await propose(groups, bob, { remove: 0 });
    await propose(groups, bob, { update: {} });
    const { leftOut, committed } = await commit(groups, alice);
    expect({ leftOut, committed }).toEqual({ leftOut: ["update", "remove 0"], committed: ["update"] });
    await talk(groups);
    // Another may commit them.
    await propose(groups, alice, { update: {} });
    expect((await commit(groups, bob)).leftOut).toEqual([]);
  });

  it("everything else over a ReInit, which waits for an epoch of its own", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    const reinit = { groupId: utf8("next"), cipherSuite: 1 };
    await propose(groups, bob, { reinit });
    await propose(groups, carol, { update: {} });
    expect(await commit(groups, alice)).toMatchObject({ leftOut: ["reinit"] });
    await propose(groups, bob, { reinit });
    await propose(groups, bob, { reinit });
    expect((await commit(groups, alice, { remove: [3] })).leftOut).toEqual(["reinit", "reinit"]);
    const remaining = groups.slice(0, 3);
    await propose(remaining, bob, { reinit });
    // What does not fit is no reason to wait.
    await propose(remaining, carol, { remove: 0 });
    const { committed, leftOut } = await commit(remaining, alice);
    expect({ committed, leftOut }).toEqual({ committed: ["reinit"], leftOut: ["remove 0"] });
    expect(remaining.every((group) => group.isReinitialized)).toBe(true);
  });

  it("the first of two GroupContextExtensions, and of the same PSK or client", async () => {
    const groups = await quartet({ psks: () => utf8("psk") });
    const [alice, bob, carol] = groups;
    await propose(groups, bob, { extensions: [{ type: 0xf001, data: utf8("first") }] });
    await propose(groups, carol, { extensions: [{ type: 0xf001, data: utf8("second") }] });
    const psk = { type: "external", pskId: utf8("id") } as const;
    await propose(groups, bob, { psk });
    await propose(groups, bob, { psk }); // another nonce: another PSK
    const { proposal } = alice.pendingProposals[2]!;
    const again = await forge(carol, { type: "proposal", proposal });
    await deliver(again, groups, carol);
    const erin = await client("erin");
    const bundles = [await keyPackageOf(erin, { registry }), await keyPackageOf(erin, { registry })];
    for (const { keyPackage } of bundles) await propose(groups, bob, { add: keyPackage });
    const { leftOut, committed, welcome } = await commit(groups, alice);
    expect(leftOut).toEqual(["group_context_extensions", "psk", "add"]);
    expect(committed).toEqual(["group_context_extensions", "psk", "psk", "add"]);
    expect(alice.groupContext.extensions).toEqual([{ type: 0xf001, data: utf8("first") }]);
    const joined = await Group.join({
      ...trusting,
      registry,
      psks: () => utf8("psk"),
      identity: erin.identity,
      welcome: welcome!,
      keyPackages: bundles,
    });
    agree([...groups, joined]);
  });

  it("as much as goes together in the tree that it makes", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    const erin = await client("erin"); // without the extension that the group is about to require
    const frank = await client("frank");
    const poor = await keyPackageOf(erin);
    const rich = await keyPackageOf(frank, { registry });
    const required = requiredCapabilities({ extensionTypes: [0xf001], proposalTypes: [], credentialTypes: [1] });
    await propose(groups, bob, { add: poor.keyPackage });
    await propose(groups, bob, { extensions: [required] });
    await propose(groups, carol, { add: rich.keyPackage });
    const first = await commit(groups, alice);
    // One of the two conflicting ones: the one that came first.
    expect(first).toMatchObject({ committed: ["add", "add"], leftOut: ["group_context_extensions"] });
    const present = [...groups];
    for (const [who, bundle] of [
      [erin, poor],
      [frank, rich],
    ] as const) {
      const { welcome } = first;
      const keyPackages = [bundle];
      present.push(await Group.join({ ...trusting, registry, identity: who.identity, welcome: welcome!, keyPackages }));
    }
    agree(present);
    await propose(present, bob, { remove: present[4]!.self.leafIndex });
    await propose(present, bob, { extensions: [required] });
    await propose(present, carol, { add: (await keyPackageOf(await client("grace"))).keyPackage });
    expect((await commit(present, alice)).leftOut).toEqual(["add"]);
    expect(alice.groupContext.extensions).toEqual([required]);
    // By value nothing is left out: it is refused.
    const { keyPackage } = await keyPackageOf(await client("grace"));
    await refuses(alice, () => alice.commit({ add: [keyPackage] }), "leaf-required-capabilities");
  });

  it("no Add of a member, unless it is removed or changes its key in the same commit", async () => {
    const groups = await quartet();
    const [alice, bob, carol, dave] = groups;
    const again = await keyPackageOf({ name: "dave", identity: dave.identity as never }, { registry });
    await propose(groups, bob, { add: again.keyPackage });
    expect((await commit(groups, alice)).leftOut).toEqual(["add"]);
    await refuses(alice, () => alice.commit({ add: [again.keyPackage] }), "commit-add-existing");
    await propose(groups, bob, { add: again.keyPackage });
    await propose(groups, carol, { remove: 3 });
    const { leftOut, welcome } = await commit(groups, alice);
    expect(leftOut).toEqual([]);
    const back = await Group.join({
      ...trusting,
      registry,
      identity: dave.identity,
      welcome: welcome!,
      keyPackages: [again],
    });
    agree([alice, bob, carol, back]);
    expect(back.self.leafIndex).toBe(3);
    // Dave moves to another key, and another device takes his old one.
    const present = [alice, bob, carol, back];
    const second = await keyPackageOf({ name: "dave", identity: dave.identity as never }, { registry });
    await propose(present, back, { update: { identity: (await client("dave")).identity } });
    await propose(present, bob, { add: second.keyPackage });
    expect((await commit(present, alice)).leftOut).toEqual([]);
    expect(alice.size).toBe(5);
  });

  it("no PSK that the committer does not hold", async () => {
    const held = new Set(["known"]);
    const groups = await quartet({
      psks: (id) => (id.type === "external" && held.has(String.fromCharCode(...id.pskId)) ? utf8("psk") : undefined),
    });
    const [alice, bob] = groups;
    await propose(groups, bob, { psk: { type: "external", pskId: utf8("unknown") } });
    await propose(groups, bob, { psk: { type: "external", pskId: utf8("known") } });
    await propose(groups, bob, { psk: { type: "resumption", groupId: utf8("elsewhere"), epoch: 3n } });
    // An id of any length is an id.
    await propose(groups, bob, { psk: { type: "external", pskId: new Uint8Array(6_000) } });
    const { leftOut, committed } = await commit(groups, alice);
    expect({ leftOut, committed }).toEqual({ leftOut: ["psk", "psk", "psk"], committed: ["psk"] });
    const unknown = { type: "external", pskId: utf8("unknown") } as const;
    await refuses(alice, () => alice.commit({ psks: [unknown] }), "psk-not-found");
  });

  it("no custom proposal that some member does not support, unless that member goes", async () => {
    const groups = await quartet();
    const [alice, bob] = groups;
    const erin = await client("erin");
    const bundle = await keyPackageOf(erin);
    const { welcome } = await commit(groups, alice, { add: [bundle.keyPackage] });
    const without = await Group.join({
      ...trusting,
      identity: erin.identity,
      welcome: welcome!,
      keyPackages: [bundle],
    });
    const body = new Uint8Array([3, 1, 2, 3]);
    await propose(groups, bob, { custom: { proposalType: 0xf002, body } });
    expect((await commit([...groups, without], alice)).leftOut).toEqual(["custom"]);
    await refuses(alice, () => alice.commit({ custom: [{ proposalType: 0xf002, body }] }), "proposal-unsupported");
    await propose(groups, bob, { custom: { proposalType: 0xf002, body } });
    const before = alice.pendingProposals.length;
    expect((await commit(groups, alice, { remove: [without.self.leafIndex] })).leftOut).toEqual([]);
    expect(before).toBe(1);
  });

  it("a member's leave over its Update, and not the committer's own", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    const leave = { custom: { proposalType: 0xf003, body: new Uint8Array([0]) } };
    await propose(groups, bob, { update: {} });
    await propose(groups, carol, { remove: 1 });
    await propose(groups, bob, leave);
    await refuses(carol, () => carol.propose({ remove: 1 }), "commit-leaf-changed-twice");
    await propose(groups, alice, leave);
    const { leftOut } = await commit(groups, alice);
    expect(leftOut).toEqual(["update", "remove 1", "custom"]);
    expect(bob.isGone).toBe(true);
    expect(alice.size).toBe(3);
    await refuses(alice, () => alice.commit({ custom: [leave.custom] }), "commit-self-remove");
  });

  it("what is committed by value first", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    await propose(groups, bob, { update: {} });
    await propose(groups, carol, { extensions: [{ type: 0xf001, data: utf8("pending") }] });
    const { leftOut } = await commit(groups, alice, {
      remove: [1],
      extensions: [{ type: 0xf001, data: utf8("by value") }],
    });
    expect(leftOut).toEqual(["update", "group_context_extensions"]);
    expect(alice.groupContext.extensions).toEqual([{ type: 0xf001, data: utf8("by value") }]);
  });

  it("none, where the caller says so", async () => {
    const groups = await quartet();
    const [alice, bob] = groups;
    await propose(groups, bob, { remove: 2 });
    const { committed, leftOut } = await commit(groups, alice, { pending: "none" });
    expect({ committed, leftOut }).toEqual({ committed: ["remove 2"], leftOut: [] });
    expect(alice.size).toBe(4);
    expect(await refusal(() => alice.commit({ reinit: { groupId: utf8("x"), cipherSuite: 1 }, remove: [1] }))).toBe(
      "commit-reinit-not-alone",
    );
  });

  it("exactly those that the caller names, which are taken at its word", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    await propose(groups, bob, { update: {} });
    await propose(groups, carol, { remove: 1 });
    await propose(groups, carol, { update: {} });
    const [update, remove, other] = alice.pendingProposals.map(({ ref }) => ref) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    expect(await refusal(() => alice.commit({ pending: [update, remove] }))).toBe("commit-leaf-changed-twice");
    expect(await refusal(() => alice.commit({ pending: [new Uint8Array(32)] }))).toBe("proposal-not-found");
    const { committed, leftOut } = await commit(groups, alice, { pending: [other, update], path: true });
    expect({ committed, leftOut }).toEqual({ committed: ["update", "update"], leftOut: ["remove 1"] });
  });

  it("those that the caller's function says yes to", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    await propose(groups, bob, { remove: 3 });
    await propose(groups, carol, { update: {} });
    const { change, leftOut } = await alice.commit({ pending: ({ proposal }) => proposal.type === "remove" });
    expect(change.removed.map(({ leafIndex }) => leafIndex)).toEqual([3]);
    expect(change.updated.map(({ after }) => after.leafIndex)).toEqual([0]);
    expect(leftOut).toEqual([]);
  });

  it("hundreds of them, and conflicts among them cost little", async () => {
    const groups = (await quartet()).slice(0, 2) as [Group, Group];
    const [alice, bob] = groups;
    const { keyPackage } = await keyPackageOf({ name: "bob", identity: bob.identity as never }, { registry });
    for (let i = 0; i < 40; i++) {
      await propose(groups, bob, i % 4 === 3 ? { update: {} } : { add: keyPackage });
    }
    const pending = await alice.commit();
    expect(pending.leftOut.length).toBe(39);
    expect(pending.change.updated.map(({ before }) => before.leafIndex)).toEqual([1, 0]);
  });
});
