/**
 * A user who has lost all devices, and comes back by the recovery code.
 */

import { describe, expect, it } from "vitest";
import { Client } from "../../../src/client/client.ts";
import { recoverAccount } from "../../../src/client/recovering/recover-account.ts";
import type { Connection, Delivery } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { MemoryDisk, memoryStore } from "../../../src/storage/memory.ts";
import { accountComponent } from "../../../src/accounts/attestation.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { opened, plain, settle, user, words, type Person } from "../world.ts";
import { time, type Time } from "./time.ts";
import { between, first, second, service } from "./world.ts";

const day = 24 * 60 * 60 * 1000;

async function recovered(
  there: Delivery,
  code: string,
  { clock }: Pick<Time, "clock">,
  disk = new MemoryDisk(),
): Promise<Person> {
  const store = memoryStore({ disk });
  await recoverAccount({ user: user("alice"), device: "new", recoveryCode: code, store, delivery: there, clock });
  return opened({ store, delivery: there, timers: "none", clock }, disk);
}

/** Alice with two devices and Bob in a room; then Alice has none of them. */
async function lost(consent: "everybody" | "opt-in" = "everybody"): Promise<{
  readonly there: ReturnType<typeof service>;
  readonly at: Time;
  readonly bob: Person;
  readonly code: string;
  readonly room: string;
}> {
  const at = time();
  const { clock, pass } = at;
  const there = service({ clock, consent, rooms: roomAppData({ appData: { components: [accountComponent] } }) });
  const [phone, bob] = [await first(there, "alice", { clock }), await first(there, "bob", { clock })];
  await settle(phone, bob);
  await bob.client.grantConsent(user("alice"));
  await settle(bob);
  const laptop = await second(phone, there, "laptop", { clock });
  for (let i = 0; i < 3; i++) await pass(60_000, phone, laptop, bob);
  const { id } = await phone.client.createRoom({ participants: [user("bob")] });
  await settle(phone, laptop, bob);
  await phone.client.room(id).send(plain("before"));
  await settle(phone, laptop, bob);
  for (const { client } of [phone, laptop]) await client.close();
  return { there, at, bob, code: phone.recoveryCode, room: id };
}

async function devicesIn({ client }: Person, room: string, of: string): Promise<number | undefined> {
  return (await client.room(room).participants()).find((each) => each.user === user(of))?.clients;
}

describe("the recovery code on an empty device", () => {
  it("brings the device into a room that is among the client's when that is told", async () => {
    const { there, at, bob, code, room } = await lost();
    const alice = await recovered(there, code, at);
    const seen: (readonly string[])[] = [];
    alice.client.listen((event) => {
      if (event.kind === "joined") seen.push(alice.client.rooms.map(({ id }) => id));
    });
    await settle(alice, bob);
    await at.pass(day, bob, alice);
    for (let i = 0; i < 4 && seen.length === 0; i++) await at.pass(31_000, bob, alice);
    expect(seen).toEqual([[room]]);
  });

  it.each(["everybody", "opt-in"] as const)(
    "brings the account back, alone on its list, and into the rooms by those who are there (%s)",
    async (consent) => {
      const { there, at, bob, code, room } = await lost(consent);
      const number = await bob.client.safetyNumber(user("alice"));
      const alice = await recovered(there, code, at);
      await settle(alice, bob);
      expect((await alice.client.devices()).map(({ uri }) => uri)).toEqual([deviceUri(user("alice"), "new")]);
      await bob.client.room(room).send(plain("are you there?"));
      await at.pass(day, bob, alice);
      for (let i = 0; i < 4; i++) await at.pass(31_000, bob, alice);
      expect(bob.events).toContainEqual(
        expect.objectContaining({ kind: "account-renewed", user: user("alice"), keyNumber: 2 }),
      );
      expect(alice.client.rooms.map(({ id }) => id)).toEqual([room]);
      expect(await devicesIn(bob, room, "alice")).toBe(1);
      await bob.client.room(room).send(plain("welcome back"));
      await settle(bob, alice);
      await alice.client.room(room).send(plain("thank you"));
      await settle(bob, alice);
      for (const each of [alice, bob])
        expect((await words(each, room)).slice(-2)).toEqual(["welcome back", "thank you"]);
      expect((await bob.client.safetyNumber(user("alice"))).digits).toBe(number.digits);
      expect(await alice.client.room(room).alarms()).toEqual([]);
      expect(await bob.client.room(room).alarms()).toEqual([]);
    },
  );

  it("reads past three mistakes, and asks nobody where there are more", async () => {
    const { there, code, at } = await lost();
    let asked = 0;
    const counted: Delivery = { connect: (login) => (asked++, there.connect(login)) };
    const more = { user: user("alice"), delivery: counted, clock: at.clock };
    await expect(
      recoverAccount({ ...more, recoveryCode: code.replace(/^...../, "?????"), store: memoryStore() }),
    ).rejects.toMatchObject({ code: "recovery-mistakes", groups: [1] });
    expect(asked).toBe(0);
    const { mended } = await recoverAccount({ ...more, recoveryCode: code.replace(/^../, "??"), store: memoryStore() });
    expect(mended.map(({ place }) => place)).toEqual([1, 2]);
  });

  it("is no other account's, and the store no other device's", async () => {
    const { there, bob, code, at } = await lost();
    const more = { delivery: there, clock: at.clock, recoveryCode: code };
    for (const name of ["bob", "nobody"])
      await expect(recoverAccount({ ...more, user: user(name), store: memoryStore() })).rejects.toMatchObject({
        code: "recovery-other",
      });
    await expect(recoverAccount({ ...more, user: user("alice"), store: bob.options.store })).rejects.toMatchObject({
      code: "client-account",
    });
    await expect(recoverAccount({ ...more, user: "alice", store: memoryStore() })).rejects.toThrow(TypeError);
    expect(await bob.client.devices()).toHaveLength(1);
  });

  it("is not taken for another user by a service that shows that user the account's own statements", async () => {
    const { there, code, at } = await lost();
    const lying = between(there, (connection) => ({
      statements: (query) => connection.statements({ ...query, user: user("alice") }),
    }));
    await expect(
      recoverAccount({ user: user("bob"), recoveryCode: code, store: memoryStore(), delivery: lying, clock: at.clock }),
    ).rejects.toMatchObject({ code: "recovery-other" });
  });

  it("comes to the same end wherever the process dies", async () => {
    const { there, code, at } = await lost();
    const disk = new MemoryDisk();
    const keys: (Uint8Array | undefined)[] = [];
    const dying = (name: keyof Connection, after: boolean): Delivery =>
      between(there, (connection) => ({
        [name]: async (request: never) => {
          if (after) await (connection[name] as (request: never) => Promise<unknown>)(request);
          throw new DeliveryError("unreachable");
        },
      }));
    const tries = [dying("statements", false), dying("publishStatement", false), dying("publishStatement", true)];
    for (const delivery of tries) {
      const store = memoryStore({ disk });
      await expect(
        recoverAccount({ user: user("alice"), recoveryCode: code, store, delivery, clock: at.clock }),
      ).rejects.toMatchObject({ code: "unreachable" });
      keys.push(disk.contents.get("client/recovering/"));
      disk.kill();
      await expect(Client.open({ store: memoryStore({ disk }), delivery: there })).rejects.toMatchObject({
        code: "account-missing",
      });
      disk.kill();
    }
    const store = memoryStore({ disk });
    const { account } = await recoverAccount({
      user: user("alice"),
      recoveryCode: code,
      store,
      delivery: there,
      clock: at.clock,
    });
    expect(account.accountKey.certificate.number).toBe(2); // one list
    expect(keys[1]).toBeInstanceOf(Uint8Array);
    expect(keys[2]).toEqual(keys[1]); // and the same keys each time
    const alice = await opened({ store, delivery: there, timers: "none", clock: at.clock }, disk);
    await settle(alice);
    expect(await alice.client.devices()).toHaveLength(1);
    expect([...disk.contents.keys()].some((key) => key.startsWith("client/recovering"))).toBe(false);
  });

  it("is led into no room in which the user does not take part", async () => {
    const { there, at, bob, code, room } = await lost();
    const open = await bob.client.createRoom({ policy: "broadcast", participants: [] });
    await settle(bob);
    const lying = between(there, (connection) => ({
      changed: async () => [...(await connection.changed()), { room: open.id, head: 1n }],
    }));
    const alice = await recovered(lying, code, at);
    await bob.client.room(room).send(plain("are you there?"));
    await settle(bob, alice);
    for (let i = 0; i < 2; i++) await at.pass(31_000, bob, alice);
    expect(alice.client.rooms.map(({ id }) => id)).toEqual([room]);
    await alice.client.joinByLink(open.id); // where it could go of itself
  });

  it("puts the old devices out, which can do nothing more", async () => {
    const { there, at, bob, code, room } = await lost();
    const alice = await recovered(there, code, at);
    await settle(alice);
    await bob.client.room(room).renew();
    for (let i = 0; i < 4; i++) await at.pass(31_000, bob, alice);
    const selves = [...alice.disk.contents.keys()].filter((key) => key.startsWith("room/"));
    expect(selves).toHaveLength(1); // its room, and no room of devices that it does not have
    expect(await devicesIn(bob, room, "alice")).toBe(1);
  });

  it("brings an account back to which the next device is linked, and is in all its rooms", async () => {
    const { there, at, bob, code, room } = await lost();
    const { clock } = at;
    const alice = await recovered(there, code, at);
    await settle(alice, bob);
    await bob.client.room(room).send(plain("are you there?"));
    await at.pass(day, bob, alice);
    for (let i = 0; i < 4; i++) await at.pass(31_000, bob, alice);
    const tablet = await second(alice, there, "tablet", { clock });
    for (let i = 0; i < 4; i++) await at.pass(31_000, alice, tablet, bob);
    expect((await bob.client.safetyNumber(user("alice"))).digits).toBe(
      (await tablet.client.safetyNumber(user("bob"))).digits,
    );
    expect((await tablet.client.devices()).map(({ uri }) => uri).sort()).toEqual(
      ["new", "tablet"].map((name) => deviceUri(user("alice"), name)),
    );
    expect(tablet.client.rooms.map(({ id }) => id)).toEqual([room]);
    expect(await devicesIn(bob, room, "alice")).toBe(2);
    await tablet.client.room(room).send(plain("from the tablet"));
    await tablet.client.shared.set("colour", "green");
    for (let i = 0; i < 3; i++) await at.pass(31_000, tablet, alice, bob);
    for (const each of [alice, bob]) expect((await words(each, room)).at(-1)).toBe("from the tablet");
    expect(await alice.client.shared.get("colour")).toBe("green");
    for (const each of [alice, tablet, bob]) expect(await each.client.room(room).alarms()).toEqual([]);
  });
});
