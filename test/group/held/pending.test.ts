import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { LiveSecrets } from "../../schedule/live-secrets.ts";
import { agree, talk } from "../agreement.ts";
import { generationOf, storedOf } from "../insider.ts";
import { refusal } from "../refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, trusting } from "../world.ts";

const formats = ["private", "public"] as const;

async function trio(options: Partial<GroupOptions> = {}): Promise<[alice: Group, bob: Group, carol: Group]> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  return (await groupOf(clients, options)) as [Group, Group, Group];
}

function restored(group: Group, extra: { snapshot?: Uint8Array; pending?: Uint8Array } = {}): Promise<Group> {
  return Group.restore({ ...trusting, identity: group.identity, snapshot: group.snapshot(), ...extra });
}

describe.each(formats)("a commit in the making (%s)", (handshake) => {
  let live: LiveSecrets;
  beforeEach(() => {
    live = new LiveSecrets();
  });
  afterEach(() => {
    live.stop();
  });

  it("changes no epoch until it is applied", async () => {
    const groups = await trio({ handshake });
    const [alice] = groups;
    const before = { ...storedOf(alice), secretTree: 0, sent: 0, pending: 0, encrypted: 0 };
    const pending = await alice.commit();
    expect({ ...storedOf(alice), secretTree: 0, sent: 0, pending: 0, encrypted: 0 }).toEqual(before);
    expect(alice.epoch).toBe(1n);
    await talk(groups);
    await deliver(pending.commit, groups, alice);
    expect(alice.epoch).toBe(1n);
    const applied = alice.apply(pending);
    // Nothing else is under way: it happens at once.
    expect(applied).toBeUndefined();
    expect(alice.epoch).toBe(2n);
    agree(groups);
    await talk(groups);
  });

  it("leaves nothing behind when it is dropped, but a handshake generation", async () => {
    const groups = await trio({ handshake });
    const [alice, bob] = groups;
    await talk(groups);
    await alice.propose({ update: {} }); // so that Alice's handshake ratchet has been derived
    const before = storedOf(alice);
    const alive = live.count;
    for (const options of [
      {},
      { add: [(await keyPackageOf(await client("dave"))).keyPackage], groupInfo: true },
      { remove: [2] },
    ]) {
      const held = live.count;
      const pending = await alice.commit(options);
      expect(live.count).toBeGreaterThan(held);
      pending.drop();
      expect(live.count).toBe(held);
      pending.drop();
      expect(await refusal(() => alice.apply(pending))).toBe("pending-stale");
      expect(await refusal(() => pending.toBytes())).toBe("pending-stale");
    }
    expect(live.count).toBe(alive + 3); // Dave's identity and key package
    const after = storedOf(alice);
    const stripped = { secretTree: 0, sent: 0, encrypted: 0 };
    expect({ ...after, ...stripped }).toEqual({ ...before, ...stripped });
    expect(after.sent.slice(0, before.sent.length)).toEqual(before.sent);
    expect(after.sent.slice(before.sent.length).map(({ what }) => what)).toEqual(["commit", "commit", "commit"]);
    const generation = ({ secretTree }: typeof after): number => secretTree.leaves.find(([leaf]) => leaf === 0)![1][0];
    expect(generation(after) - generation(before)).toBe(handshake === "private" ? 3 : 0);
    expect(after.encrypted - before.encrypted).toBe(handshake === "private" ? 3 : 0);
    await commitTo([alice, ...groups.slice(2)], alice, { pending: "none" });
    expect(bob.epoch).toBe(1n);
  });

  it("can't be applied, nor stored, in a group that was wiped", async () => {
    const [alice] = await trio({ handshake });
    const pending = await alice.commit();
    alice.wipe();
    expect(await refusal(() => alice.apply(pending))).toBe("group-gone");
    expect(alice.epoch).toBe(1n);
    expect(await refusal(() => pending.toBytes())).toBe("pending-stale");
  });

  it("is the only one of its group", async () => {
    const groups = await trio({ handshake });
    const [alice] = groups;
    const pending = await alice.commit();
    const before = hex(alice.snapshot());
    expect(await refusal(() => alice.commit())).toBe("pending-own-commit");
    expect(hex(alice.snapshot())).toBe(before);
    pending.drop();
    const next = await alice.commit();
    expect(await refusal(() => alice.apply(pending))).toBe("pending-stale");
    pending.drop();
    expect(alice.pendingCommit?.commit).toEqual(next.commit);
    await deliver(next.commit, groups);
    agree(groups);
  });

  it("gives the tree of its epoch before it is applied", async () => {
    const [alice] = await trio({ handshake });
    const before = alice.ratchetTree();
    const pending = await alice.commit({ remove: [2] });
    const tree = pending.ratchetTree();
    expect(alice.ratchetTree()).toEqual(before);
    await alice.apply(pending);
    expect(tree).toEqual(alice.ratchetTree());
    expect(pending.ratchetTree()).toEqual(tree);
  });

  it("is applied when it comes back", async () => {
    const groups = await trio({ handshake });
    const [alice] = groups;
    const { commit, change } = await alice.commit();
    expect(await alice.receive(commit)).toEqual({ kind: "own", what: "commit", epoch: 1n, change });
    expect(alice.epoch).toBe(2n);
    expect(alice.pendingCommit).toBeUndefined();
    await deliver(commit, groups, alice);
    agree(groups);
    // And again, as some delivery services do.
    expect(await alice.receive(commit)).toEqual({ kind: "own", what: "commit", epoch: 1n });
    expect(alice.epoch).toBe(2n);
  });

  it("is not applied by another that was dropped and comes back", async () => {
    const [alice, bob] = await trio({ handshake });
    const first = await alice.commit();
    first.drop();
    expect(await refusal(() => alice.receive(first.commit))).toBe("pending-stale");
    const second = await alice.commit();
    const before = hex(alice.snapshot());
    expect(await refusal(() => alice.receive(first.commit))).toBe("pending-stale");
    expect(hex(alice.snapshot())).toBe(before);
    await bob.receive(second.commit);
    await alice.receive(second.commit);
    agree([alice, bob]);
  });

  it("is recognised, however much was sent after it", async () => {
    const [alice, bob] = await trio({ handshake, window: { ownMessages: 2 } });
    const { commit, change } = await alice.commit();
    for (let i = 0; i < 4; i++) await alice.seal(utf8("more"));
    expect(await alice.receive(commit)).toEqual({ kind: "own", what: "commit", epoch: 1n, change });
    await bob.receive(commit);
    agree([alice, bob]);
  });

  it("gives way to the commit that was chosen", async () => {
    const groups = await trio({ handshake });
    const [alice, bob, carol] = groups;
    const dave = await client("dave");
    const bundle = await keyPackageOf(dave);
    const losing = await alice.commit({ add: [bundle.keyPackage] });
    const winning = await bob.commit();
    const carols = await carol.commit();
    await deliver(winning.commit, groups);
    agree(groups);
    for (const [group, lost] of [
      [alice, losing],
      [carol, carols],
    ] as const) {
      expect(group.pendingCommit).toBeUndefined();
      expect(await refusal(() => group.apply(lost))).toBe("pending-stale");
      expect(await refusal(() => lost.toBytes())).toBe("pending-stale");
      expect(await group.receive(lost.commit)).toEqual({ kind: "own", what: "commit", epoch: 1n });
      lost.drop();
    }
    await talk(groups);
    await commitTo(groups, alice, { add: [bundle.keyPackage] });
    agree(groups);
    // What is alive is what three members of one epoch hold, and a key package.
    const fresh = live.names();
    expect(fresh.filter((name) => name === "init_secret").length).toBe(3);
    expect(fresh.filter((name) => name === "path_secret" || name === "joiner_secret").length).toBe(0);
  });

  it("can be applied by a copy of what it was, and by nothing that was changed", async () => {
    const [alice, bob] = await trio({ handshake });
    const pending = await alice.commit();
    await bob.receive(pending.commit);
    const { commit } = pending;
    commit[commit.length - 1]! ^= 1;
    expect(await refusal(() => alice.apply(pending))).toBe("pending-stale");
    await alice.apply(alice.pendingCommit!);
    agree([alice, bob]);
  });

  it("survives a crash between sending and applying, beside an older snapshot", async () => {
    const groups = await trio({ handshake });
    const [alice, bob, carol] = groups;
    const snapshot = alice.snapshot();
    const pending = await alice.commit({ add: [(await keyPackageOf(await client("dave"))).keyPackage] });
    const stored = pending.toBytes();
    const whole = alice.snapshot();
    alice.wipe();

    for (const [given, beside] of [
      [snapshot, stored],
      [whole, undefined],
      [whole, stored],
    ] as const) {
      const again = await Group.restore({
        ...trusting,
        handshake,
        identity: alice.identity,
        snapshot: given,
        ...(beside === undefined ? {} : { pending: beside }),
      });
      expect(hex(again.snapshot())).toBe(hex(whole));
      const offered = again.pendingCommit!;
      expect(offered.commit).toEqual(pending.commit);
      expect(offered.welcome).toEqual(pending.welcome);
      expect(offered.change).toEqual(pending.change);
      expect(offered.leftOut).toEqual([]);
      // It was not chosen: the next commit uses no key again.
      offered.drop();
      const next = await again.commit();
      if (handshake === "private") {
        expect(generationOf(carol, next.commit)).toBe(generationOf(carol, pending.commit) + 1);
      }
      const other = await restored(bob);
      expect((await other.receive(next.commit)).kind).toBe("commit");
      other.wipe();
      again.wipe();
    }

    const follower = await Group.restore({
      ...trusting,
      handshake,
      identity: alice.identity,
      snapshot,
      pending: stored,
    });
    const { change, welcome } = pending;
    expect(await follower.receive(pending.commit)).toEqual({ kind: "own", what: "commit", epoch: 1n, change, welcome });
    await carol.receive(pending.commit);
    agree([follower, carol]);
    await talk([follower, carol]);
  });

  it("is stale beside a snapshot of a later epoch, and of no use to another group", async () => {
    const [alice, bob] = await trio({ handshake });
    const pending = await alice.commit();
    const stored = pending.toBytes();
    await bob.receive(pending.commit);
    await alice.apply(pending);
    expect(await refusal(() => restored(alice, { pending: stored }))).toBe("pending-stale");
    const other = await Group.create({ ...trusting, identity: alice.identity });
    expect(await refusal(() => restored(other, { pending: stored }))).toBe("wrong-group");
    expect(await refusal(() => restored(alice, { pending: alice.snapshot() }))).toBe("snapshot-damaged");
    expect(await refusal(() => restored(alice, { snapshot: stored }))).toBe("snapshot-damaged");
  });

  it("says what it changes", async () => {
    const groups = await trio({ handshake });
    const [alice, bob, carol] = groups;
    await deliver(await bob.propose({ update: {} }), groups, bob);
    const { keyPackage } = await keyPackageOf(await client("dave"));
    const pending = await alice.commit({ add: [keyPackage], remove: [2], authenticatedData: utf8("why") });
    const { change } = pending;
    expect(change).toMatchObject({
      kind: "commit",
      committer: { leafIndex: 0 },
      external: false,
      epoch: 2n,
      removed: [{ leafIndex: 2 }],
      added: [{ leafIndex: 2, credential: { type: "basic", identity: utf8("dave") } }],
      psks: [],
      contextChanged: false,
      reinit: undefined,
      custom: [],
      authenticatedData: utf8("why"),
    });
    expect(change.updated.map(({ before }) => before.leafIndex)).toEqual([1, 0]);
    for (const { before, after } of change.updated) {
      expect(after.encryptionKey).not.toEqual(before.encryptionKey);
      expect(after.signatureKey).toEqual(before.signatureKey);
    }
    expect(await bob.receive(pending.commit)).toEqual(change);
    expect(await carol.receive(pending.commit)).toMatchObject({ kind: "removed" });
  });
});
