/** What a client does after its process has died at an unlucky moment, and what a room's end leaves. */

import { describe, expect, it } from "vitest";
import type { Connection, Delivery } from "../../src/delivery/delivery.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import { delivery, opened, person, plain, settle, user, words, type Person } from "./world.ts";

async function reborn(dead: Person): Promise<Person> {
  dead.disk.kill();
  return opened({ ...dead.options, store: memoryStore({ disk: dead.disk }) }, dead.disk);
}

/** A delivery that does not get what is published any more, once `isCut` says so. */
function cut(service: Delivery, isCut: () => boolean): Delivery {
  return {
    connect: async (login) => {
      const connection = await service.connect(login);
      const publish = connection.publish.bind(connection);
      return Object.assign(connection, {
        publish: (publication: Parameters<Connection["publish"]>[0]) =>
          isCut() ? new Promise(() => undefined) : publish(publication),
      });
    },
  };
}

const stored = ({ disk }: Person, first: string): string[] =>
  [...disk.contents.keys()].filter((key) => key.startsWith(`${first}/`));

describe("a client whose process dies", () => {
  it("leaves a room, though what it proposed was stored and never published", async () => {
    const service = delivery();
    let isCut = false;
    const alice = await person(service, "alice");
    const bob = await person(service, "bob", "phone", { delivery: cut(service, () => isCut) });
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    isCut = true;
    const { intent } = await bob.client.room(id).leave();
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
    isCut = false;
    const again = await reborn(bob);
    await settle(again, alice);
    await settle(again, alice);
    expect(again.client.room(id).status).toBe("left");
    expect(again.events.filter((event) => event.kind === "done")).toMatchObject([{ intent }]);
    expect((await alice.client.room(id).participants()).map((each) => each.user)).toEqual([user("alice")]);
    expect(stored(again, "record")).toEqual([]);
  });

  it("commits what another has proposed, though it is asked for nothing", async () => {
    const service = delivery();
    let isCut = false;
    const alice = await person(service, "alice", "phone", { delivery: cut(service, () => isCut) });
    const bob = await person(service, "bob");
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    isCut = true;
    await bob.client.room(id).leave();
    for (let turns = 0; turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(bob.client.room(id).status).toBe("member");
    isCut = false;
    const again = await reborn(alice);
    await settle(again, bob);
    await settle(again, bob);
    expect(bob.client.room(id).status).toBe("left");
  });

  it("never gives two events one number", async () => {
    const service = delivery();
    const alice = await person(service, "alice");
    const bob = await person(service, "bob");
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await alice.client.room(id).send(plain("one"));
    await settle(alice, bob);
    const again = await reborn(bob);
    await alice.client.room(id).send(plain("two"));
    await settle(alice, again);
    const numbers = [...bob.events, ...again.events].map(({ number }) => number);
    expect(again.events).toHaveLength(1);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => Number(a - b)));
  });
});

describe("a room's end", () => {
  it("is told of all that still waited in it", async () => {
    const service = delivery();
    const alice = await person(service, "alice");
    const bob = await person(service, "bob");
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await alice.client.room(id).remove(user("bob"));
    bob.disk.kill();
    await settle(alice);
    const offline = await reborn({ ...bob, options: { ...bob.options, online: false } });
    const message = await offline.client.room(id).send(plain("too late"));
    const rename = await offline.client.room(id).rename("Too late");
    const edit = await offline.client.room(id).send({ ...plain("later"), replaces: message.id });
    const again = await reborn({ ...offline, options: bob.options });
    await settle(again);
    const room = again.client.room(id);
    expect(room.status).toBe("left");
    expect(await room.waiting()).toEqual([]);
    const ends = again.events.flatMap((event) => (event.kind === "failed" ? [[event.intent, event.code]] : []));
    expect(ends).toEqual([message, rename, edit].map(({ intent }) => [intent, "room-left"]));
    expect((await room.timeline())[0]?.status).toBe("failed");
    expect(stored(again, "record")).toEqual([]);
  });
});

describe("a message with a timer", () => {
  it("goes by itself from its sender when the time since it was accepted is over, and from a reader after the reading", async () => {
    let now = Date.UTC(2026, 11, 1);
    const clock = (): number => now;
    const service = delivery({ clock });
    const alice = await person(service, "alice", "phone", { clock });
    const bob = await person(service, "bob", "phone", { clock });
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await alice.client.room(id).send({ ...plain("soon gone"), expires: { relative: true, time: 60 } });
    await settle(alice, bob);
    const later = async (seconds: number): Promise<void> => {
      now += seconds * 1_000;
      for (const { client } of [alice, bob]) client.tick();
      await settle(alice, bob);
    };
    await later(59);
    expect(await words(alice, id)).toEqual(["soon gone"]);
    await later(2);
    expect(await words(alice, id)).toEqual([]);
    expect(await words(bob, id)).toEqual(["soon gone"]);
    await bob.client.room(id).markRead(1n);
    await later(61);
    expect(await words(bob, id)).toEqual([]);
    for (const each of [alice, bob]) {
      expect(stored(each, "expiry")).toEqual([]);
      expect(stored(each, "message")).toEqual([]);
    }
  });
});
