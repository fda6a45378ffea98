/**
 * When a message is sealed: as soon as it is asked for, in the batch that stores it, where nothing speaks against it; else in its turn.
 */

import { beforeEach, describe, expect, it } from "vitest";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { memoryStore, MemoryDisk } from "../../../src/storage/memory.ts";
import { StoreError } from "../../../src/storage/errors.ts";
import type { Store } from "../../../src/storage/store.ts";
import { between } from "../people/world.ts";
import { time, type Time } from "../people/time.ts";
import { delivery, person, plain, settle, user, words, type Person } from "../world.ts";

/** What happened, in order: batches as the kinds of keys that they put, and what was published. */
let log: string[];
/** What the store says of messages that it does not take. */
let failure: StoreError | undefined;
let isBusy: boolean;
let isAway: boolean;
let alice: Person;
let bob: Person;
let carol: Person;
let room: string;
let pass: Time["pass"];
let clock: Time["clock"];

/** A store that tells of its batches. */
function told(store: Store): Store {
  return {
    ...store,
    batch: (changes, options) => {
      const puts = changes.flatMap((change) => ("put" in change ? [change.put[0]] : []));
      const kinds = [...new Set(puts)].filter((kind) => ["intent", "record", "timeline"].includes(kind)).sort();
      if (kinds.length > 0) log.push(`${options?.flush === true ? "flushed " : ""}${kinds.join(" ")}`);
      if (failure !== undefined && puts.includes("timeline")) return Promise.reject(failure);
      return store.batch(changes, options);
    },
  };
}

beforeEach(async () => {
  log = [];
  failure = undefined;
  isBusy = false;
  isAway = false;
  const there = time();
  const hub = delivery({ clock: there.clock });
  const reached = between(hub, (connection) => ({
    changed: (rooms) => (isAway ? Promise.reject(new DeliveryError("unreachable")) : connection.changed(rooms)),
    publish: (publication) => {
      log.push(publication.commit === undefined ? "publish" : "publish commit");
      if (publication.commit === undefined || !isBusy) return connection.publish(publication);
      return Promise.resolve({ kind: "refused", reason: "rate", retryAfter: 60_000 } as const);
    },
  }));
  const logged: Delivery = {
    connect: (login) => (isAway ? Promise.reject(new DeliveryError("unreachable")) : reached.connect(login)),
  };
  ({ clock, pass } = there);
  alice = await person(hub, "alice", "phone", {
    clock,
    delivery: logged,
    store: told(memoryStore({ disk: new MemoryDisk() })),
  });
  bob = await person(hub, "bob", "phone", { clock, delivery: logged });
  carol = await person(hub, "carol", "phone", { clock });
  await settle(alice, bob, carol);
  room = (await alice.client.createRoom({ participants: [user("bob"), user("carol")] })).id;
  await settle(alice, bob, carol);
  await alice.client.room(room).send(plain("first"));
  await settle(alice, bob, carol);
  log = [];
});

/** What happened until the first message was published. */
const untilPublished = (): string[] => log.slice(0, log.indexOf("publish") + 1);

describe("a message", () => {
  it("is stored and sealed in one flushed batch where it is the next thing to send", async () => {
    await alice.client.room(room).send(plain("second"));
    expect(log.slice(0, 1)).toEqual(["flushed intent record timeline"]);
    await settle(alice, bob, carol);
    expect(untilPublished()).toEqual(["flushed intent record timeline", "publish"]);
    expect(await words(bob, room)).toEqual(["first", "second"]);
  });

  it("is sealed in its turn where others wait before it", async () => {
    const { client } = alice;
    await Promise.all(["second", "third"].map((text) => client.room(room).send(plain(text))));
    expect(log.filter((what) => what.includes("timeline")).slice(0, 2)).toEqual([
      "flushed intent record timeline",
      "flushed intent timeline",
    ]);
    await settle(alice, bob, carol);
    expect(await words(bob, room)).toEqual(["first", "second", "third"]);
  });

  it("is sealed in its turn where there is no service", async () => {
    isAway = true;
    alice.client.refresh();
    await settle(alice);
    await alice.client.room(room).send(plain("second"));
    expect(log).toEqual(["flushed intent timeline"]);
    isAway = false;
    await pass(120_000, alice, bob);
    await settle(alice, bob, carol);
    expect(await words(bob, room)).toEqual(["first", "second"]);
  });

  it("is sealed behind a commit that waits, also where that is for nothing that was asked for here", async () => {
    isBusy = true;
    await carol.client.room(room).leave();
    await settle(alice, bob, carol);
    expect(await alice.client.room(room).waiting()).toEqual([]);
    log = [];
    await alice.client.room(room).send(plain("second"));
    expect(log.at(0)).toBe("flushed intent timeline");
    isBusy = false;
    await pass(120_000, alice, bob, carol);
    expect(await words(bob, room)).toEqual(["first", "second"]);
    expect(log.indexOf("publish commit")).toBeLessThan(log.indexOf("publish"));
  });

  it("that is over before it can be sent is not sealed at all", async () => {
    const expires = { relative: false, time: Math.floor(clock() / 1000) - 1 } as const;
    await alice.client.room(room).send({ ...plain("too late"), expires });
    expect(log.at(0)).toBe("flushed intent timeline");
    await settle(alice, bob, carol);
    expect(log).not.toContain("publish");
    expect(alice.events.filter(({ kind }) => kind === "failed")).toHaveLength(1);
  });

  it("that the store does not take was never said, whichever way it goes, and the next one is", async () => {
    for (const isOnline of [true, false]) {
      isAway = !isOnline;
      alice.client.refresh();
      await settle(alice);
      failure = new StoreError("store-not-written");
      log = [];
      await expect(alice.client.room(room).send(plain("lost"))).rejects.toBe(failure);
      expect(log).toEqual([isOnline ? "flushed intent record timeline" : "flushed intent timeline"]);
      failure = undefined;
      await alice.client.room(room).send(plain("kept"));
    }
    isAway = false;
    await pass(120_000, alice, bob, carol);
    expect(await words(alice, room)).toEqual(["first", "kept", "kept"]);
    expect(await words(bob, room)).toEqual(["first", "kept", "kept"]);
  });
});
