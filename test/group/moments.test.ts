/**
 * What an application is told has what the moment needs: a commit of ours that comes back, a join, a removal; and a proposal
 * that nobody wants any more can be forgotten.
 */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { Group } from "../../src/group/group.ts";
import type { CommitOptions } from "../../src/group/sending/send.ts";
import type { CommitEvent, RemovedEvent } from "../../src/public-group/events.ts";
import { basic, createIdentity, type Identity } from "../../src/public-group/identity.ts";
import { removalFromBytes, removalToBytes } from "../../src/group/records/removal.ts";
import type { StateEvent } from "../../src/public-group/records/persist.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { agree, talk } from "./agreement.ts";
import { MemoryStore } from "./records/store.ts";
import { failure, refusal, refuses } from "./refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "./world.ts";

async function pair(options: Parameters<typeof groupOf>[1] = {}): Promise<[Group, Group]> {
  return (await groupOf([await client("alice"), await client("bob")], options)) as [Group, Group];
}

/** Alice's group, stored as it changes. */
async function stored(group: Group): Promise<{ readonly group: Group; readonly store: MemoryStore }> {
  const store = new MemoryStore();
  const persist = store.apply.bind(store);
  const { identity } = group;
  return { group: await Group.restore({ ...trusting, identity, snapshot: group.snapshot(), persist }), store };
}

describe("a commit of ours that comes back after a crash between publishing and applying it", () => {
  const change: CommitOptions = { groupInfo: true, path: true };

  it.each(["records", "a snapshot", "a pending commit beside a snapshot"])(
    "says what it changes and brings its Welcome, out of %s",
    async (from) => {
      const [first, bob] = await pair();
      const { group: alice, store } = await stored(first);
      const carol = await client("carol");
      const bundle = await keyPackageOf(carol);
      const older = alice.snapshot();
      const pending = await alice.commit({ ...change, add: [bundle.keyPackage] });
      const { identity } = alice;
      const restored =
        from === "records"
          ? await Group.restore({ ...trusting, identity, records: store.copy().records })
          : from === "a snapshot"
            ? await Group.restore({ ...trusting, identity, snapshot: alice.snapshot() })
            : await Group.restore({ ...trusting, identity, snapshot: older, pending: pending.toBytes() });
      expect(restored.pendingCommit).toMatchObject({ welcome: pending.welcome, change: pending.change });
      const event = await restored.receive(pending.commit);
      const { welcome, groupInfo } = pending;
      expect(event).toEqual({
        kind: "own",
        what: "commit",
        epoch: 1n,
        change: pending.change,
        welcome,
        groupInfo,
      });
      expect(pending.change.added[0]?.credential).toEqual(basic("carol"));
      await bob.receive(pending.commit);
      const join = { ...trusting, identity: carol.identity, keyPackages: [bundle] };
      if (event.kind !== "own" || event.welcome === undefined) throw new TypeError("an own commit was expected");
      const joined = await Group.join({ ...join, welcome: event.welcome });
      agree([restored, bob, joined]);
    },
  );

  it("tells the store the same, in the transaction that applies it", async () => {
    const { group: alice, store } = await stored((await pair())[0]);
    const { keyPackage } = await keyPackageOf(await client("carol"));
    const pending = await alice.commit({ add: [keyPackage] });
    const event = await alice.receive(pending.commit);
    expect(store.last).toEqual({ kind: "received", event });
    expect(event).toHaveProperty("welcome", pending.welcome);
    expect(event).not.toHaveProperty("groupInfo");
  });

  it("says no more than that it is ours once it was applied", async () => {
    const [alice] = await pair();
    const pending = await alice.commit();
    await alice.apply(pending);
    expect(await alice.receive(pending.commit)).toEqual({ kind: "own", what: "commit", epoch: 1n });
  });
});

it("a join says which key package it has used", async () => {
  const [alice] = await pair();
  const carol = await client("carol");
  const bundles = [await keyPackageOf(carol), await keyPackageOf(carol), await keyPackageOf(carol)];
  const { welcome } = await commitTo([alice], alice, { add: [bundles[1]!.keyPackage] });
  const { identity } = carol;
  const joined = await Group.join({ ...trusting, identity, welcome: welcome!, keyPackages: bundles });
  expect(joined.joinedWith).toEqual(bundles[1]!.ref);
  joined.joinedWith!.fill(0);
  expect(joined.joinedWith).toEqual(bundles[1]!.ref);
  expect(alice.joinedWith).toBeUndefined();
  expect((await Group.restore({ ...trusting, identity, snapshot: joined.snapshot() })).joinedWith).toBeUndefined();
});

describe("who was removed", () => {
  it("can be stored by records, with how it was removed", async () => {
    const [alice, first] = await pair();
    const { group: bob, store } = await stored(first);
    const removal = (await bob.receive((await alice.commit({ remove: [1] })).commit)) as RemovedEvent;
    expect(removal.kind).toBe("removed");
    const { identity } = bob;
    const again = await Group.restore({ ...trusting, identity, records: store.records });
    expect(again.removal).toEqual(removal);
    expect({ isGone: again.isGone, id: again.id, epoch: again.epoch }).toEqual({
      isGone: true,
      id: alice.id,
      epoch: 1n,
    });
    expect([...again.members]).toEqual([...bob.members]);
    expect(again.snapshot()).toEqual(bob.snapshot());
    // And from there into another store.
    const other = await stored(again);
    const moved = await Group.restore({ ...trusting, identity, records: other.store.records });
    expect(moved.removal).toEqual(removal);
  });

  it("can't be stored after it has wiped the group itself, or where its identity is another", async () => {
    const [alice, bob] = await pair();
    bob.wipe();
    expect(await refusal(() => bob.snapshot())).toBe("group-gone");
    const [, carol] = (await groupOf([await client("alice"), await client("carol")])) as [Group, Group];
    await carol.receive((await commitTo([alice], alice)).commit).catch(() => undefined);
    const [dave, erin] = await pair();
    await erin.receive((await dave.commit({ remove: [1] })).commit);
    const { identity } = dave;
    expect(await refusal(() => Group.restore({ ...trusting, identity, snapshot: erin.snapshot() }))).toBe(
      "snapshot-identity",
    );
  });

  it("keeps all that a commit can change", async () => {
    const [alice, bob] = await pair();
    const { change } = await alice.commit({ path: true });
    const [before] = change.updated;
    const psk = { type: "external", pskId: utf8("id"), pskNonce: utf8("nonce") } as const;
    const resumption = {
      type: "resumption",
      usage: "reinit",
      pskGroupId: alice.id,
      pskEpoch: 2n ** 64n - 1n,
      pskNonce: utf8("nonce"),
    } as const;
    const extensions = [{ type: 0xf100, data: utf8("data") }];
    const proposal = { type: "custom", proposalType: 0xf700, body: utf8("any body") } as const;
    const whole: CommitEvent = {
      ...change,
      external: true,
      added: [bob.self, alice.self],
      removed: [bob.self],
      updated: [before!, before!],
      psks: [psk, resumption],
      contextChanged: true,
      reinit: { type: "reinit", groupId: utf8("next"), version: 1, cipherSuite: 7, extensions },
      custom: [
        { proposal, sender: { type: "member", leafIndex: 3 } },
        { proposal, sender: { type: "new_member_commit" } },
      ],
      authenticatedData: utf8("seen"),
    };
    for (const event of [change, whole]) {
      const removal: RemovedEvent = {
        kind: "removed",
        by: { type: "new_member_commit" },
        proposedBy: { type: "external", senderIndex: 9 },
        epoch: event.epoch,
        change: event,
      };
      expect(removalFromBytes(removalToBytes(removal))).toEqual(removal);
    }
  });
});

describe("forgetting a proposal", () => {
  let live: LiveSecrets;
  beforeEach(() => {
    live = new LiveSecrets();
  });
  afterEach(() => {
    live.stop();
  });

  it("leaves the others, and the group free to send and to commit", async () => {
    const groups = await pair();
    const [alice, bob] = groups;
    const { keyPackage } = await keyPackageOf(await client("carol"));
    for (const change of [{ update: {} }, { add: keyPackage }]) {
      await deliver(await bob.propose(change), groups, bob);
    }
    const [update, add] = alice.pendingProposals;
    expect(await refusal(() => alice.seal(utf8("x")))).toBe("pending-proposals");
    expect(await alice.forgetProposal(add!.ref)).toBe(true);
    expect(alice.pendingProposals).toEqual([update]);
    expect(await alice.forgetProposal(add!.ref)).toBe(false);
    expect(await alice.forgetProposal(update!.ref)).toBe(true);
    await bob.receive(await alice.seal(utf8("x")));
    const { change } = await commitTo(groups, alice);
    expect(change.added).toEqual([]);
    agree(groups);
    expect(await failure(() => alice.forgetProposal(hex(add!.ref) as never))).toBeInstanceOf(TypeError);
  });

  it("wipes the key of an Update of ours", async () => {
    const [alice] = await pair({ handshake: "public" });
    const before = live.count;
    await alice.propose({ update: {} });
    expect(live.count).toBeGreaterThan(before);
    await alice.forgetProposal(alice.pendingProposals[0]!.ref);
    expect(live.count).toBe(before);
  });

  it("is undone by receiving it again, which others' commits may need", async () => {
    const groups = await pair();
    const [alice, bob] = groups;
    const { keyPackage } = await keyPackageOf(await client("carol"));
    const proposal = await bob.propose({ add: keyPackage });
    const { group, store } = await stored(alice);
    await group.receive(proposal);
    const count = store.records.size;
    await group.forgetProposal(group.pendingProposals[0]!.ref);
    expect(store.last).toEqual<StateEvent>({ kind: "forgotten", ref: bob.pendingProposals[0]!.ref.slice() });
    expect(store.records.size).toBe(count - 1);
    const { identity } = alice;
    const restored = await Group.restore({ ...trusting, identity, records: store.copy().records });
    expect(restored.pendingProposals).toEqual([]);
    expect(restored.snapshot()).toEqual(group.snapshot());
    const { commit } = await bob.commit();
    await refuses(group, () => group.receive(commit), "proposal-not-found");
    // With public handshakes it can come again; the key of a private one is used up.
    const open = await pair({ handshake: "public" });
    const asked = await open[1].propose({ add: keyPackage });
    await open[0].receive(asked);
    await open[0].forgetProposal(open[0].pendingProposals[0]!.ref);
    const pending = await open[1].commit();
    expect(await refusal(() => open[0].receive(pending.commit))).toBe("proposal-not-found");
    await open[0].receive(asked);
    await open[0].receive(pending.commit);
    await open[1].apply(pending);
    agree(open);
  });

  it("waits while a commit of ours holds it, and not for one that doesn't", async () => {
    const groups = await pair();
    const [alice, bob] = groups;
    await alice.receive(await bob.propose({ update: {} }));
    const { ref } = alice.pendingProposals[0]!;
    const pending = await alice.commit();
    await refuses(alice, () => alice.forgetProposal(ref), "pending-own-commit");
    pending.drop();
    await alice.commit({ pending: "none" });
    expect(await alice.forgetProposal(ref)).toBe(true);
    const restored = await Group.restore({ ...trusting, identity: alice.identity, snapshot: alice.snapshot() });
    expect(restored.pendingCommit).toBeDefined();
  });

  it("gives its room to others", async () => {
    const [alice, other] = await pair({ handshake: "public", limits: { proposals: 4 } });
    const { identity } = other;
    const bob = await Group.restore({ ...trusting, handshake: "public", identity, snapshot: other.snapshot() });
    let count = 0;
    const propose = async (): Promise<void> => {
      const pskId = utf8(`psk ${String(count++)}`);
      await alice.receive(await bob.propose({ psk: { type: "external", pskId } }));
    };
    await propose();
    await propose();
    expect(await refusal(propose)).toBe("limit-exceeded");
    await alice.forgetProposal(alice.pendingProposals[0]!.ref);
    await propose();
    expect(await refusal(propose)).toBe("limit-exceeded");
    bob.wipe();
    expect(await refusal(() => bob.forgetProposal(new Uint8Array(32)))).toBe("group-gone");
  });
});

describe("a member that has made several Updates with new identities", () => {
  it("is restored with all of them, and goes on as the one that was committed", async () => {
    const groups = await pair();
    const [alice, bob] = groups;
    const [first, second, third] = [await client("1"), await client("2"), await client("3")].map(
      ({ identity }) => identity,
    );
    for (const identity of [first, second])
      await deliver(await alice.propose({ update: { identity: identity! } }), [bob]);
    await alice.commit({ identity: third!, pending: "none" });
    const snapshot = alice.snapshot();
    const restore = (nextIdentity: Identity | readonly Identity[]): Promise<Group> =>
      Group.restore({ ...trusting, identity: alice.identity, snapshot, nextIdentity });
    expect(await refusal(() => restore([first!, second!]))).toBe("snapshot-identity");
    expect(await refusal(() => restore([]))).toBe("snapshot-identity");
    const restored = await restore([third!, first!, second!]);
    expect(hex(restored.snapshot())).toBe(hex(snapshot));
    const pending = await bob.commit({ pending: [bob.pendingProposals[1]!.ref] });
    await restored.receive(pending.commit);
    await bob.apply(pending);
    expect(restored.identity).toBe(second);
    agree([restored, bob]);
    await talk([restored, bob]);
    // Whoever does not know which one it was, names them all.
    const after = restored.snapshot();
    const again = await Group.restore({
      ...trusting,
      identity: alice.identity,
      snapshot: after,
      nextIdentity: [first!, second!],
    });
    expect(again.identity).toBe(second);
  });

  it("is the one whose credential the leaf presents, where several have one key", async () => {
    const suite = suiteOf();
    const [alice, bob] = await pair();
    const privateKey = new Uint8Array(32).fill(7);
    const named = (name: string): Promise<Identity> => createIdentity({ suite, credential: basic(name), privateKey });
    const [one, two] = [await named("one"), await named("two")];
    await alice.commit({ identity: two });
    const restored = await Group.restore({
      ...trusting,
      identity: alice.identity,
      snapshot: alice.snapshot(),
      nextIdentity: [one, two],
    });
    const { commit } = restored.pendingCommit!;
    await restored.receive(commit);
    await bob.receive(commit);
    expect(restored.identity).toBe(two);
    expect(restored.self.credential).toEqual(basic("two"));
    const swapped = await Group.restore({
      ...trusting,
      identity: one,
      snapshot: restored.snapshot(),
      nextIdentity: two,
    });
    expect(swapped.identity).toBe(two);
  });
});
