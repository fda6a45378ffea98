/**
 * A store over a database of strings and bytes: what all of them have in common stands here.
 */

import { copyBytes } from "../bytes/copy.ts";
import { isObject } from "../bytes/takes.ts";
import type { Awaitable } from "../crypto/provider.ts";
import { StoreError } from "./errors.ts";
import { endOf, readKey, writeKey, writeNumber, writePrefix } from "./key.ts";
import type { Store, StoreEntry, StoreRange } from "./store.ts";

/** Which strings a page is of. */
export interface FlatRange {
  /** At least this, or more than it where `after` is true. */
  readonly from: string;
  readonly after: boolean;
  /** Less than this. */
  readonly below: string | undefined;
  readonly reverse: boolean;
  readonly limit: number;
}

/** The database under a store. What it throws that is no StoreError counts as "store-failed". */
export interface FlatDatabase {
  /** What stands under each key. */
  getMany(keys: readonly string[]): Awaitable<readonly (Uint8Array | undefined)[]>;
  /** In the order of the strings. */
  page(range: FlatRange): Awaitable<readonly (readonly [key: string, value: Uint8Array])[]>;
  /** All or nothing. It is not called again before it is done. */
  write(puts: ReadonlyMap<string, Uint8Array>, deletes: readonly string[], flush: boolean): Awaitable<void>;
  /** Let go of it. It is not asked for anything afterwards. */
  close(): Awaitable<void>;
}

/** Entries that are read at a time. */
const pageSize = 256;

/** The store over a database. */
export function storeOver(database: FlatDatabase): Store {
  let closing: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let failure: StoreError | undefined;

  const checkOpen = (): void => {
    if (closing !== undefined) throw new StoreError("store-closed");
    if (failure !== undefined) throw new StoreError("store-failed", { cause: failure });
  };
  /** What comes behind a write of which nobody knows what it has written must not build on it. */
  const write = (...changes: Parameters<FlatDatabase["write"]>): Promise<void> =>
    inTurn(async () => {
      if (failure !== undefined) throw new StoreError("store-failed", { cause: failure });
      try {
        await asked(() => database.write(...changes));
      } catch (error) {
        if (error instanceof StoreError && error.code === "store-failed") failure = error;
        throw error;
      }
    });
  const inTurn = <T>(work: () => Awaitable<T>): Promise<T> => {
    const done = last.then(() => asked(work));
    last = done.catch(() => undefined);
    return done;
  };
  const getMany = async (
    keys: readonly Parameters<Store["get"]>[0][],
  ): Promise<readonly (Uint8Array | undefined)[]> => {
    checkOpen();
    const written = keys.map(writeKey);
    return (await asked(() => database.getMany(written))).map((value) => value && copyBytes(value));
  };

  return {
    get: async (key) => (await getMany([key]))[0],
    getMany,

    async *range(range) {
      const { limit = Infinity } = range;
      let left = limit;
      let rest = flatRange(range);
      checkOpen();
      while (left > 0) {
        if (rest.below !== undefined && rest.from >= rest.below) return; // which some databases refuse
        const asking = { ...rest, limit: Math.min(left, pageSize) };
        const page = await asked(() => database.page(asking));
        for (const [key, value] of page) {
          checkOpen();
          yield { key: readKey(key), value: copyBytes(value) } satisfies StoreEntry;
        }
        const end = page.at(-1)?.[0];
        if (end === undefined || page.length < asking.limit) return;
        left -= page.length;
        checkOpen();
        rest = rest.reverse ? { ...rest, below: end } : { ...rest, from: end, after: true };
      }
    },

    async batch(changes, { flush = false } = {}) {
      checkOpen();
      const puts = new Map<string, Uint8Array>();
      const deletes = new Set<string>();
      for (const change of changes) {
        if (!isObject(change)) throw new TypeError("a change is { put, value } or { delete }");
        if ("put" in change === "delete" in change) throw new TypeError("a change puts or deletes");
        const key = writeKey("put" in change ? change.put : change.delete);
        if (puts.has(key) || deletes.has(key)) throw new TypeError("a key is changed twice in one batch");
        if (!("put" in change)) deletes.add(key);
        else if (change.value instanceof Uint8Array) puts.set(key, copyBytes(change.value));
        else throw new TypeError("a value is a Uint8Array");
      }
      if (puts.size + deletes.size === 0 && !flush) return;
      await write(puts, [...deletes], flush);
    },

    async flush() {
      checkOpen();
      await write(new Map(), [], true);
    },

    close() {
      closing ??= inTurn(() => database.close());
      return closing;
    },
  };
}

async function asked<T>(work: () => Awaitable<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof StoreError ? cause : new StoreError("store-failed", { cause });
  }
}

function flatRange({ prefix, from, below, reverse = false, limit = 0 }: StoreRange): Omit<FlatRange, "limit"> {
  if (limit !== Infinity && (!Number.isInteger(limit) || limit < 0))
    throw new TypeError("limit is a number of entries");
  const start = writePrefix(prefix);
  const numbered = from !== undefined || below !== undefined;
  if (!numbered) return { from: start, after: false, below: endOf(start), reverse };
  return {
    from: start + (from === undefined ? "#" : writeNumber(from)),
    after: false,
    below: start + (below === undefined ? "$" : writeNumber(below)), // "$" comes behind "#"
    reverse,
  };
}
