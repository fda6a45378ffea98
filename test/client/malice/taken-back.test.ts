/**
 * An epoch that the service takes back, when somebody has followed it and spoken in it: what was said comes to all, once.
 */

import { describe, expect, it } from "vitest";
import { roomAppData } from "../../../src/rooms/components.ts";
import type { Connection, Delivery } from "../../../src/delivery/delivery.ts";
import type { ClientRoom } from "../../../src/client/room/room.ts";
import { delivery, person, plain, settle, user, words, type Person } from "../world.ts";

/** A service to which some say nothing of epochs that they have reached, and one hears nothing while it is deaf. */
class Unconfirming {
  readonly connections = new Map<string, Connection>();
  readonly deaf = new Set<string>();

  over(service: Delivery): Delivery {
    return {
      connect: async (login) => {
        const connection = await service.connect(login);
        this.connections.set(login.device, connection);
        const own: Partial<Connection> = {
          confirm: () => Promise.resolve(),
          fetch: async (request) => {
            const page = await connection.fetch(request);
            return this.deaf.has(login.device) ? { ...page, items: [], head: request.after } : page;
          },
        };
        return new Proxy(connection, {
          get: (target, name) => {
            const method: unknown = Reflect.get(own, name) ?? Reflect.get(target, name);
            return typeof method === "function" ? (method as (...all: unknown[]) => unknown).bind(target) : method;
          },
        });
      },
    };
  }
}

/** Alice, bob and carol in a room: alice begins an epoch that carol follows, and bob does not hear of before it is taken back. */
async function inAnEpoch(
  change: (asks: ClientRoom) => Promise<unknown>,
  say: (asks: ClientRoom, settled: () => Promise<void>) => Promise<void>,
): Promise<{ alice: Person; bob: Person; carol: Person; room: string; before: () => Promise<void> }> {
  const time = { now: 1_800_000_000_000 };
  const clock = (): number => time.now;
  const service = delivery({ rooms: roomAppData(), clock, isProven: () => true });
  const way = new Unconfirming();
  const open = (name: string): Promise<Person> =>
    person(service, name, "phone", { clock, delivery: way.over(service) });
  const [alice, bob, carol] = [await open("alice"), await open("bob"), await open("carol")];
  const all = [alice, bob, carol];
  await settle(...all);
  const { id: room } = await alice.client.createRoom({ participants: [user("bob"), user("carol")] });
  await settle(...all);
  const asks = alice.client.room(room);
  way.deaf.add(bob.client.device);
  await change(asks);
  await settle(...all);
  await say(asks, () => settle(...all));
  await settle(...all);
  const connection = way.connections.get(bob.client.device)!;
  const { epoch } = await asks.epoch();
  const { head } = await connection.groupInfo({ room });
  for (let number = 1n; number <= head; number++) {
    const complaint = { room, epoch, number, code: "path-open", evidence: new Uint8Array(0) };
    await connection.complain({ id: new Uint8Array(16).fill(Number(number)), ...complaint });
  }
  way.deaf.clear();
  const before = async (): Promise<void> => {
    for (let i = 0; i < 6; i++) {
      await settle(...all);
      time.now += 60_000;
      for (const { client } of all) client.tick();
    }
    await settle(...all);
  };
  return { alice, bob, carol, room, before };
}

async function nameOf({ client }: Person, room: string): Promise<string> {
  return (await client.room(room).data()).room_metadata.roomName;
}

describe("a change whose epoch is taken back", () => {
  it("is made again in the next one, and told again", async () => {
    const { alice, bob, carol, room, before } = await inAnEpoch(
      (asks) => asks.rename("another"),
      () => Promise.resolve(),
    );
    await before();
    for (const each of [alice, bob, carol]) expect(await nameOf(each, room)).toBe("another");
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "rejoined" }));
    expect(await alice.client.room(room).waiting()).toEqual([]);
    // What others can't take back any more is not kept.
    await bob.client.room(room).renew();
    await before();
    expect([...alice.disk.contents.keys()].filter((key) => key.startsWith("redo/"))).toEqual([]);
  });

  it("fails, and is told, where it can't be any more", async () => {
    const { alice, bob, room, before } = await inAnEpoch(
      (asks) => asks.setRole(user("carol"), 3),
      () => Promise.resolve(),
    );
    await bob.client.room(room).remove(user("carol"));
    await before();
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "failed", room, code: "impossible" }));
    expect(await alice.client.room(room).waiting()).toEqual([]);
  });
});

describe("what was edited in an epoch that is taken back", () => {
  it("is said again, and edited again", async () => {
    const { alice, bob, carol, room, before } = await inAnEpoch(
      (asks) => asks.renew(),
      async (asks, settled) => {
        const early = await asks.send(plain("one"));
        await asks.send({ ...plain("one, edited at once"), replaces: early.id });
        const late = await asks.send(plain("two"));
        await settled();
        await asks.send({ ...plain("two, edited later"), replaces: late.id });
        await settled();
        const gone = await asks.send(plain("three"));
        await settled();
        await asks.edit(gone.id, { text: "three, edited" });
        await settled();
        await asks.unsend(gone.id);
      },
    );
    expect([...alice.disk.contents].some(([, value]) => Buffer.from(value).includes("three"))).toBe(false);
    await before();
    for (const each of [alice, bob, carol])
      expect((await words(each, room)).slice(0, 2)).toEqual(["one, edited at once", "two, edited later"]);
    expect(await alice.client.room(room).waiting()).toEqual([]);
  });
});

describe("what was said in an epoch that is taken back", () => {
  it("is said again in the next one, in its order, and nobody has it twice", async () => {
    const time = { now: 1_800_000_000_000 };
    const clock = (): number => time.now;
    const service = delivery({ rooms: roomAppData(), clock, isProven: () => true });
    const way = new Unconfirming();
    const open = (name: string): Promise<Person> =>
      person(service, name, "phone", { clock, delivery: way.over(service) });
    const [alice, bob, carol] = [await open("alice"), await open("bob"), await open("carol")];
    const all = [alice, bob, carol];
    await settle(...all);
    const { id: room } = await alice.client.createRoom({ participants: [user("bob"), user("carol")] });
    await settle(...all);
    const asks = alice.client.room(room);
    await asks.send(plain("zero"));
    await settle(...all);

    // Alice begins an epoch that carol follows, and bob has not heard of.
    way.deaf.add(bob.client.device);
    await asks.renew();
    await settle(...all);
    await asks.send(plain("one"));
    await settle(...all);
    const [first] = await asks.timeline();
    await asks.send(plain("two"));
    const [, zero] = await asks.timeline();
    await asks.react(zero!.id, "👍");
    await carol.client.room(room).react(first!.id, "🎉");
    await carol.client.room(room).send(plain("three"));
    await settle(...all);
    expect(await words(carol, room)).toEqual(["zero", "one", "two", "three"]);
    expect(await words(bob, room)).toEqual(["zero"]);

    // Bob says that it can't be followed, and it is taken back.
    const connection = way.connections.get(bob.client.device)!;
    const { epoch } = await asks.epoch();
    const { head } = await connection.groupInfo({ room });
    for (let number = 1n; number <= head; number++) {
      const complaint = { room, epoch, number, code: "path-open", evidence: new Uint8Array(0) };
      await connection.complain({ id: new Uint8Array(16).fill(Number(number)), ...complaint });
    }
    way.deaf.clear();
    for (let i = 0; i < 6; i++) {
      await settle(...all);
      time.now += 60_000;
      for (const { client } of all) client.tick();
    }
    await settle(...all);
    for (const each of all) {
      expect([...(await words(each, room))].sort()).toEqual(["one", "three", "two", "zero"]);
      expect(await each.client.room(room).waiting()).toEqual([]);
      const entries = await each.client.room(room).timeline();
      const reactions = entries.flatMap((entry) => entry.reactions.map(({ user: by }) => by));
      // Carol's may come to bob again before the message that it is about, which alice says again: then it is passed over there.
      expect(reactions).toContain(user("alice"));
      if (each !== bob) expect(reactions).toContain(user("carol"));
    }
    const order = (await words(bob, room)).filter((text) => text !== "three");
    expect(order).toEqual(["zero", "one", "two"]);
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "rejoined" }));
    const kept = [...alice.disk.contents.keys()].filter((key) => key.startsWith("said/"));
    expect(kept.length).toBeLessThanOrEqual(1); // what was said since, in an epoch that nobody has confirmed
  });
});
