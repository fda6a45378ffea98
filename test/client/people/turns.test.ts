/**
 * What a user decides about others, what others ask just then, and what the service is told: in whatever order the steps of the store
 * come, it is as if one had come after the other.
 */

import { describe, expect, it } from "vitest";
import { Blocking } from "../../../src/client/account/blocking.ts";
import type { Heard } from "../../../src/client/device-queue.ts";
import { EventLog } from "../../../src/client/event-log.ts";
import { hearing } from "../../../src/client/hearing.ts";
import { People } from "../../../src/client/people/people.ts";
import type { Surroundings } from "../../../src/client/surroundings.ts";
import { WriteBehind } from "../../../src/client/store/write-behind.ts";
import type { Connection } from "../../../src/delivery/delivery.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import type { Store } from "../../../src/storage/store.ts";
import { user } from "../world.ts";

const bob = user("bob");

async function ticks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

/** A store whose answers take so many ticks. */
function slow(store: Store, wait: { readonly reads: number; readonly writes: number }): Store {
  return {
    get: async (key) => {
      const value = await store.get(key);
      await ticks(wait.reads);
      return value;
    },
    getMany: (keys) => store.getMany(keys),
    async *range(range) {
      const entries = [];
      for await (const entry of store.range(range)) entries.push(entry);
      await ticks(wait.reads);
      yield* entries;
    },
    batch: async (changes, options) => {
      await store.batch(changes, options);
      await ticks(wait.writes);
    },
    flush: () => store.flush(),
    close: () => store.close(),
  };
}

/** A client's part that decides about others, and what it does in a test. */
async function deciding(
  wait: { readonly reads: number; readonly writes: number },
  areContacts?: (on: Blocking) => Promise<boolean>,
): Promise<{
  readonly people: People;
  readonly blocking: Blocking;
  readonly say: (operation: "request" | "cancel" | "grant") => Promise<void>;
  readonly tell: () => Promise<void>;
  readonly stored: () => Promise<unknown>;
}> {
  const memory = memoryStore();
  const store = new WriteBehind(slow(memory, wait));
  const blocking = await Blocking.open(store);
  const around = {
    ...{ store, user: user("alice"), clock: () => 1 },
    random: (length: number) => new Uint8Array(length),
    events: await EventLog.open(store),
  } as unknown as Surroundings;
  const people: People = new People({
    ...{ around, blocking, selfRoom: undefined, rooms: new Map() },
    consentPolicy: areContacts === undefined ? "opt-in" : { areContacts: () => areContacts(blocking) },
    chores: { ask: () => undefined },
    add: () => {
      throw new Error("no room is met here");
    },
    shared: () => Promise.reject(new Error("nothing is shared here")),
  });
  const { heard } = hearing({
    ...{ rooms: new Map(), blocking, devices: { take: () => Promise.resolve(undefined) } },
    people: { get: () => Promise.resolve(people) } as never,
    add: () => {
      throw new Error("no room is met here");
    },
  });
  const connection = { block: () => Promise.resolve(), consent: () => Promise.resolve() } as unknown as Connection;
  return {
    ...{ people, blocking },
    say: (operation) => {
      const item: Heard = { kind: "consent", number: 1n, at: 1, from: bob, operation };
      return heard(item, (taken) => store.batch(taken?.changes ?? []));
    },
    tell: async () => {
      await blocking.tell(connection, () => new Uint8Array(16));
      await people.consents.tell(connection);
    },
    stored: async () => {
      const entries: unknown[] = [];
      for await (const { key, value } of memory.range({ prefix: [] }))
        if (key[0] !== "event") entries.push([key.join(" "), value.join(" ")]);
      return { entries, isBlocked: blocking.isBlocked(bob), consents: await people.consents.all() };
    },
  };
}
type Deciding = Awaited<ReturnType<typeof deciding>>;

const before: Readonly<Record<string, (on: Deciding) => Promise<void>>> = {
  nothing: () => Promise.resolve(),
  "a request": ({ say }) => say("request"),
  "a grant": ({ say }) => say("grant"),
  "both, given": async ({ people, say }) => {
    await say("request");
    await say("grant");
    await people.consents.decide(bob, "grant");
  },
  "a block": ({ blocking }) => blocking.set(bob, true),
};
const decisions: Readonly<Record<string, (on: Deciding) => Promise<void>>> = {
  block: ({ blocking }) => blocking.set(bob, true),
  unblock: ({ blocking }) => blocking.set(bob, false),
  grant: ({ people }) => people.consents.decide(bob, "grant"),
  revoke: ({ people }) => people.consents.decide(bob, "revoke"),
};
const others: Readonly<Record<string, (on: Deciding) => Promise<void>>> = {
  "is asked": ({ say }) => say("request"),
  "is asked no more": ({ say }) => say("cancel"),
  "is let": ({ say }) => say("grant"),
  "tells the service": ({ tell }) => tell(),
};

const quick = { reads: 0, writes: 0 };
const waits = [quick, { reads: 8, writes: 0 }, { reads: 0, writes: 8 }, { reads: 8, writes: 8 }];

describe("what a user decides", () => {
  for (const [given, prepare] of Object.entries(before))
    for (const [decision, decide] of Object.entries(decisions))
      for (const [other, happen] of Object.entries(others))
        it(`(${decision}) while it ${other}, after ${given}, is as before it or behind it`, async () => {
          const inOrder: unknown[] = [];
          for (const order of [
            [decide, happen],
            [happen, decide],
          ]) {
            const on = await deciding(quick);
            await prepare(on);
            for (const step of order) await step(on);
            inOrder.push(await on.stored());
          }
          for (const wait of waits)
            for (let first = 0; first <= 40; first += 4) {
              const on = await deciding(wait);
              await prepare(on);
              await Promise.all([ticks(20).then(() => decide(on)), ticks(first).then(() => happen(on))]);
              expect(inOrder).toContainEqual(await on.stored());
            }
        });

  it("may be decided by the hook that is asked about it, which waits for that", async () => {
    const on = await deciding(quick, async (blocking) => {
      await blocking.set(bob, true);
      return true;
    });
    await on.say("request");
    expect(await on.people.consents.all()).toEqual([]);
    expect(on.blocking.isBlocked(bob)).toBe(true);
  });
});
