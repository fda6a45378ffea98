import { expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import type { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { ratchetTreeAfter } from "../../src/public-group/observer/tree-after.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "../group/world.ts";

it("the tree that a commit makes is the observer's when it is written, whatever else changes with it", async () => {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  const groups = await groupOf(clients, { handshake: "public" });
  const [alice, bob] = groups as [Group, Group];
  const made: string[] = [];
  const deleted: string[] = [];
  const following: Observer[] = [];
  const observer = await Observer.follow({
    ...trusting,
    suite: suiteOf(),
    groupInfo: await alice.groupInfo(),
    persist: ({ puts, deletes }) => {
      for (const each of following) made.push(hex(ratchetTreeAfter(each, { puts, deletes })));
      deleted.push(...deletes);
    },
  });
  following.push(observer);
  const follows = async (message: Uint8Array): Promise<void> => {
    await observer.receive(message);
    expect(made.at(-1)).toBe(hex(observer.ratchetTree()));
  };
  for (const name of ["dave", "erin"]) {
    const { keyPackage } = await keyPackageOf(await client(name));
    await follows((await commitTo(groups, alice, { add: [keyPackage] })).commit);
  }
  const proposal = await bob.propose({ remove: 4 });
  await deliver(proposal, groups);
  await follows(proposal);
  await follows((await commitTo(groups, alice, {})).commit);
  await follows((await commitTo(groups, bob, { remove: [3] })).commit);
  expect(deleted.some((name) => !name.startsWith("node/"))).toBe(true);
  expect(deleted.some((name) => name.startsWith("node/"))).toBe(true);
});
