/**
 * A service that shows two commits of one epoch to different members: they find out by another room, and a person chooses the branch.
 */

import { describe, expect, it } from "vitest";
import type { ClientRoom } from "../../../src/client/room/room.ts";
import { isKnown } from "./statements.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { ForkingService } from "../../../src/testing/simulation/forking.ts";
import { delivery, person, plain, reborn, settle, user, words, type Person } from "../world.ts";

interface Forked {
  readonly hub: ForkingService;
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;
  /** All three are in it, and it is forked: bob and carol see another branch than alice. */
  readonly room: string;
  /** Of alice and bob. */
  readonly pair: string;
  readonly wait: (minutes: number) => Promise<void>;
}

async function forked(): Promise<Forked> {
  const time = { now: 1_800_000_000_000 };
  const clock = (): number => time.now;
  const [first, second] = [
    delivery({ rooms: roomAppData(), clock }),
    delivery({ rooms: roomAppData(), clock }),
  ] as const;
  const hub = new ForkingService([first, second], (device) => !device.includes("alice"));
  const open = (name: string): Promise<Person> => person(first, name, "phone", { clock, delivery: hub.delivery });
  const [alice, bob, carol] = [await open("alice"), await open("bob"), await open("carol")];
  const all = [alice, bob, carol];
  await settle(...all);
  const { id: room } = await alice.client.createRoom({ participants: [user("bob"), user("carol")] });
  await settle(...all);
  const { id: pair } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(...all);
  hub.fork(room);
  await alice.client.room(room).renew();
  await bob.client.room(room).renew();
  await settle(...all);
  await alice.client.room(room).send(plain("in the first"));
  await bob.client.room(room).send(plain("in the second"));
  await settle(...all);
  const wait = async (minutes: number): Promise<void> => {
    for (let i = 0; i < minutes; i++) {
      time.now += 60_000;
      for (const { client } of all) client.tick();
      await settle(...all);
    }
  };
  return { hub, alice, bob, carol, room, pair, wait };
}

function epochOf({ client }: Person, room: string): ReturnType<ClientRoom["epoch"]> {
  return client.room(room).epoch();
}

function forksTold({ events }: Person): unknown[] {
  return events.filter(({ kind }) => kind === "fork");
}

describe("a fork", () => {
  it("is told to both who are in another room together, with what both have signed, and to nobody by the software's choice", async () => {
    const { alice, bob, carol, room, pair, wait } = await forked();
    expect(await words(alice, room)).toEqual(["in the first"]);
    expect(await words(bob, room)).toEqual(["in the second"]);
    expect(forksTold(alice)).toEqual([]);
    await wait(25);
    const [ofAlice] = await alice.client.room(room).forks();
    const [ofBob] = await bob.client.room(room).forks();
    expect(ofAlice).toMatchObject({ device: bob.client.device, epoch: 2n });
    expect(ofBob).toMatchObject({ device: alice.client.device, epoch: 2n });
    expect(ofAlice?.known).toEqual(ofBob?.other);
    expect(ofAlice?.other).toEqual(ofBob?.known);
    expect(await isKnown(ofAlice!.known, alice)).toBe(true);
    expect(await isKnown(ofAlice!.other, bob)).toBe(true);
    expect(forksTold(alice)).toHaveLength(1);
    expect(forksTold(bob)).toHaveLength(1);
    expect(forksTold(carol)).toEqual([]); // there is no room in which anybody could tell her
    // What she and alice can compare by themselves.
    const [a, b, c] = [await epochOf(alice, room), await epochOf(bob, room), await epochOf(carol, room)];
    expect(a.epoch).toBe(c.epoch);
    expect(a.authenticator).not.toEqual(c.authenticator);
    expect(b).toEqual(c);
    // Nobody reads any of it, and the other room is well.
    expect(await words(alice, pair)).toEqual([]);
    await wait(90);
    expect(forksTold(alice)).toHaveLength(1);
    expect(await alice.client.room(pair).waiting()).toEqual([]);
  });

  it("is healed by joining the branch that a person chooses, with what waited", async () => {
    const { hub, alice, bob, carol, room, wait } = await forked();
    await wait(25);
    await expect(alice.client.room(room).chooseBranch("other")).rejects.toMatchObject({ code: "impossible" });
    expect(await alice.client.room(room).forks()).toHaveLength(1);
    await alice.client.room(room).renew();
    await settle(alice, bob, carol);
    hub.end(room, "second");
    await alice.client.room(room).send(plain("unsent"));
    await settle(alice, bob, carol);
    expect(await alice.client.room(room).waiting()).toHaveLength(1);
    await alice.client.room(room).chooseBranch("other");
    await settle(alice, bob, carol);
    await wait(2);
    expect(await alice.client.room(room).forks()).toEqual([]);
    expect(await words(bob, room)).toEqual(["in the second", "unsent"]);
    expect(await words(carol, room)).toEqual(["in the second", "unsent"]);
    await bob.client.room(room).chooseBranch("own");
    expect(await bob.client.room(room).forks()).toEqual([]);
    await bob.client.room(room).send(plain("welcome"));
    await settle(alice, bob, carol);
    expect((await words(alice, room)).at(-1)).toBe("welcome");
    await wait(90);
    expect(forksTold(alice)).toHaveLength(1);
  });

  it("is not decided by the software where the service goes on with the other branch", async () => {
    const { hub, alice, bob, carol, room, wait } = await forked();
    await wait(25);
    hub.end(room, "second");
    await bob.client.room(room).renew();
    await settle(alice, bob, carol);
    await carol.client.room(room).renew();
    await bob.client.room(room).send(plain("later"));
    await wait(3);
    await alice.client.room(room).send(plain("unsent"));
    await wait(3);
    expect(alice.events.map(({ kind }) => kind)).not.toContain("rejoined");
    await expect(alice.client.room(room).chooseBranch("own")).rejects.toMatchObject({ code: "impossible" });
    expect(await alice.client.room(room).forks()).toHaveLength(1);
    await alice.client.room(room).chooseBranch("other");
    await wait(2);
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "rejoined", room }));
    expect((await words(carol, room)).at(-1)).toBe("unsent");
  });

  it("is remembered when the process dies, and nothing is told of rooms that are well", async () => {
    const { alice, bob, carol, room, wait } = await forked();
    await wait(25);
    const again = await reborn(alice);
    await settle(again, bob, carol);
    expect(await again.client.room(room).forks()).toHaveLength(1);
    await expect(bob.client.room(room).chooseBranch("both" as "own")).rejects.toThrow(TypeError);
    await expect(carol.client.room(room).chooseBranch("own")).rejects.toMatchObject({ code: "room-unknown" });
  });
});

describe("rooms that are well", () => {
  it("are spoken of in others, and nobody is told of anything", async () => {
    const time = { now: 1_800_000_000_000 };
    const clock = (): number => time.now;
    const hub = delivery({ rooms: roomAppData(), clock });
    const [alice, bob] = [await person(hub, "alice", "phone", { clock }), await person(hub, "bob", "phone", { clock })];
    await settle(alice, bob);
    const rooms: string[] = [];
    for (const name of ["one", "two"]) {
      rooms.push((await alice.client.createRoom({ participants: [user("bob")], name })).id);
      await settle(alice, bob);
    }
    for (let i = 0; i < 150; i++) {
      if (i % 20 === 0) await alice.client.room(rooms[0]!).renew();
      time.now += 60_000;
      for (const { client } of [alice, bob]) client.tick();
      await settle(alice, bob);
    }
    for (const { events } of [alice, bob]) {
      const kinds = new Set(events.map(({ kind }) => kind));
      expect([...kinds].filter((kind) => ["fork", "log-differs", "unreadable", "message"].includes(kind))).toEqual([]);
    }
    const kept = [...alice.disk.contents.keys(), ...bob.disk.contents.keys()].filter((key) =>
      /^(heard|fork)\//.test(key),
    );
    expect(kept).toEqual([]);
  });
});
