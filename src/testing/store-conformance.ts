/**
 * What every store has to do, as tests for any test runner: the stores of copse pass them, and one of your own should.
 */

import { hex } from "../bytes/text.ts";
import type { StoreKey } from "../storage/key.ts";
import type { Store, StoreChange, StoreEntry, StoreRange } from "../storage/store.ts";

/** A store, and what can be done to it from outside. What is not there is not tested. */
export interface StoreUnderTest {
  /** New and empty. */
  readonly store: Store;
  /** The store again, after it was closed. */
  readonly reopen: () => Promise<Store>;
  /** Open the store a second time while the first one is open. */
  readonly second?: () => Promise<Store>;
  /** The process dies, without closing; the store again. */
  readonly kill?: () => Promise<Store>;
  /** The power goes, and takes what was not flushed; the store again. */
  readonly powerCut?: () => Promise<Store>;
}

/** One test. It fails by throwing. */
export interface ConformanceTest {
  readonly name: string;
  /** "skipped" where the store can't be asked for it. */
  readonly run: () => Promise<"passed" | "skipped">;
}

/** The tests, each with a store of its own. */
export function storeConformance(create: () => Promise<StoreUnderTest>): readonly ConformanceTest[] {
  return Object.entries(tests).map(([name, test]) => ({
    name,
    run: async () => {
      const subject = await create();
      return (await test(subject)) === false ? "skipped" : "passed";
    },
  }));
}

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const put = (key: StoreKey, ...values: readonly number[]): StoreChange => ({ put: key, value: bytes(...values) });

/** Each gives false where the store can't be asked. */
const tests: Readonly<Record<string, (subject: StoreUnderTest) => Promise<unknown>>> = {
  "gives what was put, and nothing for what was not": async ({ store }) => {
    await store.batch([put(["a"], 1), put(["a", "b"], 2), put(["a", "b", 3n], 3), put(["empty"])]);
    same("values", await values(store, [["a"], ["a", "b"], ["a", "b", 3n], ["empty"], ["b"], ["a", "c"], ["a", 3n]]), [
      "01",
      "02",
      "03",
      "",
      undefined,
      undefined,
      undefined,
    ]);
    same("one value", await valueOf(store, ["a", "b"]), "02");
    same("no value", await store.get(["nothing"]), undefined);
  },

  "replaces and deletes, in one batch": async ({ store }) => {
    await store.batch([put(["a"], 1), put(["b"], 1), put(["c"], 1)]);
    await store.batch([put(["a"], 2), { delete: ["b"] }, { delete: ["never there"] }]);
    same("values", await values(store, [["a"], ["b"], ["c"]]), ["02", undefined, "01"]);
  },

  "keeps copies, and gives copies": async ({ store }) => {
    const value = bytes(1, 2, 3);
    const writing = store.batch([{ put: ["a"], value }]);
    value.fill(9);
    await writing;
    (await store.get(["a"]))?.fill(8);
    for await (const entry of store.range({ prefix: [] })) entry.value.fill(7);
    same("the value", await valueOf(store, ["a"]), "010203");
  },

  "tells keys apart that look alike": async ({ store }) => {
    const keys: readonly StoreKey[] = [
      ["a/b"],
      ["a", "b"],
      ["a", "", "b"],
      ["a", "/b"],
      ["#0000000000000001"],
      ["a", "#1"],
      ["a", 1n],
      ["a", "1n"],
      ["a", "1"],
      ["%2f"],
      ["a%2fb"],
      ["ä", "😀"],
      ["ä"],
      [""],
      ["", ""],
      ["\u0000", "\n"],
      [" "],
      ["!"],
      ["~"],
      ["\uffff"],
    ];
    await store.batch(keys.map((key, i) => put(key, i)));
    same(
      "values",
      await values(store, keys),
      keys.map((_, i) => hex(bytes(i))),
    );
    const found = await entries(store, { prefix: [] });
    same("keys", found.map(({ key }) => written(key)).sort(), keys.map(written).sort());
  },

  "gives a range in the order of its numbers, from both ends, with bounds and limits": async ({ store }) => {
    const numbers = [0n, 1n, 9n, 10n, 255n, 256n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 64n - 1n];
    await store.batch([...numbers].reverse().map((number) => put(["log", "room", number], 1)));
    await store.batch([
      put(["log", "room"], 0),
      put(["log", "room 2", 5n], 0),
      put(["log", "room", "5"], 0),
      put(["log2", 5n], 0),
    ]);
    const ask = async (range: Omit<StoreRange, "prefix">): Promise<readonly unknown[]> =>
      (await entries(store, { prefix: ["log", "room"], ...range })).map(({ key }) => key.at(-1));
    same("all", await ask({ from: 0n }), numbers);
    same("backwards", await ask({ from: 0n, reverse: true }), [...numbers].reverse());
    same("bounds", await ask({ from: 9n, below: 256n }), [9n, 10n, 255n]);
    same("bounds backwards", await ask({ from: 9n, below: 256n, reverse: true }), [255n, 10n, 9n]);
    same("the last", await ask({ below: 2n ** 64n - 1n, reverse: true, limit: 1 }), [2n ** 53n + 1n]);
    same("the first two", await ask({ from: 1n, limit: 2 }), [1n, 9n]);
    same("none", await ask({ from: 11n, below: 200n }), []);
    same("a limit of none", await ask({ from: 0n, limit: 0 }), []);
    for (const reverse of [false, true])
      same("under the prefix", (await entries(store, { prefix: ["log", "room"], reverse })).length, numbers.length + 2);
  },

  "gives nothing for a range that is empty, and keeps to the limit also of texts": async ({ store }) => {
    const count = 300;
    await store.batch([
      ...Array.from({ length: 256 }, (_, i) => put(["n", BigInt(i)], i)),
      ...Array.from({ length: count }, (_, i) => put(["t", `text ${String(i)}`], i % 256)),
    ]);
    const size = async (range: StoreRange): Promise<number> => (await entries(store, range)).length;
    same("from the end", await size({ prefix: ["n"], from: 5n, below: 5n }), 0);
    same("from behind the end", await size({ prefix: ["n"], from: 9n, below: 5n }), 0);
    for (const reverse of [false, true]) {
      same("a whole page", await size({ prefix: ["n"], from: 0n, reverse }), 256);
      same(
        "texts",
        new Set((await entries(store, { prefix: ["t"], reverse })).map(({ key }) => written(key))).size,
        count,
      );
      same("some texts", await size({ prefix: ["t"], reverse, limit: 7 }), 7);
      same("some of all", await size({ prefix: [], reverse, limit: 1 }), 1);
    }
    await store.batch(Array.from({ length: 256 }, (_, i) => ({ delete: ["n", BigInt(i)] as const })));
    await store.batch(Array.from({ length: count }, (_, i) => ({ delete: ["t", `text ${String(i)}`] as const })));
    await store.batch([put(["only"], 1)]);
    for (const reverse of [false, true]) same("the only one", await size({ prefix: [], reverse, limit: 1 }), 1);
  },

  "keeps a long value, and gives plain bytes of its own": async ({ store }) => {
    const value = new Uint8Array(1_000_000).map((_, i) => i);
    await store.batch([{ put: ["long"], value }]);
    const [found, missing] = await store.getMany([["long"], ["missing"]]);
    same("nothing", missing === undefined, true);
    same("its kind", found?.constructor === Uint8Array, true);
    same("its bytes", hex(found ?? bytes()), hex(value));
    found?.fill(0);
    same("its bytes afterwards", hex((await store.get(["long"])) ?? bytes()), hex(value));
  },

  "gives a range that is longer than a page": async ({ store }) => {
    const count = 1_000;
    await store.batch(Array.from({ length: count }, (_, i) => put(["many", BigInt(i)], i % 256)));
    for (const reverse of [false, true]) {
      const found = await entries(store, { prefix: ["many"], reverse });
      const expected = Array.from({ length: count }, (_, i) => BigInt(reverse ? count - 1 - i : i));
      same(
        "numbers",
        found.map(({ key }) => key[1]),
        expected,
      );
      same(
        "values",
        found.every(({ key, value }) => value[0] === Number(key[1]) % 256),
        true,
      );
      same("half", (await entries(store, { prefix: ["many"], reverse, limit: 500 })).length, 500);
    }
  },

  "lets a range be read while it is written to": async ({ store }) => {
    await store.batch(Array.from({ length: 600 }, (_, i) => put(["many", BigInt(i)], 1)));
    let seen = 0;
    for await (const { key } of store.range({ prefix: ["many"] })) {
      seen++;
      await store.batch([{ delete: key }]);
    }
    same("entries", seen, 600);
    same("left", (await entries(store, { prefix: [] })).length, 0);
  },

  "writes batches in the order in which they were asked for": async ({ store }) => {
    const writing = Array.from({ length: 50 }, (_, i) => store.batch([put(["a"], i), put(["b", BigInt(i)], i)]));
    await Promise.all(writing);
    same("the last", await valueOf(store, ["a"]), hex(bytes(49)));
    same("all", (await entries(store, { prefix: ["b"] })).length, 50);
  },

  "refuses what is no key and no value, and writes nothing of such a batch": async ({ store }) => {
    const bad: readonly unknown[] = [
      { put: [], value: bytes(1) },
      { put: [1n], value: bytes(1) },
      { put: ["a", 1n, "b"], value: bytes(1) },
      { put: ["a", 1], value: bytes(1) },
      { put: ["a", -1n], value: bytes(1) },
      { put: ["a", 2n ** 64n], value: bytes(1) },
      { put: ["\ud800"], value: bytes(1) },
      { put: "a", value: bytes(1) },
      { put: ["a"], value: "text" },
      { put: ["a"] },
      { delete: [] },
      {},
      undefined,
      { ...put(["b"], 1), delete: ["b"] },
      { put: Object.assign(["a"], { length: 2 }), value: bytes(1) },
      put(["good"], 2),
      { delete: ["good"] },
    ];
    for (const change of bad) {
      const thrown = await errorOf(() => store.batch([put(["good"], 1), change as StoreChange]));
      same("a TypeError", thrown instanceof TypeError, true);
    }
    same("nothing", (await entries(store, { prefix: [] })).length, 0);
  },

  "is the same after it was closed and opened, and does nothing in between": async ({ store, reopen }) => {
    await store.batch([put(["a"], 1), put(["a", 7n], 2)]);
    await Promise.all([store.batch([put(["late"], 3)]), store.close(), store.close()]);
    for (const asking of [
      () => store.get(["a"]),
      () => store.getMany([["a"]]),
      () => entries(store, { prefix: [] }),
      () => store.batch([put(["a"], 2)]),
      () => store.flush(),
    ]) {
      same("its code", ((await errorOf(asking)) as { readonly code?: unknown }).code, "store-closed");
    }
    const again = await reopen();
    same("values", await values(again, [["a"], ["a", 7n], ["late"]]), ["01", "02", "03"]);
    await again.close();
  },

  "is of one process at a time": async ({ store, second, reopen }) => {
    if (second === undefined) return false;
    await store.batch([put(["a"], 1)]);
    same("its code", ((await errorOf(second)) as { readonly code?: unknown }).code, "store-locked");
    same("its code once more", ((await errorOf(second)) as { readonly code?: unknown }).code, "store-locked");
    await store.batch([put(["a"], 2)]);
    await store.close();
    const again = await reopen();
    same("the value", await valueOf(again, ["a"]), "02");
    await again.close();
  },

  "has every batch or nothing of it when its process has died": async ({ store, kill }) => {
    if (kill === undefined) return false;
    for (let i = 0; i < 20; i++) await store.batch([put(["a"], i), put(["b", BigInt(i)], i)]);
    void store.batch([put(["a"], 20), put(["b", 20n], 20)]).catch(() => undefined);
    const again = await kill();
    const last = (await again.get(["a"]))?.[0] ?? -1;
    same("what was told", last >= 19, true);
    same("entries", (await entries(again, { prefix: ["b"] })).length, last + 1);
    await again.close();
  },

  "has a flushed batch after a power cut": async ({ store, powerCut }) => {
    if (powerCut === undefined) return false;
    await store.batch([put(["a", 1n], 1)]);
    await store.batch([put(["a", 2n], 2)], { flush: true });
    const again = await powerCut();
    same("both", (await entries(again, { prefix: ["a"] })).length, 2);
    await again.close();
  },

  "has what was flushed after a power cut, and before that no batch without those before it": async ({
    store,
    powerCut,
  }) => {
    if (powerCut === undefined) return false;
    await store.batch([put(["a", 1n], 1)]);
    await store.batch([put(["a", 2n], 2), { delete: ["a", 1n] }], { flush: true });
    await store.batch([put(["a", 3n], 3)]);
    await store.flush();
    await store.batch([put(["a", 4n], 4)]);
    await store.batch([put(["a", 5n], 5)]);
    const again = await powerCut();
    const found = (await entries(again, { prefix: ["a"] })).map(({ key }) => key[1]);
    const possible = [
      [2n, 3n],
      [2n, 3n, 4n],
      [2n, 3n, 4n, 5n],
    ].map(shown);
    same("a beginning of what was written", possible.includes(shown(found)), true);
    await again.close();
  },

  "is what a plain map would be, after anything": async ({ store, reopen }) => {
    const model = new Map<string, { readonly key: StoreKey; readonly value: Uint8Array }>();
    const random = numbersFrom(7);
    const parts = ["x", "y", "x/", ""];
    const anyKey = (): StoreKey => {
      const texts = Array.from({ length: 1 + random(3) }, () => parts[random(parts.length)]!);
      const key: readonly unknown[] = random(2) === 0 ? texts : [...texts, BigInt(random(20))];
      return key as StoreKey;
    };
    let current = store;
    for (let step = 0; step < 150; step++) {
      const changes = new Map<string, StoreChange>();
      for (let i = random(6); i >= 0; i--) {
        const key = anyKey();
        changes.set(written(key), random(3) === 0 ? { delete: key } : put(key, random(256), random(256)));
      }
      await current.batch([...changes.values()], { flush: random(5) === 0 });
      for (const [name, change] of changes) {
        if ("put" in change) model.set(name, { key: change.put, value: change.value });
        else model.delete(name);
      }
      if (step % 50 === 49) {
        await current.close();
        current = await reopen();
      }
      const prefix = Array.from({ length: random(3) }, () => parts[random(parts.length)]!);
      const expected = [...model.values()].filter(
        ({ key }) =>
          prefix.every((part, i) => key[i] === part) && key.length > prefix.length - (prefix.length === 0 ? 0 : 1),
      );
      const texts = (found: readonly StoreEntry[]): readonly string[] =>
        found.map(({ key, value }) => `${written(key)} ${hex(value)}`).sort();
      same(`range ${shown(prefix)}`, texts(await entries(current, { prefix })), texts(expected));
    }
    await current.close();
  },
};

async function entries(store: Store, range: StoreRange): Promise<readonly StoreEntry[]> {
  const found: StoreEntry[] = [];
  for await (const entry of store.range(range)) found.push(entry);
  return found;
}

async function values(store: Store, keys: readonly StoreKey[]): Promise<readonly (string | undefined)[]> {
  return (await store.getMany(keys)).map((value) => value && hex(value));
}

async function valueOf(store: Store, key: StoreKey): Promise<string | undefined> {
  const value = await store.get(key);
  return value && hex(value);
}

async function errorOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function shown(value: unknown): string {
  if (value === undefined) return "undefined";
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? { bigint: String(part) } : part));
}

const written = (key: StoreKey): string => shown(key);

function same(what: string, got: unknown, expected: unknown): void {
  if (shown(got) !== shown(expected)) throw new Error(`${what}: ${shown(got)}, where ${shown(expected)} was expected`);
}

/** Numbers below a bound, the same in every run. */
function numbersFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % bound;
  };
}
