/**
 * What a client keeps for a moment before it is written is read as if it were, comes to the disk in its order and with what is
 * written next, and nothing is told of it before.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { Client } from "../../../src/client/client.ts";
import { eventKey } from "../../../src/client/store/keys.ts";
import { WriteBehind } from "../../../src/client/store/write-behind.ts";
import { StoreError } from "../../../src/storage/errors.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import type { BatchOptions, Store, StoreChange, StoreEntry } from "../../../src/storage/store.ts";
import { Chance } from "../../../src/testing/simulation/chance.ts";
import { delivery, person, plain, settle, user } from "../world.ts";

const one = ["one"] as const;
const two = ["two"] as const;
const put = (key: readonly [string], text: string): StoreChange => ({ put: key, value: utf8(text) });

/** A store, and the batches that it was given. */
function recorded(store: Store = memoryStore()): {
  readonly store: Store;
  readonly batches: [readonly StoreChange[], BatchOptions | undefined][];
} {
  const batches: [readonly StoreChange[], BatchOptions | undefined][] = [];
  return {
    batches,
    store: {
      ...store,
      batch: (changes, options) => {
        batches.push([changes, options]);
        return store.batch(changes, options);
      },
    },
  };
}

describe("a client's store", () => {
  it("reads as one that writes at once, whatever is kept, flushed and read in between", async () => {
    const chance = new Chance(9420);
    const keys = Array.from({ length: 12 }, (_, i) => ["entry", i % 3 === 0 ? "a/b" : "a", BigInt(i)] as const);
    const [behind, plainly] = [new WriteBehind(memoryStore()), memoryStore()];
    const all = async (store: Store): Promise<readonly StoreEntry[]> => {
      const entries: StoreEntry[] = [];
      for await (const entry of store.range({ prefix: ["entry", "a"], from: 0n })) entries.push(entry);
      return entries;
    };
    for (let i = 0; i < 600; i++) {
      const changes = keys
        .filter(() => chance.happens(0.3))
        .map((key): StoreChange => (chance.happens(0.3) ? { delete: key } : { put: key, value: utf8(String(i)) }));
      await plainly.batch(changes);
      const isKept = chance.happens(0.8);
      await (isKept ? behind.keep(changes) : behind.batch(changes, { flush: chance.happens(0.5) }));
      if (isKept) for (const change of changes) if ("put" in change) change.value.fill(0); // it has a copy
      expect(await behind.getMany(keys)).toEqual(await plainly.getMany(keys));
      if (chance.happens(0.1)) expect(await all(behind)).toEqual(await all(plainly));
    }
  });
});

describe("what is kept", () => {
  it("is read before it is written, and written in one batch with what comes next", async () => {
    const { store, batches } = recorded();
    const behind = new WriteBehind(store);
    await behind.keep([put(one, "1"), put(two, "2")]);
    await behind.keep([put(one, "3"), { delete: two }]);
    expect(await behind.getMany([one, two])).toEqual([utf8("3"), undefined]);
    expect(batches).toEqual([]);
    await behind.batch([put(["three"], "4")], { flush: true });
    expect(batches).toEqual([[[put(one, "3"), { delete: two }, put(["three"], "4")], { flush: true }]]);
  });

  it("is written before a range is read, before a flush, and before the end", async () => {
    for (const ask of [
      async (behind: WriteBehind) => {
        for await (const { key } of behind.range({ prefix: [] })) expect(key).toEqual(one);
      },
      (behind: WriteBehind) => behind.flush(),
      (behind: WriteBehind) => behind.close(),
      (behind: WriteBehind) => behind.write(),
    ]) {
      const { store, batches } = recorded();
      const behind = new WriteBehind(store);
      await behind.keep([put(one, "1")]);
      await ask(behind);
      expect(batches).toHaveLength(1);
    }
  });

  it("is bounded in batches and in bytes", async () => {
    const { store, batches } = recorded();
    const behind = new WriteBehind(store);
    for (let i = 0; i < 300; i++) await behind.keep([put(one, String(i))]);
    expect(batches).toHaveLength(2);
    await behind.write();
    for (let i = 0; i < 5; i++) await behind.keep([{ put: one, value: new Uint8Array(200_000) }]);
    expect(batches).toHaveLength(5);
  });

  it("stays where the store takes nothing, and then is older than what was kept since", async () => {
    const inner = memoryStore();
    let isFull = true;
    const behind = new WriteBehind({
      ...inner,
      batch: (changes, options) =>
        isFull ? Promise.reject(new StoreError("store-not-written")) : inner.batch(changes, options),
    });
    const told: string[] = [];
    await behind.keep([put(one, "1"), put(two, "2")]);
    behind.whenWritten(() => told.push("first"));
    const writing = behind.batch([put(["three"], "never")]);
    await behind.keep([put(one, "3")]);
    behind.whenWritten(() => told.push("second"));
    await expect(writing).rejects.toThrow(StoreError);
    expect(told).toEqual([]);
    expect(await behind.getMany([one, two, ["three"]])).toEqual([utf8("3"), utf8("2"), undefined]);
    isFull = false;
    await behind.write();
    expect(told).toEqual(["first", "second"]);
    expect(await inner.getMany([one, two, ["three"]])).toEqual([utf8("3"), utf8("2"), undefined]);
  });

  it("is told when it is written, what was kept meanwhile with the next", async () => {
    const inner = memoryStore();
    const gates: (() => void)[] = [];
    const behind = new WriteBehind({
      ...inner,
      batch: async (...given) => {
        await new Promise<void>((go) => gates.push(go));
        await inner.batch(...given);
      },
    });
    const told: string[] = [];
    behind.whenWritten(() => told.push("nothing kept"));
    await behind.keep([put(one, "1")]);
    behind.whenWritten(() => told.push("1"));
    const first = behind.write();
    while (gates.length === 0) await Promise.resolve();
    await behind.keep([put(one, "2")]);
    behind.whenWritten(() => told.push("2"));
    const second = behind.batch([put(two, "own")]);
    gates.shift()!();
    await first;
    expect(told).toEqual(["nothing kept", "1"]);
    expect(await behind.get(one)).toEqual(utf8("2"));
    while (gates.length === 0) await Promise.resolve();
    gates.shift()!();
    await second;
    expect(told).toEqual(["nothing kept", "1", "2"]);
    expect(await inner.getMany([one, two])).toEqual([utf8("2"), utf8("own")]);
  });
});

describe("a client", () => {
  it("tells nothing of a message that is not in its store, and writes those of a page together", async () => {
    const service = delivery();
    const [alice, bob] = [await person(service, "alice", "phone"), await person(service, "bob", "phone")];
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await bob.client.close();
    for (let i = 0; i < 40; i++) await alice.client.room(id).send(plain(String(i)));
    await settle(alice);
    const { store, batches } = recorded(memoryStore({ disk: bob.disk }));
    const client = await Client.open({ ...bob.options, store });
    const told: string[] = [];
    client.listen(async ({ kind, number }) => {
      if (kind !== "message") return;
      told.push((await store.get(eventKey(number))) === undefined ? "before it was stored" : "stored");
    });
    await settle({ ...bob, client });
    expect(told).toEqual(Array.from({ length: 40 }, () => "stored"));
    const withMessages = batches.filter(([changes]) =>
      changes.some((each) => "put" in each && each.put[0] === "timeline"),
    );
    expect(withMessages).toHaveLength(1);
    expect(withMessages[0]![0].filter((each) => "put" in each && each.put[0] === "timeline")).toHaveLength(40);
    await client.close();
  });
});
