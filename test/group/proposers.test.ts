import { describe, expect, it } from "vitest";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { client, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "./world.ts";

describe("who proposed what a commit changes", () => {
  it("is told of each addition and removal, by value and by reference, to those who stay, who leave and who look on", async () => {
    const [a, b, c, d, e] = await Promise.all(["alice", "bob", "carol", "dave", "eve"].map((name) => client(name)));
    const groups = await groupOf([a!, b!, c!], { handshake: "public" });
    const [alice, bob, carol] = groups as [Group, Group, Group];
    const observer = await Observer.follow({ ...trusting, suite: suiteOf(), groupInfo: await alice.groupInfo() });
    const seen = async (message: Uint8Array): Promise<void> => {
      await deliver(message, groups, bob);
      await observer.receive(message);
    };
    await seen(await bob.propose({ add: (await keyPackageOf(d!)).keyPackage }));
    await seen(await bob.propose({ remove: 2 }));
    const pending = await alice.commit({
      add: [(await keyPackageOf(e!)).keyPackage],
      extensions: [{ type: 5, data: Uint8Array.of(0) }],
    });
    const alices = { type: "member", leafIndex: 0 };
    const bobs = { type: "member", leafIndex: 1 };
    const { change } = pending;
    const names = change.added.map(({ credential }) =>
      new TextDecoder().decode((credential as { identity: Uint8Array }).identity),
    );
    const expected = {
      added: names.map((name) => (name === "dave" ? bobs : alices)),
      removed: [bobs],
      context: alices,
      reinit: undefined,
    };
    expect(names.sort()).toEqual(["dave", "eve"]);
    expect(change.proposers).toEqual(expected);
    expect(await bob.receive(pending.commit)).toMatchObject({ proposers: expected });
    expect(await observer.receive(pending.commit)).toMatchObject({ proposers: expected });
    expect(await carol.receive(pending.commit)).toMatchObject({ change: { proposers: expected } });
    const restored = await Group.restore({ ...trusting, identity: c!.identity, snapshot: carol.snapshot() });
    expect(restored.removal).toMatchObject({ change: { proposers: expected } });
  });

  it("is the newcomer of an external commit, who is the last that was added", async () => {
    const [alice] = (await groupOf([await client("alice")], { handshake: "public" })) as [Group];
    const bob = await client("bob");
    const join = await Group.joinExternally({
      ...trusting,
      handshake: "public",
      identity: bob.identity,
      groupInfo: await alice.groupInfo(),
    });
    expect(await alice.receive(join.commit)).toMatchObject({
      added: [{ leafIndex: 1 }],
      proposers: { added: [{ type: "new_member_commit" }], removed: [] },
    });
  });

  it("is whoever asked for a ReInit", async () => {
    const groups = await groupOf([await client("alice"), await client("bob")], { handshake: "public" });
    const [alice, bob] = groups as [Group, Group];
    const message = await bob.propose({ reinit: { groupId: new Uint8Array(4), cipherSuite: 1 } });
    await deliver(message, groups, bob);
    const pending = await alice.commit();
    expect(pending.change).toMatchObject({
      proposers: { reinit: { type: "member", leafIndex: 1 }, context: undefined },
    });
  });
});
