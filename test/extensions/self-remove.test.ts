import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { selfRemoval, selfRemoveRequired, selfRemoveType, withSelfRemove } from "../../src/extensions/self-remove.ts";
import { Group } from "../../src/group/group.ts";
import { inspectMessage } from "../../src/public-group/unverified/inspect.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import type { PendingProposal } from "../../src/public-group/proposals/proposal-store.ts";
import type { StateChanges, StateEvent } from "../../src/public-group/records/persist.ts";
import type { Candidate } from "../../src/public-group/options/settings.ts";
import { agree } from "../group/agreement.ts";
import { refuses } from "../group/refusal.ts";
import { MemoryStore } from "../group/records/store.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "../group/world.ts";

const options = { handshake: "public", registry: withSelfRemove(), extensions: [selfRemoveRequired] } as const;
const custom = selfRemoval;

async function groupWith(names: readonly string[], more: object = {}): Promise<[Group, Group, Group]> {
  const clients = await Promise.all(names.map((name) => client(name)));
  return (await groupOf(clients, { ...options, ...more })) as [Group, Group, Group];
}

async function joinBeside(
  who: { identity: Identity },
  groupInfo: Uint8Array,
  proposals: readonly Uint8Array[],
  more: object = {},
) {
  return Group.joinExternally({ ...trusting, ...options, ...more, identity: who.identity, groupInfo, proposals });
}

describe("self_remove", () => {
  it("removes who sends it, with a path, and leaves nobody behind who could follow", async () => {
    const groups = await groupWith(["alice", "bob", "carol"]);
    const [alice, bob, carol] = groups;
    const message = await carol.propose({ custom });
    expect(carol.inspect(message)).toMatchObject({ wireFormat: "mls_public_message", contentType: "proposal" });
    await deliver(message, groups, carol);
    const { change } = await commitTo(groups, bob);
    expect(change).toMatchObject({ removed: [{ leafIndex: 2 }], updated: [{ after: { leafIndex: 1 } }] });
    expect(carol.isGone).toBe(true);
    agree([alice, bob]);
  });

  it("can't be committed by who sends it, who can commit what else there is", async () => {
    const [alice, bob, carol] = await groupWith(["alice", "bob", "carol"]);
    await deliver(await carol.propose({ custom }), [alice, bob]);
    const pending = await carol.commit();
    expect(pending.change).toMatchObject({ removed: [], custom: [] });
    expect(pending.leftOut).toHaveLength(1);
    pending.drop();
  });

  it("takes its room among the proposals again where it was withdrawn and is sent once more", async () => {
    const [alice, bob, carol] = await groupWith(["alice", "bob", "carol"], { limits: { proposals: 2 } });
    await alice.leave();
    await alice.forgetProposal(alice.pendingProposals[0]!.ref);
    for (const other of [bob, carol]) await alice.receive(await other.propose({ update: {} }));
    await refuses(alice, () => alice.leave(), "limit-exceeded");
    for (const { ref } of alice.pendingProposals) await alice.forgetProposal(ref);
    expect((await alice.leave()).length).toBeGreaterThan(0);
  });

  it("goes into an external commit by reference, where a plain Remove may not", async () => {
    const groups = await groupWith(["alice", "bob", "carol"]);
    const [alice, bob, carol] = groups;
    const message = await carol.propose({ custom });
    await deliver(message, groups, carol);
    const plain = await alice.propose({ remove: 1 });
    const dave = await client("dave");
    const groupInfo = await alice.groupInfo();
    const join = await joinBeside(dave, groupInfo, [plain, message]);
    expect(join.leftOut.map(({ index, error }) => [index, error.code])).toEqual([[0, "external-commit-reference"]]);
    const events = await deliver(join.commit, groups);
    expect(events.map((event) => (event as { kind: string }).kind)).toEqual(["commit", "commit", "removed"]);
    agree([alice, bob, await join.complete()]);
    expect(alice.member(2)?.credential).toEqual(dave.identity.credential);
  });

  it("makes the joiner nobody's successor", async () => {
    const asked: Candidate[] = [];
    const authentication = { validate: (candidate: Candidate) => asked.push(candidate) > 0 };
    const groups = await groupWith(["alice", "bob", "carol"], { authentication });
    const [alice, , carol] = groups;
    const message = await carol.propose({ custom });
    await deliver(message, groups, carol);
    const join = await joinBeside(await client("dave"), await alice.groupInfo(), [message], { authentication });
    asked.length = 0;
    await alice.receive(join.commit);
    expect(asked).toEqual([expect.not.objectContaining({ previous: expect.anything() as unknown })]);
  });

  it("is what leave() proposes, where there is somebody to commit it and a type for it", async () => {
    const [alice] = await groupOf([await client("alice")], options);
    await refuses(alice!, () => alice!.leave(), "leave-alone");
    const plain = await groupOf(await Promise.all(["alice", "bob"].map((name) => client(name))));
    await expect(plain[0]!.leave()).rejects.toThrow(/^no self_remove is registered: .*propose\(\{ remove \}\)$/);
    const [, bob] = await groupWith(["alice", "bob"]);
    const message = await bob.leave({ authenticatedData: utf8("good night") });
    expect(inspectMessage(message, { registry: options.registry })).toMatchObject({
      kind: "public-message",
      authenticatedData: utf8("good night"),
    });
    await expect(bob.leave({ authenticated: true } as object)).rejects.toThrow(/has no option authenticated/);
    bob.wipe();
    await refuses(alice!, () => bob.leave(), "group-gone");
  });

  it("can be taken back by who sent it, as long as nobody has committed it", async () => {
    const groups = await groupWith(["alice", "bob", "carol"]);
    const [alice, , carol] = groups;
    await deliver(await carol.leave(), groups, carol);
    await refuses(carol, () => carol.seal(utf8("one more thing")), "pending-proposals");
    for (const group of groups) await group.forgetProposal(group.pendingProposals[0]!.ref);
    expect(await alice.receive(await carol.seal(utf8("I stay")))).toMatchObject({ kind: "message" });
  });

  it("is the same message when its sender asks again, also behind what is stored, where signatures differ each time", async () => {
    // Section 6.3: "A client MUST NOT issue more than one SelfRemove proposal per epoch." P-256 signs no two messages alike.
    const suite = suiteOf(2);
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name, suite)));
    const [alice, made] = (await groupOf(clients, options)) as [Group, Group];
    const store = new MemoryStore();
    const persist = (changes: StateChanges, event: StateEvent): void => {
      store.apply(changes, event);
    };
    const { identity } = clients[1]!;
    const all = { ...trusting, ...options, identity, persist };
    const bob = await Group.restore({ ...all, snapshot: made.snapshot() });
    const message = await bob.leave();
    const [{ ref }] = bob.pendingProposals as [PendingProposal];
    const regret = async (group: Group): Promise<void> => {
      expect(await group.forgetProposal(ref)).toBe(true);
      expect([group.pendingProposals, group.proposalsForJoiners]).toEqual([[], []]);
      expect(await group.forgetProposal(ref)).toBe(false);
      await refuses(group, () => group.commit({ pending: [ref] }), "proposal-not-found");
    };
    await regret(bob);
    // What is proposed behind it takes no place of its records.
    await bob.propose({ custom: { ...custom } }).then((again) => {
      expect(again).toEqual(message);
    });
    await regret(bob);
    await bob.propose({ update: {} });
    const [{ ref: update }] = bob.pendingProposals as [PendingProposal];
    const both = await Group.restore({ ...all, records: store.copy().records });
    expect(both.pendingProposals.map((entry) => entry.ref)).toEqual([update]);
    expect(await both.leave()).toEqual(message);
    await bob.forgetProposal(update);
    expect(await alice.receive(await bob.seal(utf8("I stay")))).toMatchObject({ kind: "message" });
    const copies = [
      await Group.restore({ ...all, records: store.records }),
      await Group.restore({ ...all, snapshot: bob.snapshot() }),
    ];
    for (const copy of [bob, ...copies]) {
      expect(await copy.leave({ authenticatedData: utf8("after all") })).toEqual(message);
      expect(copy.pendingProposals.map((entry) => entry.ref)).toEqual([ref]);
      await regret(copy);
    }
    // In the next epoch nothing is left of it.
    await commitTo([alice, bob], alice, { path: true });
    expect(await bob.leave()).not.toEqual(message);
  });

  it("leaves what was sent before it readable, and nothing that comes after it", async () => {
    const groups = await groupWith(["alice", "bob", "carol"]);
    const [alice, bob, carol] = groups;
    const late = await carol.seal(utf8("before"));
    await deliver(await carol.leave(), groups, carol);
    const pending = await alice.commit();
    await deliver(pending.commit, groups.slice(1, 2));
    await alice.apply(pending);
    expect(await bob.receive(late)).toMatchObject({ kind: "message", sender: { leafIndex: 2 } });
    // She has not heard of the commit, and goes on in the epoch that is over for the others.
    const { ref } = carol.pendingProposals[0]!;
    await carol.forgetProposal(ref);
    expect(await bob.receive(await carol.seal(utf8("in the old epoch")))).toMatchObject({ kind: "message", epoch: 1n });
    const update = await carol.commit({ path: true });
    await refuses(bob, () => bob.receive(update.commit), "wrong-epoch");
    update.drop();
    // Others have not heard of her regret: she follows their commit.
    expect(await carol.receive(pending.commit)).toMatchObject({ kind: "removed", proposedBy: { leafIndex: 2 } });
  });

  it("of a joiner's old appearance removes it, in the place of the Remove", async () => {
    const groups = await groupWith(["alice", "bob", "carol"]);
    const [alice, bob, carol] = groups;
    const message = await carol.leave();
    await deliver(message, groups, carol);
    const groupInfo = await alice.groupInfo();
    const join = await joinBeside({ identity: carol.identity }, groupInfo, [message], { replace: 2 });
    expect(join.leftOut).toEqual([]);
    const [event] = await deliver(join.commit, groups);
    expect(event).toMatchObject({ left: [{ leafIndex: 2 }], added: [{ leafIndex: 2 }], removed: [{ leafIndex: 2 }] });
    expect(carol.isGone).toBe(true);
    agree([alice, bob, await join.complete()]);
  });

  it("of everybody leaves a group to who joins from outside", async () => {
    const groups = await groupWith(["alice", "bob", "carol"]);
    const messages: Uint8Array[] = [];
    for (const group of groups) {
      messages.push(await group.leave());
      await deliver(messages.at(-1)!, groups, group);
    }
    const [alice] = groups;
    const left = (await alice.commit()).change.left.map(({ leafIndex }) => leafIndex);
    expect(left).toEqual([1, 2]);
    alice.pendingCommit?.drop();
    const join = await joinBeside(await client("dave"), await alice.groupInfo(), messages);
    await deliver(join.commit, groups);
    expect(groups.map(({ isGone }) => isGone)).toEqual([true, true, true]);
    const dave = await join.complete();
    expect([dave.size, dave.self.leafIndex]).toEqual([1, 0]);
  });

  it("is required of every member", async () => {
    const [alice] = await groupWith(["alice", "bob", "carol"]);
    const { keyPackage } = await keyPackageOf(await client("dave"));
    await refuses(alice, () => alice.commit({ add: [keyPackage] }), "leaf-required-capabilities");
  });

  it("is added to a registry once", () => {
    const once = withSelfRemove();
    expect(withSelfRemove(once)).toBe(once);
    expect(once.proposals?.map(({ type }) => type)).toEqual([selfRemoveType]);
  });
});
