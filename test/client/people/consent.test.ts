/**
 * Consent: asked for, given and taken back without a connection, over restarts and on all devices; and invitations of those who were not let.
 */

import { describe, expect, it } from "vitest";
import type { ClientOptions } from "../../../src/client/options.ts";
import type { Consent } from "../../../src/client/people/consent-entries.ts";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { roomUri } from "../../../src/rooms/uri.ts";
import { delivery, person, plain, reborn, settle, user, words, type Person } from "../world.ts";
import { time } from "./time.ts";
import { between, first as phoneOf, second, service } from "./world.ts";

const room = roomUri("example.org", "hiking");

async function two(
  there: ReturnType<typeof delivery>,
  more: Partial<ClientOptions> = {},
): Promise<[alice: Person, bob: Person]> {
  const people: [Person, Person] = [
    await person(there, "alice", "phone", more),
    await person(there, "bob", "phone", more),
  ];
  await settle(...people);
  return people;
}

/** What was told of consents. */
function told({ events }: Person): unknown[] {
  return events
    .filter(({ kind }) => kind === "consent" || kind === "consent-failed" || kind === "invitation-refused")
    .map((event) => Object.fromEntries(Object.entries(event).filter(([name]) => name !== "number")));
}

async function about({ client }: Person, other: string, of?: string): Promise<Consent | undefined> {
  return (await client.consents()).find((each) => each.user === user(other) && each.room === of);
}

/** Whether one is in a room that another makes with it. */
async function invited(by: Person, whom: Person, ...others: Person[]): Promise<boolean> {
  const { id } = await by.client.createRoom({ participants: [whom.client.user] });
  await settle(by, whom, ...others);
  return whom.client.rooms.some((each) => each.id === id && each.status === "member");
}

describe("a consent", () => {
  it("is asked for, heard, given, and taken back without a word", async () => {
    const [alice, bob] = await two(delivery({ consent: "opt-in" }));
    expect(await invited(alice, bob)).toBe(false);
    await alice.client.requestConsent(user("bob"));
    await settle(alice, bob);
    expect(told(bob)).toEqual([{ kind: "consent", from: user("alice"), operation: "request" }]);
    expect(await about(bob, "alice")).toMatchObject({ wants: true, given: "no", asked: "no", isTold: true });
    expect(await about(alice, "bob")).toMatchObject({ wants: false, given: "no", asked: "asked", isTold: true });
    await bob.client.grantConsent(user("alice"));
    await settle(bob, alice);
    expect(told(alice)).toEqual([{ kind: "consent", from: user("bob"), operation: "grant" }]);
    expect(await about(alice, "bob")).toMatchObject({ asked: "granted" });
    expect(await about(bob, "alice")).toMatchObject({ wants: false, given: "grant" });
    expect(await invited(alice, bob)).toBe(true);
    await bob.client.revokeConsent(user("alice"));
    await settle(bob, alice);
    expect(told(alice)).toHaveLength(1);
    expect(await invited(alice, bob)).toBe(false);
  });

  it("of one room is of that room alone", async () => {
    const [alice, bob] = await two(delivery({ consent: "opt-in" }));
    await alice.client.requestConsent(user("bob"), { room });
    await settle(alice, bob);
    expect(told(bob)).toEqual([{ kind: "consent", from: user("alice"), operation: "request", room }]);
    await bob.client.grantConsent(user("alice"), { room });
    await settle(bob, alice);
    expect(await about(bob, "alice", room)).toMatchObject({ given: "grant" });
    expect(await about(bob, "alice")).toBe(undefined);
    expect(await invited(alice, bob)).toBe(false);
    await alice.client.createRoom({ participants: [user("bob")], room });
    await settle(alice, bob);
    expect(bob.client.room(room).status).toBe("member");
  });

  it("survives the process and a time without a connection, and is told once", async () => {
    const hub = delivery({ consent: "opt-in" });
    let [alice, bob] = await two(hub);
    let calls = 0;
    const counted = between(hub, (connection) => ({
      consent: async (entry) => {
        calls++;
        await connection.consent(entry);
        if (calls === 1) throw new DeliveryError("unreachable"); // its answer is lost
      },
    }));
    alice = await reborn({ ...alice, options: { ...alice.options, delivery: counted } }, false);
    await alice.client.requestConsent(user("bob"));
    expect(await about(alice, "bob")).toMatchObject({ asked: "asked", isTold: false });
    alice = await reborn(alice, false);
    expect(await about(alice, "bob")).toMatchObject({ asked: "asked", isTold: false });
    alice.client.connect();
    await settle(alice, bob);
    alice = await reborn(alice); // a new process says it again, under the same id
    await settle(alice, bob);
    expect(calls).toBe(2);
    expect(await about(alice, "bob")).toMatchObject({ asked: "asked", isTold: true });
    expect(told(bob)).toHaveLength(1);
    bob = await reborn(bob, false);
    await bob.client.grantConsent(user("alice"));
    bob = await reborn(bob);
    await settle(bob, alice);
    expect(told(alice)).toEqual([{ kind: "consent", from: user("bob"), operation: "grant" }]);
    await alice.client.cancelConsent(user("bob"));
    await settle(alice, bob);
    expect(await about(alice, "bob")).toMatchObject({ isTold: true });
  });

  it("that was asked for and is not any more is told to nobody who has not heard of it", async () => {
    const [alice, bob] = await two(delivery({ consent: "opt-in" }));
    const away = await reborn(alice, false);
    await away.client.requestConsent(user("bob"));
    await away.client.cancelConsent(user("bob"));
    away.client.connect();
    await settle(away, bob);
    expect(told(bob)).toEqual([]);
    await away.client.requestConsent(user("bob"));
    await settle(away, bob);
    await away.client.cancelConsent(user("bob"));
    await settle(away, bob);
    expect(told(bob).map((event) => (event as { operation: string }).operation)).toEqual(["request", "cancel"]);
    expect((await about(bob, "alice"))?.wants ?? false).toBe(false);
  });

  it("that only contacts may ask for is an event, and nobody is asked", async () => {
    const contacts = new Set<string>();
    const hub = delivery({ consent: { areContacts: (from) => contacts.has(from) } });
    const [alice, bob] = await two(hub);
    await alice.client.requestConsent(user("bob"));
    await settle(alice, bob);
    expect(told(alice)).toEqual([
      { kind: "consent-failed", user: user("bob"), operation: "request", code: "no-contact" },
    ]);
    expect(await about(alice, "bob")).toMatchObject({ asked: "no", isTold: true });
    expect(alice.client.isOnline).toBe(true);
    contacts.add(user("alice"));
    await alice.client.requestConsent(user("bob"));
    await settle(alice, bob);
    expect(told(bob)).toHaveLength(1);
  });

  it("that the service has no room for waits, and nothing else does", async () => {
    const hub = delivery();
    let isFull = true;
    const full = between(hub, (connection) => ({
      consent: (entry) => (isFull ? Promise.reject(new DeliveryError("rate")) : connection.consent(entry)),
      block: (entry) => (isFull ? Promise.reject(new DeliveryError("rate")) : connection.block(entry)),
    }));
    const alice = await person(hub, "alice", "phone", { delivery: full });
    const bob = await person(hub, "bob");
    await settle(alice, bob);
    await alice.client.requestConsent(user("bob"));
    await alice.client.block(user("carol"));
    await settle(alice, bob);
    expect(await about(alice, "bob")).toMatchObject({ asked: "asked", isTold: false });
    expect(alice.client.isOnline).toBe(true);
    expect(await invited(bob, alice)).toBe(true); // what waits behind it in the queue is taken in
    isFull = false;
    alice.client.refresh();
    await settle(alice, bob);
    expect(told(bob)).toHaveLength(1);
    expect(await about(alice, "bob")).toMatchObject({ isTold: true });
  });

  it("is decided on one device and so on all, whoever was away", async () => {
    const { clock, pass } = time();
    const hub = service({ clock, consent: "opt-in" });
    const [phone, bob] = [await phoneOf(hub, "alice", { clock }), await phoneOf(hub, "bob", { clock })];
    await settle(phone, bob);
    const laptop = await second(phone, hub, "laptop", { clock });
    for (let i = 0; i < 3; i++) await pass(60_000, phone, laptop, bob);
    await bob.client.requestConsent(user("alice"));
    await settle(bob, phone, laptop);
    expect([told(phone), told(laptop)].map(({ length }) => length)).toEqual([1, 1]);
    await phone.client.grantConsent(user("bob"));
    for (let i = 0; i < 2; i++) await pass(31_000, phone, laptop, bob);
    expect(await about(laptop, "bob")).toMatchObject({ given: "grant", wants: false });
    await laptop.client.revokeConsent(user("bob"));
    for (let i = 0; i < 2; i++) await pass(31_000, phone, laptop, bob);
    expect(await about(phone, "bob")).toMatchObject({ given: "revoke", isTold: true });
    expect(await invited(bob, phone, laptop)).toBe(false);
  });

  it("is about another user, and a room", async () => {
    const [alice] = await two(delivery());
    for (const wrong of [user("alice"), "bob", 7 as never]) {
      await expect(alice.client.requestConsent(wrong)).rejects.toThrow(TypeError);
      await expect(alice.client.grantConsent(wrong)).rejects.toThrow(TypeError);
    }
    await expect(alice.client.revokeConsent(user("bob"), { room: "hiking" })).rejects.toThrow(TypeError);
    await expect(alice.client.cancelConsent(user("bob"), { rom: room } as never)).rejects.toThrow(TypeError);
    expect(await alice.client.consents()).toEqual([]);
  });
});

/** A service that lets everybody through, whatever its users have said. */
function lax(hub: Delivery): Delivery {
  return between(hub, () => ({ block: () => Promise.resolve(), consent: () => Promise.resolve() }));
}

/** How many key packages a device holds the private keys of. */
async function packages({ options }: Person): Promise<number> {
  let count = 0;
  for await (const { key } of options.store.range({ prefix: ["key-package"] })) count += key.length > 0 ? 1 : 0;
  return count;
}

describe("an invitation by somebody who may not", () => {
  it("by who is blocked leads nowhere, tells nobody, and costs the key package", async () => {
    const hub = delivery();
    const alice = await person(hub, "alice");
    const bob = await person(hub, "bob", "phone", { delivery: lax(hub) });
    await settle(alice, bob);
    await bob.client.block(user("alice"));
    await settle(bob);
    const before = await packages(bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    expect(told(bob)).toEqual([{ kind: "invitation-refused", room: id, by: user("alice"), code: "blocked" }]);
    expect(bob.client.rooms).toEqual([]);
    expect(await packages(bob)).toBe(before - 1);
    const stored: string[] = [];
    for await (const { key } of bob.options.store.range({ prefix: [] })) stored.push(key[0]);
    expect(stored.filter((kind) => ["room", "record", "timeline"].includes(kind))).toEqual([]);
    await alice.client.room(id).send(plain("are you there?"));
    const heard = alice.events.length;
    const again = await reborn(bob);
    await settle(alice, again);
    expect(again.client.rooms).toEqual([]);
    expect(alice.events.slice(heard).map(({ kind }) => kind)).not.toContain("room-changed");
    // Once of each room, and nothing comes of it when the block is taken back.
    await again.client.block(user("alice"), false);
    await settle(alice, again);
    expect(told(again)).toEqual([]);
    expect(again.client.rooms).toEqual([]);
    expect(await invited(alice, again)).toBe(true);
  });

  it("is told once of each room, however often it is made", async () => {
    const hub = delivery();
    const alice = await person(hub, "alice");
    const bob = await person(hub, "bob", "phone", { delivery: lax(hub) });
    await settle(alice, bob);
    await bob.client.block(user("alice"));
    await settle(bob);
    const before = await packages(bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await alice.client.room(id).remove(user("bob"));
    await settle(alice, bob);
    await alice.client.room(id).add(user("bob"));
    await settle(alice, bob);
    expect(await packages(bob)).toBe(before - 2);
    expect(told(bob)).toEqual([{ kind: "invitation-refused", room: id, by: user("alice"), code: "blocked" }]);
  });

  it("by who was not let waits until it is, and is followed then", async () => {
    const hub = delivery();
    const [alice, bob] = await two(hub, { consent: "opt-in" });
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    expect(told(bob)).toEqual([{ kind: "invitation-refused", room: id, by: user("alice"), code: "no-consent" }]);
    expect(bob.client.rooms).toEqual([]);
    const again = await reborn(bob);
    await settle(again, alice);
    expect(again.client.rooms).toEqual([]);
    await again.client.grantConsent(user("alice"));
    await settle(again, alice);
    expect(again.client.rooms.map((each) => each.id)).toEqual([id]);
    await alice.client.room(id).send(plain("welcome"));
    await settle(again, alice);
    expect(await words(again, id)).toEqual(["welcome"]);
  });

  it("is gone to by whoever wants to all the same", async () => {
    const hub = delivery();
    const [alice, bob] = await two(hub, { consent: "opt-in" });
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await bob.client.joinByLink(id);
    await settle(alice, bob);
    await alice.client.room(id).send(plain("welcome"));
    await settle(alice, bob);
    expect(await words(bob, id)).toEqual(["welcome"]);
  });

  it("by who was let once and is not any more, through a service that does not care", async () => {
    const hub = delivery();
    const alice = await person(hub, "alice");
    const bob = await person(hub, "bob", "phone", { delivery: lax(hub) });
    await settle(alice, bob);
    expect(await invited(alice, bob)).toBe(true);
    await bob.client.revokeConsent(user("alice"));
    expect(await invited(alice, bob)).toBe(false);
    expect(told(bob)).toEqual([expect.objectContaining({ code: "no-consent" })]);
  });

  it("by a contact is none, where the application says who is", async () => {
    const consent = { areContacts: (other: string) => other === user("alice") };
    const hub = delivery();
    const [alice, bob] = await two(hub, { consent });
    const carol = await person(hub, "carol");
    await settle(carol);
    expect(await invited(alice, bob)).toBe(true);
    expect(await invited(carol, bob)).toBe(false);
    // Who is none is not heard asking, whatever the service lets through.
    await carol.client.requestConsent(user("bob"));
    await alice.client.requestConsent(user("bob"));
    await settle(alice, bob, carol);
    expect(told(bob).slice(1)).toEqual([{ kind: "consent", from: user("alice"), operation: "request" }]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("the address book is gone");
      },
    ],
    ["rejects", () => Promise.reject(new Error("the address book is gone"))],
    ["says nothing", (() => undefined) as unknown as () => boolean],
  ] as const)(
    "is none where the hook that says who is a contact %s, which is told once, and all else goes on",
    async (_, fails) => {
      let areContacts: (user: string) => boolean | Promise<boolean> = fails;
      const hub = delivery();
      const [alice, bob] = await two(hub, { consent: { areContacts: (other) => areContacts(other) } });
      expect(await invited(alice, bob)).toBe(false);
      expect(await invited(alice, bob)).toBe(false);
      await alice.client.requestConsent(user("bob"));
      await settle(alice, bob);
      expect(told(bob).map((event) => (event as { kind: string }).kind)).toEqual([
        "invitation-refused",
        "invitation-refused",
      ]);
      expect(bob.events.filter(({ kind }) => kind === "hook-failed")).toEqual([
        expect.objectContaining({ hook: "areContacts", user: user("alice") }),
      ]);
      // The hook is well again: invitations are heard, and those that were refused are followed when the client is opened the next time.
      areContacts = () => true;
      expect(await invited(alice, bob)).toBe(true);
      const again = await reborn(bob);
      await settle(alice, again);
      expect(again.client.rooms).toHaveLength(3);
    },
  );

  it("by who is blocked is not heard asking, either", async () => {
    const hub = delivery({ consent: "opt-in" });
    const alice = await person(hub, "alice");
    const bob = await person(hub, "bob", "phone", { delivery: lax(hub) });
    await settle(alice, bob);
    await bob.client.block(user("alice"));
    await alice.client.requestConsent(user("bob"));
    await settle(alice, bob);
    expect(told(bob)).toEqual([]);
    expect(await bob.client.consents()).toEqual([]);
  });
});
