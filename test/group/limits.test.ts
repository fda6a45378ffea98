/**
 * Limits on what grows in a group by and by: the tree, and the proposals between two commits.
 */

import { describe, expect, it } from "vitest";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { refusal, refuses } from "./refusal.ts";
import { client, groupOf, keyPackageOf, suiteOf, trusting } from "./world.ts";

const few = { ...trusting, limits: { leaves: 2 } };

describe("the limit of leaves", () => {
  it("refuses a commit that adds a leaf beyond it, and its making", async () => {
    const [alice, bob] = (await groupOf([await client("alice"), await client("bob")])) as [Group, Group];
    const bounded = await Group.restore({ ...few, identity: bob.identity, snapshot: bob.snapshot() });
    const { keyPackage } = await keyPackageOf(await client("carol"));
    const pending = await alice.commit({ add: [keyPackage] });
    await refuses(bounded, () => bounded.receive(pending.commit), "limit-exceeded");
    await refuses(bounded, () => bounded.commit({ add: [keyPackage] }), "limit-exceeded");
    expect((await bob.receive(pending.commit)).kind).toBe("commit");
  });

  it("refuses an external commit that does, and lets an old leaf be taken", async () => {
    const [alice, bob] = (await groupOf([await client("alice"), await client("bob")])) as [Group, Group];
    const bounded = await Group.restore({ ...few, identity: bob.identity, snapshot: bob.snapshot() });
    const groupInfo = await alice.groupInfo({ externalPub: true });
    const { identity } = await client("carol");
    const join = await Group.joinExternally({ ...trusting, identity, groupInfo });
    await refuses(bounded, () => bounded.receive(join.commit), "limit-exceeded");
    expect(await refusal(() => Group.joinExternally({ ...few, identity, groupInfo }))).toBe("limit-exceeded");
    const resync = await Group.joinExternally({ ...few, identity: alice.identity, groupInfo, replace: 0 });
    expect((await bounded.receive(resync.commit)).kind).toBe("commit");
  });
});

describe("the limit of proposals in bytes", () => {
  it("refuses what outsiders send beyond it, and is free again after a commit", async () => {
    const host = await client("alice");
    const [alice] = (await groupOf([host])) as [Group];
    const one = await ask(alice, "bob");
    const limits = { proposalBytes: 2 * one.length };
    const bounded = await Group.restore({
      ...trusting,
      limits,
      identity: host.identity,
      snapshot: alice.snapshot(),
    });
    const groupInfo = await alice.groupInfo();
    const observer = await Observer.follow({ ...trusting, limits, suite: suiteOf(), groupInfo });
    for (const receiver of [bounded, observer]) {
      await receiver.receive(one);
      await receiver.receive(await ask(alice, "dan"));
      const third = await ask(alice, "eve");
      expect(await refusal(() => receiver.receive(third))).toBe("limit-exceeded");
      // Again what is known is no more.
      expect((await receiver.receive(one)).kind).toBe("proposal");
    }
    const third = await ask(alice, "eve");
    await refuses(bounded, () => bounded.receive(third), "limit-exceeded");
    await bounded.apply(await bounded.commit());
    expect((await bounded.receive(await ask(bounded, "fay"))).kind).toBe("proposal");
  });
});

async function ask(group: Group, name: string): Promise<Uint8Array> {
  const asking = await client(name);
  const keyPackage = await keyPackageOf(asking, { grease: false });
  return proposeToJoin({ identity: asking.identity, keyPackage, groupId: group.id, epoch: group.epoch });
}
