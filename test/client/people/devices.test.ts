import { describe, expect, it } from "vitest";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { plain, reborn, settle, user, words, type Person } from "../world.ts";
import { time } from "./time.ts";
import { between, first, second, service } from "./world.ts";

/** Whose devices are in a room, as somebody sees it. */
async function clients({ client }: Person, room: string): Promise<Record<string, number>> {
  const participants = await client.room(room).participants();
  return Object.fromEntries(participants.map(({ user: uri, clients }) => [uri, clients]));
}

const [phone, laptop, tablet] = ["phone", "laptop", "tablet"].map((name) => deviceUri(user("alice"), name)) as [
  string,
  string,
  string,
];

describe("a device that is taken off the list", () => {
  it("goes from all rooms though the device that took it off dies at once, by those who come and go after it", async () => {
    const { clock, pass } = time();
    const hub = service({ clock });
    let isCut = false;
    const cut = between(hub, (connection) => ({
      publish: (request) => (isCut ? Promise.reject(new DeliveryError("unreachable")) : connection.publish(request)),
    }));
    const alices = await first(cut, "alice", { clock });
    const bob = await first(hub, "bob", { clock });
    await settle(alices, bob);
    const other = await second(alices, hub, "laptop", { clock });
    const lost = await second(alices, hub, "tablet", { clock });
    await pass(30_000, alices, other, lost, bob);
    const rooms: string[] = [];
    for (let i = 0; i < 3; i++) {
      rooms.push((await alices.client.createRoom({ participants: [user("bob")] })).id);
      await settle(alices, other, lost, bob);
    }
    const [room = ""] = rooms;
    expect(await clients(bob, room)).toEqual({ [user("alice")]: 3, [user("bob")]: 1 });

    isCut = true;
    await alices.client.removeDevice(tablet);
    await settle(alices);
    await alices.client.close(); // and it never comes back
    await settle(other, bob);
    // The other device hears of the list, and dies before it is its turn.
    other.client.refresh();
    await settle(other, bob);
    expect(await clients(bob, room)).toEqual({ [user("alice")]: 3, [user("bob")]: 1 });
    let again = await reborn(other);
    await pass(5_000, again, bob);
    again = await reborn(again);
    await pass(30_000, again, bob);
    for (const id of rooms) expect(await clients(bob, id)).toEqual({ [user("alice")]: 2, [user("bob")]: 1 });
    await bob.client.room(room).send(plain("not for the tablet"));
    await settle(again, bob);
    await lost.client.close();
    const found = await reborn(lost);
    await settle(found);
    expect(await words(found, room)).toEqual([]);
    expect(again.client.device).toBe(laptop);
    expect(alices.client.device).toBe(phone);
  });

  it("goes from a room that could not be changed when the others were", async () => {
    const { clock, pass } = time();
    const hub = service({ clock });
    const alices = await first(hub, "alice", { clock });
    const bob = await first(hub, "bob", { clock });
    await settle(alices, bob);
    const other = await second(alices, hub, "laptop", { clock });
    await pass(30_000, alices, other, bob);
    // The laptop is in a room that the phone hears of only after it has taken the laptop off.
    let isKept = true;
    await alices.client.close();
    const late = between(hub, (connection) => ({
      queue: async (request) => (isKept ? [] : connection.queue(request)),
    }));
    const { id } = await bob.client.createRoom({ participants: [user("alice")] });
    await settle(bob, other);
    alices.disk.kill();
    const again = await reborn({ ...alices, options: { ...alices.options, delivery: late } });
    await settle(again);
    await again.client.removeDevice(laptop);
    await pass(60_000, again, bob);
    isKept = false;
    again.client.refresh();
    await settle(again, bob);
    again.client.refresh();
    await pass(60_000, again, bob);
    expect(await clients(bob, id)).toEqual({ [user("alice")]: 1, [user("bob")]: 1 });
  });
});

describe("a new room", () => {
  it("has all of its maker's devices", async () => {
    const hub = service();
    const alices = await first(hub, "alice");
    await settle(alices);
    const other = await second(alices, hub);
    await settle(alices, other);
    const { id } = await alices.client.createRoom({ name: "Notes" });
    await settle(alices, other);
    expect(await clients(other, id)).toEqual({ [user("alice")]: 2 });
  });
});

describe("somebody whom this user has brought into a room", () => {
  it("is asked for a list of devices again, though nobody has begun the client anew", async () => {
    const { clock, pass } = time();
    const hub = service({ clock });
    const [alices, bob] = [await first(hub, "alice", { clock }), await first(hub, "bob", { clock })];
    await settle(alices, bob);
    await pass(30_000, alices, bob);
    await bob.client.createRoom({ participants: [user("alice")] });
    for (let i = 0; i < 2; i++) await pass(30_000, alices, bob);
    await alices.client.addDevice({ uri: laptop, cipherSuite: 1, signatureKey: new Uint8Array(32).fill(9) });
    await pass(24 * 60 * 60_000, alices, bob);
    await pass(30_000, alices, bob);
    expect(bob.events).toContainEqual(
      expect.objectContaining({ kind: "device-changed", user: user("alice"), device: laptop, what: "added" }),
    );
  });
});
