/**
 * Devices that nobody has seen for long are out of the rooms, by the user's other devices alone, and are in again when they are back.
 */

import { beforeEach, describe, expect, it } from "vitest";
import { accountComponent } from "../../../src/accounts/attestation.ts";
import type { Connection, Delivery } from "../../../src/delivery/delivery.ts";
import { idleDevices } from "../../../src/client/idle/record.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import { accountStatements } from "../../../src/delivery/account-statements.ts";
import type { DeliveryOptions } from "../../../src/delivery/options.ts";
import type { DeliveryService } from "../../../src/delivery/service.ts";
import { plain, reborn, settle, suite, user, words, type Person } from "../world.ts";
import { time, type Time } from "./time.ts";
import { between, first, second, service } from "./world.ts";

const day = 24 * 60 * 60_000;
const appData = roomAppData({ appData: { components: [accountComponent] } });
/** A month: one look is due every 1.9 days. */
const removeIdle = 30 * day;
const laptopOfAlice = deviceUri(user("alice"), "laptop");

let passing: Time;
let hub: DeliveryService;
let phone: Person;
let laptop: Person;
let bob: Person;
let room: string;

/** What the phone reaches the service by. */
let seenByPhone: (connection: Connection) => Partial<Connection>;

async function begin(how: Partial<DeliveryOptions> = { rooms: appData }): Promise<void> {
  passing = time();
  const { clock } = passing;
  hub = service({ clock, ...how });
  seenByPhone = () => ({});
  const phones: Delivery = between(hub, (connection) => seenByPhone(connection));
  phone = await first(phones, "alice", { clock, removeIdle, renewEvery: 0 });
  bob = await first(hub, "bob", { clock, renewEvery: 0 });
  await settle(phone, bob);
  laptop = await second(phone, hub, "laptop", { clock, removeIdle, renewEvery: 0 });
  await passing.pass(30_000, phone, laptop, bob);
  room = (await phone.client.createRoom({ participants: [user("bob")] })).id;
  await settle(phone, laptop, bob);
}

beforeEach(() => begin());

async function clients({ client }: Person, id = room): Promise<number> {
  const participants = await client.room(id).participants();
  return participants.find(({ user: uri }) => uri === user("alice"))?.clients ?? 0;
}

async function keyOf(name: string): Promise<{ cipherSuite: number; signatureKey: Uint8Array }> {
  const { signatureKey } = await createIdentity({ suite, credential: basic(deviceUri(user("alice"), name)) });
  return { cipherSuite: suite.id, signatureKey };
}

/** Days go by, on each of which these look. */
async function days(count: number, ...people: readonly Person[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    for (const { client } of people) client.refresh();
    await passing.pass(day, ...people);
  }
}

const kinds = ({ events }: Person): string[] => events.map(({ kind }) => kind);

describe("a device that is not there", () => {
  beforeEach(async () => {
    await laptop.client.close();
  });

  it("is out of all rooms after the time, and not before, and reads nothing of what is said then", async () => {
    await days(28, phone, bob);
    expect(await clients(bob)).toBe(2);
    await days(6, phone, bob);
    expect(await clients(bob)).toBe(1);
    expect(phone.events).toContainEqual(expect.objectContaining({ kind: "device-idle", device: laptopOfAlice }));
    await bob.client.room(room).send(plain("not for the laptop"));
    await settle(bob, phone);
    laptop = await reborn(laptop);
    await settle(laptop);
    expect(await words(laptop, room)).toEqual([]);
    expect(kinds(phone).filter((kind) => kind === "device-idle").length).toBe(1);
  });

  it("comes in again by itself when it is back, is told so, and stays", async () => {
    await days(40, phone, bob);
    expect(await clients(bob)).toBe(1);
    laptop = await reborn(laptop);
    await settle(laptop, phone, bob);
    await days(2, phone, laptop, bob);
    expect(await clients(bob)).toBe(2);
    expect(laptop.events).toContainEqual(expect.objectContaining({ kind: "was-idle", room, isBack: true }));
    await bob.client.room(room).send(plain("welcome back"));
    await settle(bob, phone, laptop);
    expect(await words(laptop, room)).toEqual(["welcome back"]);
    expect((await idleDevices(phone.options.store)).size).toBe(0);
    await days(20, phone, laptop, bob);
    expect(await clients(bob)).toBe(2);
  });

  it("is not put back by a new list of devices", async () => {
    await days(40, phone, bob);
    await phone.client.addDevice({ uri: deviceUri(user("alice"), "watch"), ...(await keyOf("watch")) });
    for (let i = 0; i < 3; i++) await passing.pass(30_000, phone, bob);
    expect(await clients(bob)).toBe(1);
  });

  it("goes again where a device that does not know it has brought it in", async () => {
    await days(40, phone, bob);
    const tablet = await second(phone, hub, "tablet", { clock: passing.clock, removeIdle, renewEvery: 0 });
    for (let i = 0; i < 3; i++) await passing.pass(30_000, phone, tablet, bob);
    expect(await clients(bob)).toBe(3);
    await days(4, phone, tablet, bob);
    expect(await clients(bob)).toBe(2);
  });

  it("is brought in by another device where no room lets it in by itself, and is told so", async () => {
    await phone.client.close();
    await begin({}); // a service that knows no rooms lets nobody in from outside
    await laptop.client.close();
    await days(40, phone, bob);
    expect(await clients(bob)).toBe(1);
    laptop = await reborn(laptop);
    await settle(laptop);
    await passing.pass(1_000, laptop);
    expect(laptop.events).toContainEqual(expect.objectContaining({ kind: "was-idle", room, isBack: false }));
    await days(2, phone, laptop, bob);
    expect(await clients(bob)).toBe(2);
    await days(20, phone, laptop, bob);
    expect(await clients(bob)).toBe(2);
  });

  it("is in all rooms where the user wants it so", async () => {
    phone = await reborn({ ...phone, options: { ...phone.options, removeIdle: 0 } });
    await days(70, phone, bob);
    expect(await clients(bob)).toBe(2);
  });

  it("is not taken for idle by one that was away itself, before that has watched for half of the time", async () => {
    await days(20, phone, bob);
    await phone.client.close();
    await days(100, bob);
    phone = await reborn(phone);
    await settle(phone, bob);
    await days(10, phone, bob);
    expect(await clients(bob)).toBe(2);
    await days(12, phone, bob);
    expect(await clients(bob)).toBe(1);
  });

  it("is not taken for idle by one whose clock jumps", async () => {
    await days(20, phone, bob);
    await passing.pass(400 * day, phone, bob);
    await days(3, phone, bob);
    expect(await clients(bob)).toBe(2);
  });
});

describe("a device that is out for another reason", () => {
  it("does not come back where its user has taken it off the list, whatever the service lets in", async () => {
    await phone.client.close();
    await begin({ rooms: appData, accounts: { ...accountStatements(), device: () => "listed" } });
    await laptop.client.close();
    await phone.client.removeDevice(laptopOfAlice);
    for (let i = 0; i < 3; i++) await passing.pass(30_000, phone, bob);
    expect(await clients(bob)).toBe(1);
    laptop = await reborn(laptop);
    for (let i = 0; i < 3; i++) await passing.pass(30_000, phone, laptop, bob);
    expect(kinds(laptop)).toContain("left");
    expect(kinds(laptop)).not.toContain("was-idle");
    expect(await clients(bob)).toBe(1);
  });

  it("does not come back where somebody has put its user out, and says nothing of being idle", async () => {
    const theirs = await bob.client.createRoom({ participants: [user("alice")] });
    for (let i = 0; i < 3; i++) await passing.pass(30_000, phone, laptop, bob);
    await theirs.remove(user("alice"));
    for (let i = 0; i < 3; i++) await passing.pass(30_000, phone, laptop, bob);
    expect(laptop.client.room(theirs.id).status).toBe("left");
    expect(kinds(laptop)).not.toContain("was-idle");
  });

  it("does not come back into a room of its user's alone, which another device has left", async () => {
    const own = await phone.client.createRoom({ participants: [] });
    for (let i = 0; i < 3; i++) await passing.pass(30_000, phone, laptop);
    expect(laptop.client.room(own.id).status).toBe("member");
    await laptop.client.close();
    await own.leave();
    await settle(phone);
    expect(own.status).toBe("left");
    laptop = await reborn(laptop);
    for (let i = 0; i < 3; i++) await passing.pass(30_000, phone, laptop);
    expect(laptop.client.room(own.id).status).toBe("left");
  });
});

describe("a device that is there", () => {
  it("is left where it is, whatever it does: it speaks, or has new keys", async () => {
    for (let i = 0; i < 5; i++) {
      if (i % 2 === 0) await laptop.client.room(room).send(plain(`still here ${String(i)}`));
      else await laptop.client.room(room).renew();
      await settle(laptop, phone, bob);
      await laptop.client.close();
      await days(20, phone, bob);
      laptop = await reborn(laptop);
      await settle(laptop);
      // The phone's process goes, too: what it has seen is on its disk.
      phone = await reborn(phone);
      await settle(phone);
    }
    expect(await clients(bob)).toBe(2);
    expect(kinds(laptop)).not.toContain("was-idle");
  });

  it("is left where it is as long as there is something of a room that the other one has not read", async () => {
    await laptop.client.close();
    await days(26, phone, bob);
    // The laptop speaks, and the phone is shown none of it: it knows that there is more.
    laptop = await reborn(laptop);
    await laptop.client.room(room).send(plain("still here"));
    seenByPhone = (connection) => ({
      fetch: async (request) => ({ ...(await connection.fetch(request)), items: [] }),
    });
    phone = await reborn(phone);
    await settle(laptop, bob, phone);
    await laptop.client.close();
    await days(10, phone, bob);
    expect(await clients(bob)).toBe(2);
  });

  it("is not put out by anybody else, and does not come back where its user has left", async () => {
    await laptop.client.close();
    await days(40, bob);
    expect(await clients(bob)).toBe(2);
    // Of a room of two, the list of its participants stays.
    const direct = await bob.client.createRoom({ policy: "direct", participants: [user("alice")] });
    await settle(bob, phone);
    await phone.client.room(direct.id).leave();
    await settle(phone, bob);
    await days(1, phone, bob);
    laptop = await reborn(laptop);
    await settle(laptop, bob);
    await days(1, laptop, bob);
    expect(await clients(bob, direct.id)).toBe(0);
    expect(kinds(laptop).filter((kind) => kind === "left").length).toBe(1);
    expect(kinds(laptop)).not.toContain("was-idle");
  });
});
