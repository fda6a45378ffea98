import { describe, expect, it } from "vitest";
import { hex } from "../../../src/bytes/text.ts";
import type { Client } from "../../../src/client/client.ts";
import { decodeContent } from "../../../src/content/decode.ts";
import { writeMessage } from "../../../src/content/messages/write.ts";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import { delivery, person, reborn, settle, sneak, user, type Person } from "../world.ts";

async function pair(): Promise<[Person, Person, string]> {
  const service = delivery();
  const alice = await person(service, "alice");
  const bob = await person(service, "bob");
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  return [alice, bob, id];
}

async function said({ client }: { client: Client }, room: string): Promise<(string | undefined)[]> {
  const entries = await client.room(room).timeline();
  return entries.map(({ said: it }) => (it?.kind === "text" ? it.text : it?.kind)).reverse();
}

describe("sending", () => {
  it("takes words, messages, content and bytes", async () => {
    const [alice, bob, room] = await pair();
    const { client } = alice;
    const address = { senderUri: client.user, roomUri: room };
    await client.room(room).send({ text: "words" });
    await client.room(room).send({ kind: "poll", question: "Where?", options: ["Hills", "Lakes"] });
    const text = { kind: "text", format: "plain" } as const;
    await client.room(room).send(writeMessage({ ...text, text: "content" }, address).content);
    const { bytes, id } = writeMessage({ ...text, text: "bytes" }, address);
    expect((await client.room(room).send(bytes)).id).toEqual(id);
    await settle(alice, bob);
    for (const each of [alice, bob]) expect(await said(each, room)).toEqual(["words", "poll", "content", "bytes"]);
    const [last] = await bob.client.room(room).timeline();
    expect(last && hex(last.content)).toBe(hex(bytes));
  });

  it("takes nothing else", async () => {
    const [alice, , room] = await pair();
    const send = (what: unknown): Promise<unknown> => alice.client.room(room).send(what as { text: string });
    for (const nothing of ["words", undefined, {}, { text: 1 }, { kind: "joke" }, { nestedPart: 1 }]) {
      await expect(send(nothing)).rejects.toThrow(TypeError);
    }
    await expect(send(new Uint8Array(40))).rejects.toMatchObject({ name: "ContentError" });
    const foreign = { senderUri: user("bob"), roomUri: room };
    const { bytes } = writeMessage({ kind: "text", text: "I am Bob", format: "plain" }, foreign);
    await expect(send(bytes)).rejects.toMatchObject({ code: "content-sender" });
    expect(await alice.client.room(room).timeline()).toEqual([]);
  });

  it("edits, reacts and takes back", async () => {
    const [alice, bob, room] = await pair();
    const { id, entry } = await alice.client.room(room).send({ text: "Helo" });
    await settle(alice, bob);
    const { id: liked } = await bob.client.room(room).react(id, "👍", "🎉");
    await alice.client.room(room).edit(id, { text: "Hello" });
    await settle(alice, bob);
    for (const each of [alice, bob]) {
      expect(await said(each, room)).toEqual(["Hello"]);
      expect((await each.client.room(room).entry(entry))?.reactions).toMatchObject([{ user: user("bob") }]);
    }
    await bob.client.room(room).unsend(liked);
    await settle(alice, bob);
    expect((await alice.client.room(room).entry(entry))?.reactions).toEqual([]);
    await alice.client.room(room).unsend(id);
    await settle(alice, bob);
    for (const each of [alice, bob]) expect(await said(each, room)).toEqual([undefined]);
    await expect(alice.client.room(room).edit(id, { text: "?" })).rejects.toMatchObject({ code: "message-unknown" });
    const nobodys = Uint8Array.of(1, ...new Uint8Array(31));
    await expect(bob.client.room(room).react(nobodys, "👍")).rejects.toMatchObject({ code: "message-unknown" });
  });

  it("gives a message the room's timer, and leaves one that says how long it stays as it is", async () => {
    const [alice, bob, room] = await pair();
    await alice.client.room(room).setTimer(60);
    await settle(alice, bob);
    await bob.client.room(room).send({ text: "one" });
    await bob.client.room(room).send({ text: "two", expires: { relative: true, time: 600 } });
    await settle(alice, bob);
    const times = (await alice.client.room(room).timeline()).map(({ message }) => message?.expires);
    expect(times).toEqual([
      { relative: true, time: 600 },
      { relative: true, time: 60 },
    ]);
  });
});

describe("an edit", () => {
  it("changes nothing of a message but what it says: its timer and whom it answers stay", async () => {
    const [alice, bob, room] = await pair();
    const { id: first } = await alice.client.room(room).send({ text: "question" });
    await settle(alice, bob);
    const { id, entry } = await alice.client.room(room).send({
      text: "answer",
      inReplyTo: first,
      expires: { relative: true, time: 60 },
    });
    await settle(alice, bob);
    const [before] = await bob.client.room(room).timeline();
    await alice.client.room(room).edit(id, { text: "the answer" });
    await settle(alice, bob);
    for (const each of [alice, bob]) {
      const after = await each.client.room(room).entry(entry);
      expect(after?.said).toMatchObject({ kind: "text", text: "the answer", inReplyTo: first });
      expect(after?.message?.expires).toEqual({ relative: true, time: 60 });
      expect(after?.message?.salt).toEqual(before?.message?.salt);
    }
  });

  it("leaves a message where it is, found by the id of each of its versions", async () => {
    const [alice, bob, room] = await pair();
    const { id } = await alice.client.room(room).send({ text: "Helo" });
    const { id: edited } = await alice.client.room(room).edit(id, { text: "Hello" });
    await settle(alice, bob);
    for (const each of [alice, bob]) {
      const [entry] = await each.client.room(room).timeline();
      for (const known of [id, edited]) expect(await each.client.room(room).placeOf(known)).toBe(entry?.place);
      expect(await each.client.room(room).placeOf(new Uint8Array(32))).toBeUndefined();
      await expect(each.client.room(room).placeOf("1" as unknown as Uint8Array)).rejects.toThrow(TypeError);
    }
  });

  it("makes no poll of a text, whoever sends it", async () => {
    const [alice, bob, room] = await pair();
    const { id } = await alice.client.room(room).send({ text: "yes or no?" });
    await settle(alice, bob);
    const poll = { kind: "poll", question: "?", options: ["yes", "no"] } as const;
    await expect(alice.client.room(room).edit(id, poll)).rejects.toMatchObject({ code: "impossible" });
    await sneak(alice, room, { kind: "edit", replaces: id, becomes: poll });
    await settle(alice, bob);
    expect(await said(bob, room)).toEqual(["yes or no?"]);
    expect(bob.events).toContainEqual(expect.objectContaining({ kind: "refused", reason: "other-kind" }));
  });

  it("of two devices of one user is the one that the log has last, at all devices alike", async () => {
    const service = delivery();
    const phone = await person(service, "alice");
    const tablet = await person(service, "alice", "tablet");
    const bob = await person(service, "bob");
    await settle(phone, tablet, bob);
    const { id: room } = await phone.client.createRoom({ participants: [user("alice"), user("bob")] });
    await settle(phone, tablet, bob);
    await phone.client.room(room).addDevice(tablet.client.device);
    await settle(phone, tablet, bob);
    const { id } = await phone.client.room(room).send({ text: "first" });
    await settle(phone, tablet, bob);
    const offline = await reborn(tablet, false);
    await offline.client.room(room).edit(id, { text: "the tablet's" });
    await phone.client.room(room).edit(id, { text: "the phone's" });
    await settle(phone, bob);
    offline.client.connect();
    await settle(phone, offline, bob);
    for (const each of [phone, offline, bob]) expect(await said(each, room)).toEqual(["the tablet's"]);
    await phone.client.room(room).edit(id, { text: "the last" });
    await settle(phone, offline, bob);
    for (const each of [phone, offline, bob]) expect(await said(each, room)).toEqual(["the last"]);
  });
});

describe("a moderator", () => {
  it("takes back a message of another, where the room's roles say so", async () => {
    const [alice, bob, room] = await pair(); // Alice is an administrator
    const { id, entry } = await bob.client.room(room).send({ text: "rude" });
    await settle(alice, bob);
    await alice.client.room(room).unsend(id);
    await settle(alice, bob);
    for (const each of [alice, bob]) expect((await each.client.room(room).entry(entry))?.said).toBe(undefined);
    const { id: hers } = await alice.client.room(room).send({ text: "stay polite" });
    await settle(alice, bob);
    await expect(bob.client.room(room).unsend(hers)).rejects.toMatchObject({ code: "message-foreign" });
  });
});

describe("a poll", () => {
  it("takes no vote when its author has ended it, nor for what there is not to choose", async () => {
    const [alice, bob, room] = await pair();
    const { id } = await alice.client.room(room).send({ kind: "poll", question: "?", options: ["a", "b"] });
    await settle(alice, bob);
    const bobs = bob.client.room(room);
    await bobs.send({ kind: "vote", inReplyTo: id, options: [1] });
    await expect(bobs.send({ kind: "vote", inReplyTo: id, options: [2] })).rejects.toMatchObject({
      code: "impossible",
    });
    await expect(bobs.send({ kind: "poll-end", inReplyTo: id })).rejects.toMatchObject({ code: "message-foreign" });
    await alice.client.room(room).send({ kind: "poll-end", inReplyTo: id });
    await settle(alice, bob);
    await sneak(bob, room, { kind: "vote", inReplyTo: id, options: [0] });
    await settle(alice, bob);
    expect(await said(alice, room)).toEqual(["poll", "vote", "poll-end"]);
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "refused", reason: "invalid-vote" }));
  });
});

describe("a message of a kind that a client does not know", () => {
  it("is kept as it came, and shown as unknown", async () => {
    const [alice, bob, room] = await pair();
    const part = {
      disposition: "render",
      cardinality: "single",
      contentType: "application/x-hologram",
      content: Uint8Array.of(1, 2, 3),
    } as const;
    const { entry } = await alice.client.room(room).send({ nestedPart: part });
    await settle(alice, bob);
    const got = await bob.client.room(room).entry(entry);
    expect(got?.said).toMatchObject({ kind: "unknown", contentTypes: ["application/x-hologram"] });
    expect(got && decodeContent(got.content).nestedPart).toMatchObject(part);
  });
});

describe("padding", () => {
  it("gives short messages of a client one length", async () => {
    const service = delivery();
    const lengths: number[] = [];
    const connect: Delivery["connect"] = async (login) => {
      const connection = await service.connect(login);
      const publish: typeof connection.publish = (publication) => {
        if (publication.commit === undefined) lengths.push(publication.message.length);
        return connection.publish(publication);
      };
      return new Proxy(connection, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (name === "publish") return publish;
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    };
    const alice = await person({ ...service, connect }, "alice");
    const room = await alice.client.createRoom({ participants: [] });
    await room.send({ text: "a" });
    await room.send({ text: "a message of some words, as people write them to each other" });
    await settle(alice);
    expect(lengths).toHaveLength(2);
    expect(new Set(lengths).size).toBe(1);
  });
});
