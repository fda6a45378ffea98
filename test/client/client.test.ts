import { describe, expect, it } from "vitest";
import { memoryStore } from "../../src/storage/memory.ts";
import { encodeContent } from "../../src/content/encode.ts";
import { delivery, opened, person, plain, settle, sneak, user, words, type Person } from "./world.ts";

/** The kinds of a person's events, and those of one kind. */
function kinds({ events }: Person): string[] {
  return events.map(({ kind }) => kind);
}

async function pair(policy: "cooperative" | "direct" = "cooperative"): Promise<[Person, Person, string]> {
  const service = delivery();
  const alice = await person(service, "alice");
  const bob = await person(service, "bob");
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")], name: "Hiking", policy });
  await settle(alice, bob);
  return [alice, bob, id];
}

/** The process dies, and the device is opened again from what is on its disk. */
async function reborn(dead: Person): Promise<Person> {
  dead.disk.kill();
  return opened({ ...dead.options, store: memoryStore({ disk: dead.disk }) }, dead.disk);
}

describe("a client", () => {
  it("makes a room, lets others in and talks to them", async () => {
    const service = delivery();
    const alice = await person(service, "alice");
    const bob = await person(service, "bob");
    await settle(alice, bob);
    const room = await alice.client.createRoom({ participants: [user("bob")], name: "Hiking" });
    await room.send(plain("Hello"));
    await settle(alice, bob);
    expect(kinds(alice)).toEqual(["joined", "done", "room-changed", "entry-changed", "done"]);
    expect(kinds(bob)).toEqual(["joined", "message"]);
    await bob.client.room(room.id).send(plain("Hi"));
    await settle(alice, bob);
    expect(await words(alice, room.id)).toEqual(["Hello", "Hi"]);
    expect(await words(bob, room.id)).toEqual(["Hello", "Hi"]);
    expect((await bob.client.room(room.id).data()).room_metadata.roomName).toBe("Hiking");
  });

  it("has a direct message with one other user", async () => {
    const [alice, bob, room] = await pair("direct");
    await bob.client.room(room).send(plain("only you"));
    await settle(alice, bob);
    expect(await words(alice, room)).toEqual(["only you"]);
    await alice.client.room(room).add(user("carol"));
    await settle(alice, bob);
    expect(alice.events.at(-1)).toMatchObject({ kind: "failed", code: "not-allowed" });
  });

  it("shows no message of whom the room's roles let send none, whatever the service lets through", async () => {
    const service = delivery(); // which knows nothing of rooms
    const alice = await person(service, "alice");
    const bob = await person(service, "bob");
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")], policy: "broadcast" });
    await alice.client.room(id).send(plain("news"));
    await settle(alice, bob);
    await expect(bob.client.room(id).send(plain("may I?"))).rejects.toMatchObject({ code: "not-allowed" });
    await sneak(bob, id, { kind: "text", text: "may I?", format: "plain" });
    await settle(alice, bob);
    expect(await words(alice, id)).toEqual(["news"]);
    expect(await words(bob, id)).toEqual(["news"]);
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "unreadable", code: "not-allowed" }));
  });

  it("keeps what was asked for while the service is away, and does it in its order", async () => {
    const service = delivery();
    const alice = await person(service, "alice", "phone", { online: false });
    const bob = await person(service, "bob");
    const room = await alice.client.createRoom({ participants: [user("bob")] });
    await room.send(plain("one"));
    await room.rename("Later");
    await room.send(plain("two"));
    await settle(alice, bob);
    expect(bob.client.rooms).toEqual([]);
    const again = await reborn({ ...alice, options: { ...alice.options, online: true } });
    await settle(again, bob);
    expect(await words(bob, room.id)).toEqual(["one", "two"]);
    expect((await bob.client.room(room.id).data()).room_metadata.roomName).toBe("Later");
    expect(await again.client.room(room.id).waiting()).toEqual([]);
  });

  it("goes on where it was when its process has died", async () => {
    const [alice, bob, room] = await pair();
    await alice.client.room(room).send(plain("one"));
    await settle(alice, bob);
    const [a, b] = [await reborn(alice), await reborn(bob)];
    await settle(a, b);
    await b.client.room(room).send(plain("two"));
    await a.client.room(room).send(plain("three"));
    await settle(a, b);
    expect((await words(a, room)).sort()).toEqual(["one", "three", "two"]);
    expect(await words(b, room)).toHaveLength(3);
  });

  it("makes again what has lost a race, and does what is done already once", async () => {
    const [alice, bob, room] = await pair();
    await Promise.all([
      alice.client.room(room).rename("A"),
      bob.client.room(room).rename("B"),
      alice.client.room(room).send(plain("from alice")),
      bob.client.room(room).send(plain("from bob")),
    ]);
    await settle(alice, bob);
    const names = await Promise.all(
      [alice, bob].map(async ({ client }) => (await client.room(room).data()).room_metadata.roomName),
    );
    expect(names[0]).toBe(names[1]);
    for (const each of [alice, bob]) {
      expect((await words(each, room)).sort()).toEqual(["from alice", "from bob"]);
      expect(await each.client.room(room).waiting()).toEqual([]);
      expect(each.events.filter(({ kind }) => kind === "failed")).toEqual([]);
    }
  });

  it("removes a user, who reads nothing after it", async () => {
    const [alice, bob, room] = await pair();
    await alice.client.room(room).remove(user("bob"));
    await alice.client.room(room).send(plain("without bob"));
    await settle(alice, bob);
    expect(bob.events.at(-1)).toMatchObject({ kind: "left", asked: false });
    expect(bob.client.room(room).status).toBe("left");
    expect(await words(bob, room)).toEqual([]);
    await expect(bob.client.room(room).send(plain("hello?"))).rejects.toMatchObject({ code: "room-left" });
    expect([...bob.disk.contents.keys()].filter((key) => key.startsWith("record/"))).toEqual([]);
  });

  it("leaves, and others commit it", async () => {
    const [alice, bob, room] = await pair();
    await bob.client.room(room).leave();
    await settle(alice, bob);
    expect(kinds(bob)).toContain("left");
    expect(bob.events.at(-1)).toMatchObject({ kind: "left", asked: true });
    expect((await alice.client.room(room).participants()).map(({ user }) => user)).toEqual([user("alice")]);
    await alice.client.room(room).send(plain("alone"));
    await settle(alice, bob);
    expect(await words(alice, room)).toEqual(["alone"]);
  });

  it("lets a user in again who was put out", async () => {
    const [alice, bob, room] = await pair();
    await alice.client.room(room).remove(user("bob"));
    await settle(alice, bob);
    await alice.client.room(room).add(user("bob"));
    await alice.client.room(room).send(plain("welcome back"));
    await settle(alice, bob);
    expect(bob.client.room(room).status).toBe("member");
    expect(await words(bob, room)).toEqual(["welcome back"]);
  });

  it("adds all devices of a user, and each reads and writes", async () => {
    const service = delivery();
    const alice = await person(service, "alice");
    const phone = await person(service, "bob", "phone");
    const laptop = await person(service, "bob", "laptop");
    await settle(alice, phone, laptop);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, phone, laptop);
    await laptop.client.room(id).send(plain("from the laptop"));
    await settle(alice, phone, laptop);
    for (const each of [alice, phone, laptop]) expect(await words(each, id)).toEqual(["from the laptop"]);
    const [entry] = await phone.client.room(id).timeline();
    expect(entry).toMatchObject({ user: user("bob"), device: "mimi://example.org/d/bob/laptop" });
  });

  it("tells each event again until it was taken", async () => {
    const [alice, bob, room] = await pair();
    bob.client.listen(undefined);
    await alice.client.room(room).send(plain("are you there?"));
    await settle(alice, bob);
    const told = kinds(bob);
    const again = await reborn(bob);
    await settle(again);
    expect(kinds(again)).toEqual(["message"]);
    expect(told).not.toContain("message");
    const third = await reborn(again);
    await settle(third);
    expect(kinds(third)).toEqual([]);
  });
});

describe("the timeline", () => {
  it("folds edits, reactions and what was taken back into the message that they are about", async () => {
    const [alice, bob, room] = await pair();
    const { id, entry } = await alice.client.room(room).send(plain("Helo"));
    await settle(alice, bob);
    const reaction = { ...plain("👍").nestedPart, disposition: "reaction" } as const;
    const { id: liked } = await bob.client.room(room).send({ inReplyTo: id, nestedPart: reaction });
    await alice.client.room(room).send({ ...plain("Hello"), replaces: id });
    await settle(alice, bob);
    for (const each of [alice, bob]) {
      expect(await words(each, room)).toEqual(["Hello"]);
      const [message] = await each.client.room(room).timeline();
      expect(message?.reactions).toMatchObject([{ user: user("bob") }]);
      expect(message?.editedAt).toBeDefined();
    }
    await bob.client.room(room).send({ replaces: liked, nestedPart: { disposition: "reaction", cardinality: "null" } });
    await settle(alice, bob);
    expect((await alice.client.room(room).entry(entry))?.reactions).toEqual([]);
    await alice.client.room(room).send({ replaces: id, nestedPart: { disposition: "render", cardinality: "null" } });
    await settle(alice, bob);
    for (const each of [alice, bob]) expect(await words(each, room)).toEqual([undefined]);
  });

  it("lets nobody change another's message", async () => {
    const [alice, bob, room] = await pair();
    const { id } = await alice.client.room(room).send(plain("mine"));
    await settle(alice, bob);
    const edit = { ...plain("no, mine"), replaces: id };
    await expect(bob.client.room(room).send(edit)).rejects.toMatchObject({ code: "message-foreign" });
    await sneak(bob, room, encodeContent({ ...edit, salt: new Uint8Array(16) }));
    await settle(alice, bob);
    expect(await words(alice, room)).toEqual(["mine"]);
    const { device } = bob.client;
    expect(alice.events).toContainEqual(
      expect.objectContaining({ kind: "refused", room, by: device, reason: "not-author" }),
    );
  });
});
