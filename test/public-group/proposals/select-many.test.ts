/**
 * However many of the pending proposals fit nowhere, a commit holds all that do: those are not found by trying lists, of which
 * there are too many.
 */

import { describe, expect, it, vi } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import type { Group } from "../../../src/group/group.ts";
import type { CreateOptions } from "../../../src/group/options.ts";
import { requiredCapabilities } from "../../../src/public-group/extensions.ts";
import { epochFromGroupInfo } from "../../../src/public-group/group-info.ts";
import { settingsOf } from "../../../src/public-group/options/settings-of.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import type { Change, CustomChoice } from "../../../src/public-group/proposals/changes.ts";
import type { StoredProposal } from "../../../src/public-group/proposals/proposal-store.ts";
import { selectProposals } from "../../../src/public-group/proposals/select.ts";
import type { ExtensionRegistry } from "../../../src/rules/registry.ts";
import type { Proposal } from "../../../src/wire/proposal.ts";
import { client, commitTo, groupOf, keyPackageOf, setClock, trusting } from "../../group/world.ts";

const registry: ExtensionRegistry = {
  extensions: [{ type: 0xf001, places: ["group_context", "leaf_node"] }],
  proposals: [{ type: 0xf002, pathRequired: false, external: false, externalCommit: false, after: "psk" }],
};
const required = requiredCapabilities({ extensionTypes: [0xf001], proposalTypes: [], credentialTypes: [] });
const unknown = { type: 0xf009, data: utf8("unknown") };
const options: Partial<GroupOptions> = { registry, psks: () => utf8("psk"), limits: { psks: 256 } };

async function members(count: number, more: Partial<CreateOptions> = {}): Promise<readonly [Group, Group, ...Group[]]> {
  const clients = await Promise.all(Array.from({ length: count }, (_, i) => client(`member ${String(i)}`)));
  return (await groupOf(clients, { ...options, ...more })) as [Group, Group, ...Group[]];
}

/** A key package of somebody who knows nothing of the group's own extension. */
async function poor(): Promise<Change> {
  return { add: (await keyPackageOf(await client("poor"))).keyPackage };
}

/** PSKs that fit. */
async function fitting(alice: Group, bob: Group, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await alice.receive(await bob.propose({ psk: { type: "external", pskId: utf8(String(i)) } }));
  }
}

/** Proposals that do not fit, each in the midst of four that do. */
async function flood(
  alice: Group,
  bob: Group,
  changes: readonly (readonly [by: Group, change: Change])[],
): Promise<void> {
  for (const [by, change] of changes) {
    await fitting(alice, bob, 2);
    await alice.receive(await by.propose(change));
    await fitting(alice, bob, 2);
  }
}

/** What a commit leaves out, which is none of the PSKs. */
async function leftOut(alice: Group, commit: Parameters<Group["commit"]>[0] = {}): Promise<readonly string[]> {
  const pending = await alice.commit(commit);
  const psks = alice.pendingProposals.filter(({ proposal }) => proposal.type === "psk");
  expect(pending.change.psks).toHaveLength(psks.length);
  return pending.leftOut.map(({ proposal }) => proposal.type);
}

function times<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item);
}

function customs(count: number): readonly CustomChoice[] {
  return times(count, 0xf002).map((proposalType, i) => ({ proposalType, body: new Uint8Array([1, i]) }));
}

/** Six Adds of clients that know nothing of the group's extension. */
async function poorAdds(by: Group): Promise<readonly (readonly [Group, Change])[]> {
  return Promise.all(times(6, by).map(async (each) => [each, await poor()] as const));
}

/** A proposal of the member in leaf 1, as it is kept. */
function arrived(proposal: Proposal, number: number): StoredProposal {
  const sender = { type: "member", leafIndex: 1 } as const;
  const content = {
    groupId: utf8("group"),
    epoch: 1n,
    sender,
    authenticatedData: new Uint8Array(0),
    content: { type: "proposal", proposal },
  } as const;
  const authenticated = {
    wireFormat: "mls_private_message",
    content,
    auth: { signature: new Uint8Array(64) },
  } as const;
  return { proposal, sender, ref: utf8(String(number)), authenticated, encoded: new Uint8Array(0) };
}

describe("in the midst of many that fit nowhere, the others are committed:", () => {
  it("Adds of clients that lack what the group requires", async () => {
    const [alice, bob] = await members(2, { extensions: [required] });
    await flood(alice, bob, await poorAdds(bob));
    expect(await leftOut(alice)).toEqual(times(6, "add"));
  });

  it("Adds of clients that lack what the same commit requires", async () => {
    const [alice, bob] = await members(2);
    await flood(alice, bob, await poorAdds(bob));
    expect(await leftOut(alice, { extensions: [required] })).toEqual(times(6, "add"));
  });

  it("Adds of members", async () => {
    const [alice, bob, ...others] = await members(8);
    const again = others.map(async ({ identity }) => {
      const { keyPackage } = await keyPackageOf({ name: "again", identity: identity as never }, { registry });
      return [bob, { add: keyPackage }] as const;
    });
    await flood(alice, bob, await Promise.all(again));
    expect(await leftOut(alice)).toEqual(times(6, "add"));
  });

  it("Adds for which there is no room", async () => {
    const [alice, bob] = await members(2, { limits: { leaves: 4 } });
    await flood(alice, bob, await poorAdds(bob));
    expect(await leftOut(alice)).toEqual(times(4, "add"));
  });

  it("Updates that give up what the group requires", async () => {
    const [alice, bob, ...others] = await members(8, { extensions: [required] });
    const update = { capabilities: { extensions: [] } };
    await flood(
      alice,
      bob,
      others.map((by) => [by, { update }] as const),
    );
    expect(await leftOut(alice)).toEqual(times(6, "update"));
  });

  it("custom proposals that a member does not support", async () => {
    const [alice, bob] = await members(2);
    const { add } = (await poor()) as { readonly add: Uint8Array };
    await commitTo([alice, bob], alice, { add: [add] });
    await flood(
      alice,
      bob,
      customs(6).map((custom) => [bob, { custom }] as const),
    );
    expect(await leftOut(alice)).toEqual(times(6, "custom"));
  });

  it("a GroupContextExtensions that no member supports", async () => {
    const [alice] = await members(2);
    const settings = settingsOf({ ...trusting, ...options, limits: { psks: 512 } });
    const { epoch } = await epochFromGroupInfo(alice.suite, await alice.groupInfo(), undefined, settings);
    const extensions: Proposal = { type: "group_context_extensions", extensions: [unknown] };
    const psks = times(300, 32).map((length, i): Proposal => {
      return { type: "psk", psk: { type: "external", pskId: utf8(String(i)), pskNonce: new Uint8Array(length) } };
    });
    const pending = [extensions, ...psks].map((proposal, i) => arrived(proposal, i));
    const { list } = selectProposals(epoch, 0, { pending, missing: new Set(), byValue: [] }, settings);
    expect(list).toEqual(pending.slice(1));
  });
});

it("custom proposals that a member does not support are looked at once a type, however many there are", async () => {
  const [alice, bob] = await members(2);
  const { add } = (await poor()) as { readonly add: Uint8Array };
  await commitTo([alice, bob], alice, { add: [add] });
  const settings = settingsOf({ ...trusting, ...options });
  const { epoch } = await epochFromGroupInfo(alice.suite, await alice.groupInfo(), undefined, settings);
  const looks = (many: number): number => {
    const remove: Proposal = { type: "remove", removed: 1 };
    const unsupported = customs(many).map((custom): Proposal => ({ type: "custom", ...custom }));
    const pending = [remove, ...unsupported].map((proposal, i) => arrived(proposal, i));
    const leaf = vi.spyOn(epoch.tree, "leaf");
    const { list } = selectProposals(epoch, 0, { pending, missing: new Set(), byValue: [] }, settings);
    const { length } = leaf.mock.calls;
    leaf.mockRestore();
    expect(list.map(({ proposal }) => proposal.type)).toEqual(["remove"]);
    return length;
  };
  expect(looks(200)).toBe(looks(100)); // of leaves that are removed
});

describe("by a GroupContextExtensions that can't be committed no Add is measured:", () => {
  it.each([
    ["of an extension that members lack", unknown],
    ["of capabilities that members lack", requiredCapabilities({ extensionTypes: [0xf009] })],
  ])("%s", async (_, extension) => {
    const [alice, bob] = await members(2);
    await alice.receive(await bob.propose({ extensions: [extension] }));
    await alice.receive(await bob.propose(await poor()));
    expect(await leftOut(alice)).toEqual(["group_context_extensions"]);
  });
});

it("a custom proposal that all support is committed beside what does not fit", async () => {
  const [alice, bob] = await members(2);
  for (const custom of customs(2)) await alice.receive(await bob.propose({ custom }));
  await alice.receive(await bob.propose({ extensions: [unknown] }));
  expect(await leftOut(alice)).toEqual(["group_context_extensions"]);
});

it("PSKs beyond what a commit may hold wait, and nothing else does", async () => {
  const [alice, bob, ...others] = await members(5, { limits: { psks: 2 } });
  await fitting(alice, bob, 3);
  for (const by of others) await alice.receive(await by.propose({ update: {} }));
  const pending = await alice.commit();
  expect(pending.leftOut.map(({ proposal }) => proposal.type)).toEqual(["psk"]);
});

it("an Add whose time is over keeps no other of the same client out", async () => {
  const clock = setClock(1_700_000_000_000);
  const [alice, bob] = await members(2, { clock });
  const carol = await client("carol");
  for (let i = 0; i < 2; i++) {
    const { keyPackage } = await keyPackageOf(carol, { clock });
    await alice.receive(await bob.propose({ add: keyPackage }));
    clock.now += 365 * 24 * 60 * 60 * 1_000 * (1 - i);
  }
  expect(await leftOut(alice)).toEqual(["add"]);
});

it("an error of the application is no reason to leave a proposal out", async () => {
  let isBroken = false;
  const isValid = (): boolean => {
    if (isBroken) throw new RangeError("the application's own");
    return true;
  };
  const [alice, bob] = await members(2, {
    registry: { extensions: [{ type: 0xf001, places: ["group_context", "leaf_node"], isValid }] },
  });
  await alice.receive(await bob.propose({ extensions: [{ type: 0xf001, data: utf8("data") }] }));
  isBroken = true;
  await expect(alice.commit()).rejects.toThrow(RangeError);
  isBroken = false;
  expect(await leftOut(alice)).toEqual([]);
});
