import { describe, expect, it } from "vitest";
import { mention } from "../../../src/content/messages/mentions.ts";
import { delivery, person, reborn, settle, user, type Person } from "../world.ts";

async function pair(clock = () => 0): Promise<[Person, Person, string]> {
  const service = delivery({ clock });
  const alice = await person(service, "alice", "phone", { clock });
  const bob = await person(service, "bob", "phone", { clock });
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  return [alice, bob, id];
}

function unread({ client }: Person, room: string): [number, number] {
  const { messages, mentions } = client.room(room).unread;
  return [messages, mentions];
}

describe("what is unread", () => {
  it("is counted, with what names this user, until it is read", async () => {
    const [alice, bob, room] = await pair();
    const alices = alice.client.room(room);
    const { entry } = await alices.send({ text: "one" });
    await alices.send({ text: `${mention(user("bob"), "Bob")}!`, format: "markdown" });
    await alices.send({ text: `not ${user("bob")}` });
    await settle(alice, bob);
    expect(unread(alice, room)).toEqual([0, 0]);
    expect(unread(bob, room)).toEqual([3, 1]);
    expect(bob.client.unread).toEqual({ messages: 3, mentions: 1 });
    await bob.client.room(room).markRead(entry);
    await bob.client.room(room).markRead(entry);
    expect(unread(bob, room)).toEqual([2, 1]);
    const again = await reborn(bob);
    expect(unread(again, room)).toEqual([2, 1]);
    await again.client.room(room).markAllRead();
    expect(unread(again, room)).toEqual([0, 0]);
    for (const { readAt } of await again.client.room(room).timeline()) expect(readAt).toBeDefined();
  });

  it("is read up to a place, and no further", async () => {
    const [alice, bob, room] = await pair();
    const sent = [];
    for (const text of ["one", "two", "three"]) sent.push(await alice.client.room(room).send({ text }));
    await settle(alice, bob);
    await bob.client.room(room).markAllRead(sent[1]?.entry);
    expect(unread(bob, room)).toEqual([1, 0]);
    await expect(bob.client.room(room).markAllRead(-1n)).rejects.toThrow(TypeError);
  });

  it("is neither reactions and votes nor what was taken back, and an edit may name somebody", async () => {
    const [alice, bob, room] = await pair();
    const alices = alice.client.room(room);
    const { id } = await alices.send({ text: "Bob" });
    await alices.react(id, "👍");
    const { id: poll } = await alices.send({ kind: "poll", question: "?", options: ["a", "b"] });
    await alices.send({ kind: "vote", inReplyTo: poll, options: [0] });
    await settle(alice, bob);
    expect(unread(bob, room)).toEqual([2, 0]);
    await alices.edit(id, { text: mention(user("bob"), "Bob"), format: "markdown" });
    await settle(alice, bob);
    expect(unread(bob, room)).toEqual([2, 1]);
    await alices.unsend(id);
    await alices.unsend(poll);
    await settle(alice, bob);
    expect(unread(bob, room)).toEqual([0, 0]);
  });

  it("is not what has gone by its timer", async () => {
    let now = 1_000_000;
    const [alice, bob, room] = await pair(() => now);
    await alice.client.room(room).send({ text: "soon gone", expires: { relative: false, time: 2_000 } });
    await settle(alice, bob);
    expect(unread(bob, room)).toEqual([1, 0]);
    now = 2_000_001;
    bob.client.tick();
    await settle(alice, bob);
    expect(unread(bob, room)).toEqual([0, 0]);
    expect(await bob.client.room(room).timeline()).toEqual([]);
  });

  it("is not what this user has said on another device", async () => {
    const service = delivery();
    const phone = await person(service, "alice");
    const tablet = await person(service, "alice", "tablet");
    await settle(phone, tablet);
    const { id } = await phone.client.createRoom({ participants: [] });
    await settle(phone);
    await phone.client.room(id).addDevice(tablet.client.device);
    await settle(phone, tablet);
    await phone.client.room(id).send({ text: "a note" });
    await settle(phone, tablet);
    expect(unread(tablet, id)).toEqual([0, 0]);
    expect(await tablet.client.room(id).timeline()).toHaveLength(1);
  });
});

describe("a muted room", () => {
  it("counts what names this user alone, until its time is over, and stays muted over a restart", async () => {
    let now = 1_000;
    const [alice, bob, room] = await pair(() => now);
    const bobs = bob.client.room(room);
    expect(bobs.isMuted).toBe(false);
    await bobs.mute(5_000);
    await bobs.mute(5_000);
    expect(bob.events.filter(({ kind }) => kind === "muted")).toMatchObject([{ room, until: 5_000 }]);
    await alice.client.room(room).send({ text: "hm" });
    await alice.client.room(room).send({ text: mention(user("bob"), "Bob"), format: "markdown" });
    await settle(alice, bob);
    expect(bob.client.unread).toEqual({ messages: 1, mentions: 1 });
    const again = await reborn(bob);
    expect(again.client.room(room).isMuted).toBe(true);
    now = 5_000;
    expect(again.client.room(room).isMuted).toBe(false);
    expect(again.client.unread).toEqual({ messages: 2, mentions: 1 });
    await again.client.room(room).mute(Infinity);
    now = 10 ** 15;
    expect(again.client.room(room).isMuted).toBe(true);
    await again.client.room(room).mute(undefined);
    expect(again.client.room(room).isMuted).toBe(false);
    await expect(again.client.room(room).mute(-1)).rejects.toThrow();
  });
});
