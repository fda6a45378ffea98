/**
 * What a client once lost, or stood still at: found by simulated worlds, each with the smallest story that shows it.
 */

import { describe, expect, it } from "vitest";
import type { Connection, Delivery, News } from "../../src/delivery/delivery.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import { delivery, opened, person, plain, settle, user, words, type Person } from "./world.ts";

/** A service that some requests of a device reach in another way. */
function changed(service: Delivery, change: (connection: Connection) => Partial<Connection>): Delivery {
  return {
    connect: async (login) => {
      const connection = await service.connect(login);
      const other = change(connection);
      return new Proxy(connection, {
        get: (target, name) => {
          const own: unknown = Reflect.get(other, name) ?? Reflect.get(target, name);
          return typeof own === "function" ? (own as (...all: unknown[]) => unknown).bind(target) : own;
        },
      });
    },
  };
}

async function reborn(dead: Person, online = true): Promise<Person> {
  dead.disk.kill();
  return opened({ ...dead.options, online, store: memoryStore({ disk: dead.disk }) }, dead.disk);
}

async function pair(service = delivery(), more: Parameters<typeof person>[3] = {}): Promise<[Person, Person, string]> {
  const { clock } = more;
  const alice = await person(service, "alice", "phone", clock === undefined ? {} : { clock }); // one time for all
  const bob = await person(service, "bob", "phone", more);
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  return [alice, bob, id];
}

function kinds({ events }: Person): string[] {
  return events.map(({ kind }) => kind);
}

describe("leaving a room", () => {
  it("is done when the device is out, and asked for again in each epoch until then", async () => {
    const [alice, bob, room] = await pair();
    const offline = await reborn(alice, false);
    const { intent } = await bob.client.room(room).leave();
    await settle(bob);
    expect(await bob.client.room(room).waiting()).toHaveLength(1);
    expect(kinds(bob)).not.toContain("done");
    // The process dies before anybody has committed it.
    const again = await reborn(bob);
    await settle(again);
    await offline.client.room(room).rename("without them");
    offline.client.connect();
    await settle(offline, again);
    expect(again.events).toMatchObject([
      { kind: "done", intent },
      { kind: "left", asked: true },
    ]);
    expect(again.client.room(room).status).toBe("left");
  });

  it("needs nobody where nobody else is there", async () => {
    const alice = await person(delivery(), "alice");
    const room = await alice.client.createRoom({});
    await settle(alice);
    await room.leave();
    await settle(alice);
    expect(room.status).toBe("left");
    expect([...alice.disk.contents.keys()].filter((key) => key.startsWith("record/"))).toEqual([]);
  });

  it("is refused at once to whom the room needs", async () => {
    const [alice, bob, room] = await pair();
    await alice.client.room(room).leave();
    await alice.client.room(room).send(plain("still here"));
    await settle(alice, bob);
    expect(alice.events.find(({ kind }) => kind === "failed")).toMatchObject({
      code: "not-allowed",
      detail: "role-count",
    });
    expect(await words(bob, room)).toEqual(["still here"]);
  });

  it("is done after the only administrator has handed that on, where both are asked for at once", async () => {
    const [alice, bob, room] = await pair();
    const { role = 0 } = (await bob.client.room(room).participants()).find((each) => each.user === user("alice")) ?? {};
    await alice.client.room(room).setRole(user("bob"), role);
    await alice.client.room(room).leave();
    await settle(alice, bob);
    expect(kinds(alice)).not.toContain("failed");
    expect(alice.client.room(room).status).toBe("left");
    expect(await bob.client.room(room).participants()).toMatchObject([{ user: user("bob"), role }]);
  });
});

describe("a room that is over", () => {
  it("fails what waited in it", async () => {
    const [alice, bob, room] = await pair();
    const offline = await reborn(bob, false);
    const message = await offline.client.room(room).send(plain("too late"));
    const change = await offline.client.room(room).rename("too late");
    await alice.client.room(room).remove(user("bob"));
    await settle(alice);
    offline.client.connect();
    await settle(offline);
    const failed = offline.events.filter(({ kind }) => kind === "failed");
    expect(failed).toMatchObject([
      { intent: message.intent, code: "room-left" },
      { intent: change.intent, code: "room-left" },
    ]);
    expect(await offline.client.room(room).waiting()).toEqual([]);
    expect((await offline.client.room(room).entry(message.entry))?.status).toBe("failed");
  });

  it("can be entered again by a Welcome that comes with the news of its end", async () => {
    const [alice, bob, room] = await pair();
    bob.disk.kill();
    await alice.client.room(room).remove(user("bob"));
    await settle(alice);
    await alice.client.room(room).add(user("bob"));
    await settle(alice);
    await alice.client.room(room).send(plain("welcome back"));
    await settle(alice);
    const again = await reborn(bob);
    await settle(alice, again);
    expect(kinds(again)).toEqual(["left", "joined", "message"]);
    expect(await words(again, room)).toEqual(["welcome back"]);
    await again.client.room(room).send(plain("thank you"));
    await settle(alice, again);
    expect(await words(alice, room)).toEqual(["welcome back", "thank you"]);
  });
});

describe("a Welcome", () => {
  it("waits in the queue until the log can be read that says that its device was out", async () => {
    const service = delivery();
    let tell: (news: News) => void = () => undefined;
    let isCut = false;
    const [alice, bob, room] = await pair(service, {
      delivery: changed(service, (connection) => ({
        subscribe: (listener) => {
          tell = listener;
          connection.subscribe(listener);
        },
        queue: async (request) => {
          const items = await connection.queue(request);
          if (isCut) tell({ kind: "closed", reason: "unreachable" });
          isCut = false;
          return items;
        },
      })),
    });
    bob.disk.kill();
    await alice.client.room(room).remove(user("bob"));
    await settle(alice);
    await alice.client.room(room).add(user("bob"));
    await settle(alice);
    isCut = true;
    const again = await reborn(bob);
    await settle(again);
    expect(isCut).toBe(false);
    expect(kinds(again)).not.toContain("welcome-failed");
    again.client.connect();
    await settle(alice, again);
    expect(again.client.room(room).status).toBe("member");
    expect(kinds(again)).toEqual(["left", "joined"]);
  });
});

describe("a service", () => {
  it("that leaves an item out is told of, and the room goes on", async () => {
    const service = delivery();
    let isLeavingOut = false;
    const [alice, bob, room] = await pair(service, {
      delivery: changed(service, (connection) => ({
        fetch: async (request) => {
          const page = await connection.fetch(request);
          return isLeavingOut ? { ...page, items: page.items.slice(1) } : page;
        },
      })),
    });
    isLeavingOut = true;
    const offline = await reborn(bob, false);
    await alice.client.room(room).send(plain("one"));
    await alice.client.room(room).send(plain("two"));
    await settle(alice);
    offline.client.connect();
    await settle(offline);
    expect(offline.events).toMatchObject([
      { kind: "withheld", room, from: 2n, through: 2n },
      { kind: "message" },
      { kind: "log-differs", room, by: alice.client.device, item: 3n },
    ]);
    expect(await words(offline, room)).toEqual(["two"]);
  });

  it("that leaves a commit out makes the device join anew", async () => {
    const service = delivery();
    let isLeavingOut = false;
    const [alice, bob, room] = await pair(service, {
      delivery: changed(service, (connection) => ({
        fetch: async (request) => {
          const page = await connection.fetch(request);
          return isLeavingOut ? { ...page, items: page.items.filter(({ number }) => number !== 2n) } : page;
        },
      })),
    });
    isLeavingOut = true;
    await alice.client.room(room).renew();
    await alice.client.room(room).send(plain("one"));
    await settle(alice, bob);
    expect(kinds(bob)).toEqual(["joined", "withheld", "unreadable", "rejoined"]);
    await alice.client.room(room).send(plain("two"));
    await settle(alice, bob);
    expect(await words(bob, room)).toEqual(["two"]);
  });

  it("that refuses what every device may ask stops nothing else", async () => {
    const service = delivery();
    let isRefusing = false;
    const refuse = (): Promise<never> => Promise.reject(new DeliveryError("invalid"));
    const [alice, bob, room] = await pair(service, {
      delivery: changed(service, (connection) => ({
        keyPackageCount: (request) => (isRefusing ? refuse() : connection.keyPackageCount(request)),
        groupInfo: refuse,
        acknowledge: (request) => (isRefusing ? refuse() : connection.acknowledge(request)),
      })),
    });
    isRefusing = true;
    await alice.client.room(room).send(plain("one"));
    await settle(alice, bob);
    expect(bob.client.failure).toBe(undefined);
    expect(await words(bob, room)).toEqual(["one"]);
  });

  it("whose answers are lost has no more key packages than it should, and the store none that it has not", async () => {
    let lost = 2;
    let now = 1_800_000_000_000;
    const service = delivery({ clock: () => now });
    const bob = await person(service, "bob", "phone", {
      keyPackages: { full: 4, low: 2 },
      delivery: changed(service, (connection) => ({
        publishKeyPackages: async (upload) => {
          await connection.publishKeyPackages(upload);
          if (lost-- > 0) throw new DeliveryError("unreachable");
        },
      })),
      clock: () => now,
    });
    for (let i = 0; i < 4; i++) {
      await settle(bob);
      now += 100_000;
      bob.client.tick();
    }
    await settle(bob);
    const stored = [...bob.disk.contents.keys()].filter((key) => key.startsWith("key-package/"));
    expect(stored).toHaveLength(5); // the last resort is one of them
    expect([...bob.disk.contents.keys()].filter((key) => key.startsWith("unpublished/"))).toEqual([]);
    // Their time is over: they go, and others come.
    now += 100 * 24 * 60 * 60 * 1000;
    bob.client.tick();
    await settle(bob);
    const others = [...bob.disk.contents.keys()].filter((key) => key.startsWith("key-package/"));
    expect(others.filter((key) => stored.includes(key))).toEqual([]);
  });

  it("that replaces the connection by a request that came twice is connected to again", async () => {
    const service = delivery();
    let login: Parameters<Delivery["connect"]>[0] | undefined;
    let now = 1_800_000_000_000;
    const alice = await person(service, "alice", "phone", {
      delivery: {
        connect: (given) => {
          login = given;
          return service.connect(given);
        },
      },
      clock: () => now,
    });
    await settle(alice);
    const { known, next, id } = login!.incarnation;
    expect([known, next]).toEqual([0n, 1n]);
    await service.connect({ ...login!, incarnation: { known: next, next, id } });
    await settle(alice);
    now += 60_000;
    alice.client.tick();
    await settle(alice);
    expect(alice.client.isCopied).toBe(false);
    expect(alice.client.isOnline).toBe(true);
  });
});

describe("messages that disappear", () => {
  it("go at their time without anybody opening the client again", async () => {
    let now = 1_800_000_000_000;
    const service = delivery({ clock: () => now });
    const clock = (): number => now;
    const alice = await person(service, "alice", "phone", { clock });
    const bob = await person(service, "bob", "phone", { clock });
    await settle(alice, bob);
    const { id: room } = await alice.client.createRoom({ participants: [user("bob")] });
    await alice.client.room(room).send({ ...plain("soon gone"), expires: { relative: true, time: 30 } });
    await settle(alice, bob);
    expect(await words(bob, room)).toEqual(["soon gone"]);
    now += 15 * 24 * 60 * 60 * 1000; // nobody has read it
    for (const { client } of [alice, bob]) client.tick();
    await settle(alice, bob);
    for (const each of [alice, bob]) {
      expect(await words(each, room)).toEqual([]);
      expect(kinds(each)).toContain("expired");
    }
  });

  it("go too where their author has taken them back before", async () => {
    let now = 1_800_000_000_000;
    const service = delivery({ clock: () => now });
    const alice = await person(service, "alice", "phone", { clock: () => now });
    const { id: room } = await alice.client.createRoom({});
    const { id, entry } = await alice.client.room(room).send({
      ...plain("soon gone"),
      expires: { relative: true, time: 30 },
    });
    await settle(alice);
    await alice.client.room(room).send({ replaces: id, nestedPart: { disposition: "render", cardinality: "null" } });
    await settle(alice);
    await alice.client.room(room).markRead(entry);
    now += 60_000;
    alice.client.tick();
    await settle(alice);
    expect(await alice.client.room(room).entry(entry)).toBe(undefined);
  });
});

describe("events", () => {
  it("never have a number that was another's, also when the client is opened again", async () => {
    const [alice, bob, room] = await pair();
    await alice.client.room(room).send(plain("one"));
    await settle(alice, bob);
    const last = bob.events.at(-1)!.number;
    const again = await reborn(bob);
    await alice.client.room(room).send(plain("two"));
    await settle(alice, again);
    expect(again.events.map(({ number }) => number > last)).toEqual([true]);
  });
});

describe("a listener that throws", () => {
  it("is told again after a while, longer each time, and loses nothing", async () => {
    let now = 1_800_000_000_000;
    const [alice, bob, room] = await pair(delivery({ clock: () => now }), { clock: () => now });
    const errors: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => errors.push(error));
    const told: string[] = [];
    let refusals = 2;
    bob.client.listen((event) => {
      told.push(event.kind);
      if (refusals-- > 0) throw new RangeError("the application's");
    });
    await alice.client.room(room).send(plain("one"));
    await settle(alice, bob);
    expect(told).toEqual(["message"]);
    for (let i = 0; i < 3; i++) {
      now += 2_000;
      bob.client.tick();
      await settle(bob);
    }
    process.removeAllListeners("uncaughtException");
    for (const each of before) process.on("uncaughtException", each);
    expect(told).toEqual(["message", "message", "message"]);
    expect(errors).toHaveLength(2);
  });
});

describe("the timeline", () => {
  it("is the same for who took a message back and who reacted before hearing of it", async () => {
    const [alice, bob, room] = await pair();
    const { id, entry } = await alice.client.room(room).send(plain("one"));
    await settle(alice, bob);
    const offline = await reborn(alice, false);
    await offline.client.room(room).send({ replaces: id, nestedPart: { disposition: "render", cardinality: "null" } });
    const reaction = { ...plain("👍").nestedPart, disposition: "reaction" } as const;
    await bob.client.room(room).send({ inReplyTo: id, nestedPart: reaction });
    await settle(bob);
    offline.client.connect();
    await settle(offline, bob);
    expect((await offline.client.room(room).entry(entry))?.reactions).toEqual([]);
    expect((await bob.client.room(room).timeline())[0]?.reactions).toEqual([]);
  });
});
