/**
 * A living group moves from a classical suite to a hybrid one: forty members, a virtual clock, and some who are away for a week
 * while it happens. RFC 9420 section 11.2
 */

import { expect, test } from "vitest";
import { utf8, utf8Decode } from "../../src/bytes/text.ts";
import { withPostQuantumSuites } from "../../src/crypto/pq/post-quantum.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import { Group } from "../../src/group/group.ts";
import { agree, talk } from "../group/agreement.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, setClock, trusting } from "../group/world.ts";

const count = 40;
const week = 7 * 86_400_000;

test("everybody arrives in the hybrid group, those who were away for a week too", async () => {
  const provider = await withPostQuantumSuites(nodeProvider);
  const hybrid = provider.cipherSuite(0xf701);
  const clock = setClock(1_790_000_000_000);
  const names = Array.from({ length: count }, (_, i) => `member ${i}`);
  const old = await groupOf(await Promise.all(names.map((name) => client(name))), { clock, path: true });
  // Everybody has published a key package of the new suite before anything happens.
  const next = await Promise.all(names.map((name) => client(name, hybrid)));
  const bundles = await Promise.all(next.map((one) => keyPackageOf(one, { clock })));

  const isAway = (i: number): boolean => i % 4 === 3;
  const present = old.filter((_, i) => !isAway(i));
  const missed: Uint8Array[] = [];

  // The group lives on for three days; then it is closed, by another member than who makes the successor.
  for (let day = 0; day < 3; day++) {
    const text = await present[day]!.seal(utf8(`day ${day}`));
    await deliver(text, present, present[day]);
    missed.push(text, (await commitTo(present, present[day + 1]!, { path: true })).commit);
    clock.now += 86_400_000;
  }
  const reinit = { groupId: utf8("the hybrid group"), cipherSuite: hybrid.id };
  missed.push((await commitTo(present, present[5]!, { reinit })).commit);
  await expect(present[1]!.seal(utf8("late"))).rejects.toMatchObject({ code: "group-reinitialized" });

  const keyPackages = bundles.slice(1).map(({ keyPackage }) => keyPackage);
  const { group, pending } = await old[0]!.reinitialize({ identity: next[0]!.identity, keyPackages });
  await group.apply(pending);
  const join = (i: number): Promise<Group> =>
    Group.join({
      ...trusting,
      clock,
      identity: next[i]!.identity,
      welcome: pending.welcome!,
      keyPackages: [bundles[i]!],
      previous: old[i]!,
    });
  const arrived = [group];
  for (let i = 1; i < count; i++) if (!isAway(i)) arrived.push(await join(i));
  agree(arrived);

  // The new group lives on; those who are away find a week of both groups.
  const backlog: Uint8Array[] = [];
  for (let day = 0; day < 4; day++) {
    const text = await arrived[day]!.seal(utf8(`hybrid day ${day}`));
    await deliver(text, arrived, arrived[day]);
    backlog.push(text, (await commitTo(arrived, arrived[day + 1]!, { path: true })).commit);
    clock.now += 86_400_000;
  }
  expect(clock.now).toBe(1_790_000_000_000 + week);

  for (let i = 0; i < count; i++) {
    if (!isAway(i)) continue;
    const read: string[] = [];
    const follow = async (one: Group, messages: readonly Uint8Array[]): Promise<void> => {
      for (const message of messages) {
        const event = await one.receive(message);
        if (event.kind === "message") read.push(String(utf8Decode(event.plaintext)));
      }
    };
    // The Welcome alone opens nothing: the ReInit comes first.
    await expect(join(i)).rejects.toMatchObject({ code: expect.stringMatching(/^(welcome|psk)-/) as string });
    await follow(old[i]!, missed);
    const late = await join(i);
    await follow(late, backlog);
    expect(read).toEqual([0, 1, 2].map((day) => `day ${day}`).concat([0, 1, 2, 3].map((day) => `hybrid day ${day}`)));
    arrived.push(late);
  }
  expect(arrived.length).toBe(count);
  agree(arrived);
  await talk(arrived, [arrived[0]!, arrived.at(-1)!]);
});
