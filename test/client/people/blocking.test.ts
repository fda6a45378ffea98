/**
 * Whom a user has blocked: nothing of it is shown, counted or rung, on any device and in any room, from the call on and without a connection.
 */

import { describe, expect, it } from "vitest";
import type { EphemeralEvent } from "../../../src/client/ephemeral/ephemerals.ts";
import { delivery, person, plain, reborn, settle, user, words, type Person } from "../world.ts";
import { time } from "./time.ts";
import { between, first as phoneOf, second, service } from "./world.ts";

/** Alice, Bob and Carol in one room. */
async function trio(): Promise<{ alice: Person; bob: Person; carol: Person; room: string }> {
  const there = delivery();
  const [alice, bob, carol] = [await person(there, "alice"), await person(there, "bob"), await person(there, "carol")];
  await settle(alice, bob, carol);
  const { id } = await alice.client.createRoom({ participants: [user("bob"), user("carol")] });
  await settle(alice, bob, carol);
  return { alice, bob, carol, room: id };
}

describe("a user who is blocked", () => {
  it("is not heard in a room with others, and what was said meanwhile does not come back", async () => {
    const { alice, bob, carol, room } = await trio();
    await bob.client.room(room).send(plain("before"));
    await settle(alice, bob, carol);
    await alice.client.block(user("bob"));
    expect(alice.client.blocked).toEqual([user("bob")]);
    await bob.client.room(room).send(plain("blocked"));
    const { id: first } = (await bob.client.room(room).entry(1n))!;
    await bob.client.room(room).react(first, "👍");
    await bob.client.room(room).edit(first, { text: "otherwise" });
    await carol.client.room(room).send(plain("from Carol"));
    await settle(alice, bob, carol);
    expect(await words(alice, room)).toEqual(["before", "from Carol"]);
    expect(await words(carol, room)).toEqual(["otherwise", "blocked", "from Carol"]);
    expect(alice.client.unread.messages).toBe(2);
    expect((await alice.client.room(room).entry(1n))?.reactions).toEqual([]);
    await alice.client.block(user("bob"), false);
    await bob.client.room(room).send(plain("after"));
    await settle(alice, bob, carol);
    expect(await words(alice, room)).toEqual(["before", "from Carol", "after"]);
    expect(alice.client.blocked).toEqual([]);
  });

  it("does not ring, and is not seen typing", async () => {
    const { alice, bob, carol, room } = await trio();
    const heard: EphemeralEvent[] = [];
    alice.client.onEphemeral((event) => heard.push(event));
    await alice.client.block(user("bob"));
    await bob.client.room(room).typing();
    await carol.client.room(room).typing();
    await bob.client.room(room).startCall();
    await settle(alice, bob, carol);
    expect(heard.map(({ user: by }) => by)).toEqual([user("carol")]);
    expect(alice.events.filter(({ kind }) => kind === "call")).toEqual([]);
    expect(carol.events.filter(({ kind }) => kind === "call")).toHaveLength(1);
  });

  it("gets no receipt", async () => {
    const { clock, pass } = time();
    const hub = service({ clock });
    const [alice, bob] = [await phoneOf(hub, "alice", { clock }), await phoneOf(hub, "bob", { clock })];
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await bob.client.room(id).send(plain("seen"));
    for (let i = 0; i < 3; i++) await pass(10_000, alice, bob);
    expect((await bob.client.room(id).entry(1n))?.receipts).toHaveLength(1);
    await alice.client.block(user("bob"));
    await bob.client.room(id).send(plain("not seen"));
    for (let i = 0; i < 3; i++) await pass(10_000, alice, bob);
    expect((await bob.client.room(id).entry(2n))?.receipts).toEqual([]);
  });

  it("is noted without a connection and over a restart, and kept away by the service as soon as it knows", async () => {
    const there = delivery();
    const [alice, bob] = [await person(there, "alice"), await person(there, "bob")];
    await settle(alice, bob);
    const offline = await reborn(alice, false);
    await offline.client.block(user("bob"));
    const again = await reborn(offline, false);
    expect(again.client.blocked).toEqual([user("bob")]);
    await bob.client.createRoom({ participants: [user("alice")] });
    await settle(bob);
    again.client.connect();
    await settle(again, bob);
    expect(again.client.blocked).toEqual([user("bob")]);
    const { length } = again.client.rooms;
    await bob.client.createRoom({ participants: [user("alice")] });
    await settle(again, bob);
    expect(again.client.rooms).toHaveLength(length);
  });

  it("is blocked and let go on all devices of the user", async () => {
    const { clock, pass } = time();
    const hub = service({ clock });
    const [phone, bob] = [await phoneOf(hub, "alice", { clock }), await phoneOf(hub, "bob", { clock })];
    await settle(phone, bob);
    const laptop = await second(phone, hub, "laptop", { clock });
    for (let i = 0; i < 3; i++) await pass(60_000, phone, laptop, bob);
    const { id } = await bob.client.createRoom({ participants: [user("alice")] });
    await settle(bob, phone, laptop);
    await phone.client.block(user("bob"));
    for (let i = 0; i < 2; i++) await pass(31_000, phone, laptop);
    expect(laptop.client.blocked).toEqual([user("bob")]);
    await bob.client.room(id).send(plain("blocked"));
    await settle(bob, phone, laptop);
    expect([await words(phone, id), await words(laptop, id)]).toEqual([[], []]);
    await laptop.client.block(user("bob"), false);
    for (let i = 0; i < 2; i++) await pass(31_000, phone, laptop);
    expect(phone.client.blocked).toEqual([]);
    await bob.client.room(id).send(plain("heard"));
    await settle(bob, phone, laptop);
    expect([await words(phone, id), await words(laptop, id)]).toEqual([["heard"], ["heard"]]);
  });

  it("waits for no answer any more, and is not heard knocking or writing to the device", async () => {
    const hub = delivery();
    const lax = between(hub, () => ({ block: () => Promise.resolve() })); // a service that lets everybody through
    const [alice, bob] = [await person(hub, "alice", "phone", { delivery: lax }), await person(hub, "bob")];
    await settle(alice, bob);
    const rooms = [
      await alice.client.createRoom({ participants: [] }),
      await alice.client.createRoom({ participants: [] }),
    ];
    const [first, second] = rooms.map(({ id }) => id) as [string, string];
    await alice.client.requestConsent(user("bob"), { room: first });
    await settle(alice, bob);
    await bob.client.grantConsent(user("alice"), { room: first });
    await bob.client.requestConsent(user("alice"), { room: first });
    await bob.client.requestConsent(user("alice"));
    await bob.client.knock(first, { at: user("alice"), words: "before" });
    await settle(alice, bob);
    expect(await alice.client.room(first).knocks()).toHaveLength(1);
    expect((await alice.client.consents()).map(({ wants }) => wants)).toEqual([true, true]);
    await alice.client.block(user("bob"));
    await settle(alice, bob);
    expect(await alice.client.room(first).knocks()).toEqual([]);
    const left = (await alice.client.consents()).map(({ room, asked, wants }) => ({ room, asked, wants }));
    expect(left).toEqual([{ room: first, asked: "granted", wants: false }]);
    const { length } = alice.events;
    await bob.client.knock(second, { at: user("alice"), words: "after" });
    await settle(alice, bob);
    expect(await alice.client.room(second).knocks()).toEqual([]);
    expect(alice.events).toHaveLength(length);
  });

  it("waits for no answer where it is blocked while the application is asked about it", async () => {
    const hub = delivery();
    let asked = (): Promise<void> => Promise.resolve();
    const consent = { areContacts: () => asked().then(() => true) };
    const [alice, bob] = [await person(hub, "alice", "phone", { consent }), await person(hub, "bob")];
    await settle(alice, bob);
    asked = () => alice.client.block(user("bob"));
    const { length } = alice.events;
    await bob.client.requestConsent(user("alice"));
    await settle(alice, bob);
    expect(alice.client.blocked).toEqual([user("bob")]);
    expect((await alice.client.consents()).filter(({ wants }) => wants)).toEqual([]);
    expect(alice.events).toHaveLength(length);
  });

  it("is another user", async () => {
    const alice = await person(delivery(), "alice");
    for (const wrong of [user("alice"), "bob", 7 as never]) {
      await expect(alice.client.block(wrong)).rejects.toThrow(TypeError);
    }
    await expect(alice.client.block(user("bob"), "yes" as never)).rejects.toThrow(TypeError);
    expect(alice.client.blocked).toEqual([]);
  });
});
