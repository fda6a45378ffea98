/** What a store that encrypts another lets its disk see, and what it makes of a disk that was changed. */

import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { encrypted } from "../../src/storage/encrypted.ts";
import { memoryStore, MemoryDisk } from "../../src/storage/memory.ts";
import type { Store, StoreEntry, StoreRange } from "../../src/storage/store.ts";
import { refusal } from "./refusal.ts";

const key = new Uint8Array(32).fill(1);

async function entries(store: Store, range: StoreRange): Promise<readonly StoreEntry[]> {
  const found: StoreEntry[] = [];
  for await (const entry of store.range(range)) found.push(entry);
  return found;
}

async function filled(): Promise<{ readonly disk: MemoryDisk; readonly store: Store }> {
  const disk = new MemoryDisk();
  const store = await encrypted(memoryStore({ disk }), key);
  await store.batch([
    { put: ["timeline", "hiking", 7n], value: utf8("see you at nine") },
    { put: ["timeline", "hiking", 8n], value: utf8("see you at nine") },
    { put: ["hiking", "timeline"], value: utf8("x") },
  ]);
  return { disk, store };
}

/** What stands under keys that the disk shows. */
async function raw(disk: MemoryDisk, work: (store: Store) => Promise<unknown>): Promise<void> {
  disk.kill();
  const store = memoryStore({ disk });
  await work(store);
  await store.close();
}

describe("an encrypted store", () => {
  it("shows no text of a key and nothing of a value", async () => {
    const { disk } = await filled();
    const all = [...disk.contents].map(([name, value]) => `${name} ${hex(value)}`).join("\n");
    for (const word of ["timeline", "hiking"]) {
      expect(all).not.toContain(word);
      expect(all).not.toContain(hex(utf8(word)));
    }
    expect(all).not.toContain(hex(utf8("see you")));
    expect(new Set([...disk.contents.values()].map(hex)).size).toBe(disk.contents.size);
  });

  it("hides the same word behind another name where another word stands before it", async () => {
    const { disk } = await filled();
    const names = [...disk.contents.keys()].filter((name) => !name.startsWith("copse")).map((name) => name.split("/"));
    const words = new Set(names.flatMap((parts) => parts.filter((part) => /^[0-9a-f]{32}$/.test(part))));
    expect(words.size).toBe(4); // timeline, hiking in it; hiking, timeline in it
    expect(names.filter((parts) => parts.includes("#0000000000000007"))).toHaveLength(1);
  });

  it("is not opened under another key, nor over what was never encrypted", async () => {
    const { disk } = await filled();
    disk.kill();
    const other = new Uint8Array(32).fill(2);
    expect(await refusal(() => encrypted(memoryStore({ disk }), other))).toBe("store-key");
    const plain = memoryStore();
    await plain.batch([{ put: ["a"], value: utf8("b") }]);
    expect(await refusal(() => encrypted(plain, key))).toBe("store-damaged");
    expect(await refusal(() => plain.get(["a"]))).toBe("store-closed"); // or nobody could open it again
    for (const bad of [new Uint8Array(31), new Uint8Array(33), "key"]) {
      await expect(encrypted(memoryStore(), bad as Uint8Array)).rejects.toThrow(TypeError);
    }
  });

  it("finds a value that was changed, cut, or put in another's place", async () => {
    for (const change of [
      (value: Uint8Array) => value.map((byte, i) => (i === value.length - 1 ? byte ^ 1 : byte)),
      (value: Uint8Array) => value.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
      (value: Uint8Array) => value.subarray(0, 10),
      () => new Uint8Array(0),
    ]) {
      const { disk } = await filled();
      await raw(disk, async (store) => {
        for (const { key: at, value } of await entries(store, { prefix: [] })) {
          if (at.at(-1) === 7n) await store.batch([{ put: at, value: change(value) }]);
        }
      });
      const again = await encrypted(memoryStore({ disk }), key);
      expect(await refusal(() => again.get(["timeline", "hiking", 7n]))).toBe("store-damaged");
      expect(await refusal(() => entries(again, { prefix: ["timeline"] }))).toBe("store-damaged");
      expect(await again.get(["timeline", "hiking", 8n])).toEqual(utf8("see you at nine"));
    }
    const { disk } = await filled();
    await raw(disk, async (store) => {
      const found = await entries(store, { prefix: [] });
      const [seven, eight] = [7n, 8n].map((end) => found.find(({ key: at }) => at.at(-1) === end)!);
      await store.batch([{ put: seven!.key, value: eight!.value }]);
    });
    const again = await encrypted(memoryStore({ disk }), key);
    expect(await refusal(() => again.get(["timeline", "hiking", 7n]))).toBe("store-damaged");
  });

  it("takes nothing from a range that was not asked for, or comes in another order", async () => {
    let given: (asked: AsyncIterable<StoreEntry>, all: AsyncIterable<StoreEntry>) => AsyncIterable<StoreEntry> = (
      asked,
    ) => asked;
    const disk = memoryStore();
    let last: StoreRange = { prefix: [] };
    const store = await encrypted(
      { ...disk, range: (range) => given(disk.range((last = range)), disk.range({ prefix: [] })) },
      key,
    );
    const numbers = [1n, 2n, 3n, 4n];
    await store.batch([
      ...numbers.map((number) => ({ put: ["timeline", "hiking", number] as const, value: utf8("x") })),
      { put: ["timeline", "cycling", 2n], value: utf8("x") },
      { put: ["blocked", "mallory"], value: utf8("x") },
    ]);
    const prefix = ["timeline", "hiking"];
    const ranges: readonly StoreRange[] = [
      { prefix },
      { prefix, from: 2n },
      { prefix, below: 3n },
      { prefix, from: 2n, below: 4n, reverse: true },
      { prefix: ["timeline"] },
      { prefix: ["blocked"] },
    ];
    for (const range of ranges) expect((await entries(store, range)).length).toBeGreaterThan(0);
    expect(await entries(store, { prefix: [] })).toHaveLength(6);
    given = (_, all) => all;
    for (const range of ranges) expect(await refusal(() => entries(store, range))).toBe("store-damaged");
    given = () => disk.range({ prefix: last.prefix });
    for (const range of ranges.slice(1, 4)) expect(await refusal(() => entries(store, range))).toBe("store-damaged");
    const altered = async function* (
      asked: AsyncIterable<StoreEntry>,
      alter: (all: readonly StoreEntry[]) => readonly StoreEntry[],
    ): AsyncGenerator<StoreEntry> {
      const all: StoreEntry[] = [];
      for await (const entry of asked) all.push(entry);
      yield* alter(all);
    };
    for (const alter of [
      (all: readonly StoreEntry[]) => all.toReversed(),
      (all: readonly StoreEntry[]) => [all[0]!, ...all],
    ]) {
      given = (asked) => altered(asked, alter);
      for (const range of ranges.slice(0, 4)) expect(await refusal(() => entries(store, range))).toBe("store-damaged");
    }
    given = (asked) => asked;
    expect(await entries(store, { prefix, reverse: true })).toHaveLength(4);
  });

  it("takes its nonces from the random source, a new one for each value", async () => {
    const asked: number[] = [];
    const random = (length: number): Uint8Array => {
      asked.push(length);
      return new Uint8Array(length).fill(asked.length);
    };
    const disk = new MemoryDisk();
    const store = await encrypted(memoryStore({ disk }), key, { random });
    await store.batch([
      { put: ["a"], value: utf8("1") },
      { put: ["b"], value: utf8("1") },
    ]);
    expect(asked).toEqual([16, 24, 24, 24]);
    expect([...disk.contents.values()].map((value) => value[0]).sort()).toEqual([1, 3, 4]);
  });

  it("can't be used with its key after it was closed", async () => {
    const { store, disk } = await filled();
    await store.close();
    expect(await refusal(() => store.get(["a"]))).toBe("store-closed");
    const again = await encrypted(memoryStore({ disk }), key);
    expect(await again.get(["hiking", "timeline"])).toEqual(utf8("x"));
  });
});
