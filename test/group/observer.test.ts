import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/group/observer.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "./world.ts";

const suite = suiteOf();

async function observed(): Promise<{ groups: Group[]; observer: Observer }> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  const groups = await groupOf(clients, { handshake: "public" });
  const observer = await Observer.follow({ ...trusting, suite, groupInfo: await groups[0]!.groupInfo() });
  return { groups, observer };
}

function same(observer: Observer, group: Group): void {
  expect(observer.epoch).toBe(group.epoch);
  expect(hex(observer.ratchetTree())).toBe(hex(group.ratchetTree()));
  expect(observer.groupContext).toEqual(group.groupContext);
}

describe("an observer", () => {
  it("follows proposals, commits, external joins and removals", async () => {
    const { groups, observer } = await observed();
    const [alice, bob, carol] = groups as [Group, Group, Group];
    same(observer, alice);

    const update = await carol.propose({ update: {} });
    expect(await observer.receive(update)).toMatchObject({ kind: "proposal", sender: { leafIndex: 2 } });
    await deliver(update, groups);
    const dave = await client("dave");
    const bundle = await keyPackageOf(dave);
    const pending = await commitTo(groups, alice, { add: [bundle.keyPackage] });
    const event = await observer.receive(pending.commit);
    expect(event).toMatchObject({ kind: "commit", epoch: alice.epoch, external: false });
    same(observer, alice);

    const join = await Group.joinExternally({
      ...trusting,
      identity: (await client("erin")).identity,
      groupInfo: await bob.groupInfo(),
    });
    await deliver(join.commit, groups);
    expect(await observer.receive(join.commit)).toMatchObject({ kind: "commit", external: true });
    same(observer, alice);

    const removal = await commitTo(groups, bob, { remove: [2] });
    await observer.receive(removal.commit);
    same(observer, alice);
    expect(carol.isGone).toBe(true);
  });

  it("sees the envelope of application messages, and calls later epochs later", async () => {
    const { groups, observer } = await observed();
    const message = await groups[1]!.seal(utf8("hello"));
    expect(await observer.receive(message)).toEqual({ kind: "envelope", contentType: "application", epoch: 1n });
    await commitTo(groups, groups[0]!);
    const later = await commitTo(groups, groups[0]!);
    expect(await observer.receive(later.commit)).toEqual({ kind: "later", epoch: 2n });
  });

  it("refuses what a member would refuse, and has not changed", async () => {
    const { groups, observer } = await observed();
    const pending = await groups[0]!.commit();
    const before = hex(observer.snapshot());
    for (let at = 60; at < pending.commit.length - 70; at += 29) {
      const forged = pending.commit.slice();
      forged[at]! ^= 1;
      await expect(observer.receive(forged)).rejects.toMatchObject({ name: "CopseError" });
      expect(hex(observer.snapshot())).toBe(before);
    }
    expect(await observer.receive(pending.commit)).toMatchObject({ kind: "commit" });
  });

  it("rolls one epoch back until the members have confirmed it", async () => {
    const { groups, observer } = await observed();
    const [alice, bob] = groups as [Group, Group];
    const lost = await alice.commit();
    await observer.receive(lost.commit);
    observer.rollback();
    expect(() => {
      observer.rollback();
    }).toThrow(expect.objectContaining({ code: "epoch-unavailable" }));
    lost.drop();
    for (let i = 0; i < 3; i++) {
      const pending = await commitTo(groups, i % 2 === 0 ? bob : alice);
      await observer.receive(pending.commit);
      same(observer, bob);
      observer.rollback();
      expect(observer.epoch).toBe(bob.epoch - 1n);
      await observer.receive(pending.commit);
      same(observer, bob);
    }
    observer.confirm();
    expect(() => {
      observer.rollback();
    }).toThrow(expect.objectContaining({ code: "epoch-unavailable" }));
  });

  it("is stopped by a private commit, and restarts from a GroupInfo", async () => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const groups = await groupOf(clients, { handshake: "private" });
    const observer = await Observer.follow({ ...trusting, suite, groupInfo: await groups[0]!.groupInfo() });
    const { commit } = await commitTo(groups, groups[0]!);
    await expect(observer.receive(commit)).rejects.toMatchObject({ code: "private-handshake" });
    expect(observer.isStopped).toBe(true);
    await observer.restart(await groups[1]!.groupInfo());
    expect(observer.isStopped).toBe(false);
    same(observer, groups[0]!);
  });

  it("goes on from a snapshot", async () => {
    const { groups, observer } = await observed();
    const update = await groups[1]!.propose({ update: {} });
    await observer.receive(update);
    await deliver(update, groups);
    const restored = Observer.restore({ ...trusting, suite, snapshot: observer.snapshot() });
    const { commit } = await commitTo(groups, groups[0]!);
    await restored.receive(commit);
    same(restored, groups[0]!);
  });
});
