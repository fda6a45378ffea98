import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { readLink, writeLink } from "../../src/client/room/link.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { delivery, person, reborn, settle, user, words, type Person } from "./world.ts";

type Policy = "administered" | "cooperative" | "broadcast";

async function two(policy: Policy): Promise<[Person, Person, string]> {
  const service = delivery({ rooms: roomAppData() });
  const alice = await person(service, "alice");
  const bob = await person(service, "bob");
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [], policy });
  await settle(alice, bob);
  return [alice, bob, id];
}

async function users({ client }: Person, room: string): Promise<string[]> {
  return (await client.room(room).participants()).map((each) => each.user).sort();
}

describe("a link", () => {
  it("lets in who has it, once", async () => {
    const [alice, bob, room] = await two("administered");
    const { link, intent } = await alice.client.room(room).createLink();
    await settle(alice);
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "done", intent }));
    const bobs = await bob.client.joinByLink(link);
    await settle(alice, bob);
    await bobs.send({ text: "I am in" });
    await settle(alice, bob);
    expect(await words(alice, room)).toEqual(["I am in"]);
    expect(await users(alice, room)).toEqual([user("alice"), user("bob")]);
    expect((await alice.client.room(room).data()).join_links).toEqual([]);
    expect(bob.events).toContainEqual(expect.objectContaining({ kind: "joined", room }));
    await bob.client.joinByLink(link); // he is in
    const again = await reborn(bob);
    await settle(alice, again);
    await alice.client.room(room).send({ text: "welcome" });
    await settle(alice, again);
    expect(await words(again, room)).toEqual(["I am in", "welcome"]);
  });

  it("lets in nobody when it was taken back, nor who has another, nor who is banned", async () => {
    const [alice, bob, room] = await two("administered");
    const alices = alice.client.room(room);
    const { link } = await alices.createLink();
    await settle(alice);
    await expect(bob.client.joinByLink(room)).rejects.toMatchObject({ code: "not-allowed" });
    const forged = writeLink(room, utf8("a link that nobody has made"));
    await expect(bob.client.joinByLink(forged)).rejects.toMatchObject({ code: "not-allowed" });
    await alices.ban(user("bob"));
    await settle(alice);
    await expect(bob.client.joinByLink(link)).rejects.toMatchObject({ code: "room-unknown" });
    await alices.unban(user("bob"));
    await settle(alice);
    await alices.remove(user("bob"));
    await alices.revokeLink(link);
    await settle(alice);
    await expect(bob.client.joinByLink(link)).rejects.toMatchObject({ code: "room-unknown" });
    expect(await users(alice, room)).toEqual([user("alice")]);
    expect(bob.client.rooms).toEqual([]);
  });

  it("is made by whom the policy lets, and no other", async () => {
    const [alice, bob, room] = await two("administered");
    const { link } = await alice.client.room(room).createLink();
    await settle(alice);
    const bobs = await bob.client.joinByLink(link);
    await settle(alice, bob);
    const { intent } = await bobs.createLink();
    await settle(alice, bob);
    expect(bob.events).toContainEqual(expect.objectContaining({ kind: "failed", intent, code: "not-allowed" }));
    await expect(bobs.revokeLink("mimi://example.org/r/other#00")).rejects.toMatchObject({ code: "link-invalid" });
  });

  it("is read only where it is one", () => {
    const room = "mimi://example.org/r/hiking";
    expect(readLink(writeLink(room, Uint8Array.of(1, 255)))).toEqual({ room, link: Uint8Array.of(1, 255) });
    expect(readLink(room)).toEqual({ room, link: undefined });
    const long = `${room}#${"00".repeat(600)}`;
    for (const bad of ["", "x", `${room}#`, `${room}#0`, `${room}#00#00`, `${room}#zz`, user("bob"), long]) {
      expect(() => readLink(bad)).toThrow(expect.objectContaining({ code: "link-invalid" }) as Error);
    }
  });
});

describe("a room that lets everybody in", () => {
  it("is entered by its name", async () => {
    const [alice, bob, room] = await two("broadcast");
    await bob.client.joinByLink(room);
    await settle(alice, bob);
    await alice.client.room(room).send({ text: "news" });
    await settle(alice, bob);
    expect(await words(bob, room)).toEqual(["news"]);
    await expect(bob.client.joinByLink("mimi://example.org/r/none")).rejects.toMatchObject({ code: "room-unknown" });
  });
});

describe("a knock", () => {
  it("is heard once by who may let the user in, and let in or not", async () => {
    const [alice, bob, room] = await two("cooperative");
    await bob.client.knock(room, { at: user("alice"), words: "it is Bob" });
    await bob.client.knock(room, { at: user("alice") });
    await settle(alice, bob);
    const knocks = alice.events.filter(({ kind }) => kind === "knock" || kind === "parcel");
    expect(knocks).toMatchObject([{ kind: "knock", room, user: user("bob"), words: "it is Bob" }]);
    expect(await alice.client.room(room).knocks()).toEqual([{ user: user("bob"), words: "it is Bob" }]);
    await alice.client.room(room).refuse(user("bob"));
    expect(await alice.client.room(room).knocks()).toEqual([]);
    await bob.client.knock(room, { at: user("alice") });
    await settle(alice, bob);
    await alice.client.room(room).admit(user("bob"));
    await settle(alice, bob);
    expect(await users(bob, room)).toEqual([user("alice"), user("bob")]);
    expect(await alice.client.room(room).knocks()).toEqual([]);
    await bob.client.knock(room, { at: user("alice") }); // he is in
    await settle(alice, bob);
    expect(await alice.client.room(room).knocks()).toEqual([]);
  });

  it("is passed over where it is none, at no room of the user's, or by whom it may not let in", async () => {
    const [alice, bob, room] = await two("cooperative");
    await bob.client.knock("mimi://example.org/r/none", { at: user("alice") });
    await settle(alice, bob);
    expect(alice.events.some(({ kind }) => kind === "knock")).toBe(false);
    const { id } = await bob.client.createRoom({ participants: [user("alice")], policy: "administered" });
    await settle(alice, bob);
    await bob.client.room(id).ban(user("carol"));
    await settle(alice, bob);
    await bob.client.room(id).setTimer(60);
    const long = { at: user("alice"), words: "x".repeat(257) };
    await expect(bob.client.knock(room, long)).rejects.toMatchObject({ code: "link-invalid" });
    await expect(bob.client.knock("x", { at: user("alice") })).rejects.toMatchObject({ code: "link-invalid" });
    await expect(bob.client.knock(room, {} as { at: string })).rejects.toThrow(TypeError);
  });
});

describe("a ban", () => {
  it("puts a user out until it is lifted, and is for whom the policy lets", async () => {
    const [alice, bob, room] = await two("cooperative");
    await alice.client.room(room).add(user("bob"));
    await settle(alice, bob);
    await bob.client.room(room).ban(user("alice"));
    await settle(alice, bob);
    expect(bob.events.at(-1)).toMatchObject({ kind: "failed", code: "not-allowed" });
    await alice.client.room(room).ban(user("bob"));
    await settle(alice, bob);
    expect(bob.client.room(room).status).toBe("left");
    await alice.client.room(room).add(user("bob"));
    await settle(alice, bob);
    expect(bob.client.room(room).status).toBe("left");
    await alice.client.room(room).unban(user("bob"));
    await alice.client.room(room).add(user("bob"));
    await settle(alice, bob);
    expect(bob.client.room(room).status).toBe("member");
  });
});
