/**
 * What a message says is in the store once: in its entry, and not in the wish to send it. So what it said first must not get lost where its entry
 * says something else before it is sent.
 */

import { describe, expect, it } from "vitest";
import { utf8Decode } from "../../../src/bytes/text.ts";
import { delivery, person, reborn, settle, user, words, type Person } from "../world.ts";

async function pair(): Promise<{ alice: Person; bob: Person; room: string }> {
  const hub = delivery();
  const [alice, bob] = [await person(hub, "alice"), await person(hub, "bob")];
  await settle(alice, bob);
  const { id: room } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  return { alice, bob, room };
}

/** The kinds of the records that hold these words. */
function holding({ disk }: Person, text: string): string[] {
  return [...disk.contents]
    .filter(([, value]) => Buffer.from(value).includes(text))
    .map(([key]) => key.split("/")[0] ?? "");
}

describe("what a message says", () => {
  it("is stored once, also while it waits", async () => {
    const { alice, bob, room } = await pair();
    const offline = await reborn(alice, false);
    await offline.client.room(room).send({ text: "a hill" });
    expect(holding(offline, "a hill")).toEqual(["timeline"]);
    const again = await reborn(offline);
    await settle(again, bob);
    expect(await words(bob, room)).toEqual(["a hill"]);
    expect(holding(again, "a hill")).toEqual(["timeline"]);
  });

  it("is sent as it was said first, then as it was edited, though both was asked for before", async () => {
    const { alice, bob, room } = await pair();
    const offline = await reborn(alice, false);
    const handle = offline.client.room(room);
    const { id } = await handle.send({ text: "a hill" });
    await handle.edit(id, { text: "a lake" });
    await handle.edit(id, { text: "a river" });
    const first = [...offline.disk.contents].filter(([key]) => key.startsWith("first/"));
    expect(first.map(([, value]) => utf8Decode(value.subarray(-6)))).toEqual(["a hill"]);
    const again = await reborn(offline);
    await settle(again, bob);
    for (const one of [again, bob]) {
      const [entry, ...others] = await one.client.room(room).timeline();
      expect(others).toEqual([]);
      expect(entry).toMatchObject({ id, said: { text: "a river" } });
    }
    expect(bob.events.map(({ kind }) => kind)).toEqual(["joined", "message", "entry-changed", "entry-changed"]);
    expect([...again.disk.contents.keys()].filter((key) => key.startsWith("first/"))).toEqual([]);
  });

  it("is sent and taken back where both was asked for before", async () => {
    const { alice, bob, room } = await pair();
    const offline = await reborn(alice, false);
    const handle = offline.client.room(room);
    const { id } = await handle.send({ text: "a hill" });
    await handle.unsend(id);
    const again = await reborn(offline);
    await settle(again, bob);
    expect(bob.events.map(({ kind }) => kind)).toEqual(["joined", "message", "entry-changed"]);
    for (const one of [again, bob]) {
      expect(await words(one, room)).toEqual([undefined]);
      expect(holding(one, "a hill")).toEqual([]);
    }
  });

  it("is not kept where it was taken back and is never sent", async () => {
    const { alice, bob, room } = await pair();
    const offline = await reborn(bob, false);
    const handle = offline.client.room(room);
    const { id } = await handle.send({ text: "a hill" });
    await handle.unsend(id);
    await alice.client.room(room).remove(user("bob"));
    await settle(alice);
    const again = await reborn(offline);
    await settle(again, alice);
    expect(again.events.map(({ kind }) => kind)).toContain("failed");
    expect(holding(again, "a hill")).toEqual([]);
  });

  it("is not written again when the service has it, but with the next change of the entry", async () => {
    const { alice, bob, room } = await pair();
    const { id } = await alice.client.room(room).send({ text: "a hill" });
    const written = alice.disk.contents.get(
      [...alice.disk.contents.keys()].find((key) => key.startsWith("timeline/"))!,
    );
    await settle(alice, bob);
    const apart = (who: Person): string[] => [...who.disk.contents.keys()].filter((key) => key.startsWith("sent/"));
    expect([...alice.disk.contents.values()]).toContainEqual(written);
    expect(apart(alice)).toHaveLength(1);
    const [seen] = await bob.client.room(room).timeline();
    const again = await reborn(alice);
    const [entry] = await again.client.room(room).timeline();
    expect(entry).toMatchObject({ id, status: "sent", at: seen?.at });
    expect(await again.client.room(room).entry(entry!.place)).toEqual(entry);
    await bob.client.room(room).react(id, "👍");
    await settle(bob, again);
    expect(apart(again)).toEqual([]);
    const [changed] = await again.client.room(room).timeline();
    expect(changed).toMatchObject({ id, status: "sent", at: seen?.at, reactions: [{ user: user("bob") }] });
    await again.client.room(room).edit(id, { text: "a lake" });
    await settle(bob, again);
    expect(await words(bob, room)).toEqual(["a lake"]);
  });
});
