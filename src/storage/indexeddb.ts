/**
 * copse/storage/indexeddb: a store in a browser's IndexedDB, by the package `idb`.
 *
 *     const store = await indexedDbStore("alice", { second: "wait" });
 *
 * One tab has it at a time, by a Web Lock. Each transaction looks besides whether it is still its own, so that a tab whose lock was
 * taken away writes nothing any more.
 *
 * @module
 */

import type { DBSchema, IDBPDatabase } from "idb";
import { StoreError } from "./errors.ts";
import { storeOver, type FlatDatabase } from "./flat.ts";
import { optional } from "./optional.ts";
import type { Store } from "./store.ts";
import { holdLock, type LockRequests, type SecondTab } from "./web-lock.ts";

export type { LockRequests, SecondTab } from "./web-lock.ts";

/** Options of `indexedDbStore`. */
export interface IndexedDbOptions {
  /**
   * What to do where another tab has the store: fail with "store-locked", wait until it lets go, or take it over, after which the
   * other one's operations throw "store-lost". Default: "error"
   */
  readonly second?: SecondTab;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Default: the platform's Web Locks. */
  readonly locks?: LockRequests;
}

interface Schema extends DBSchema {
  entries: { key: string; value: Uint8Array };
  opened: { key: "owner"; value: number };
}

/** How the database is: a newer version of copse may make another. */
const version = 1;

/**
 * The store in the database of this name.
 *
 * @throws StoreError "store-locked" where another tab has it, "store-version" where a newer version of copse has made it,
 * "store-package" where `idb` is not installed.
 */
export async function indexedDbStore(name: string, options: IndexedDbOptions = {}): Promise<Store> {
  if (typeof name !== "string") throw new TypeError("name is a string");
  const { openDB } = await optional("idb", () => import("idb"));
  const lock = await holdLock(`copse store ${name}`, options);
  let gone = false;
  try {
    const database = await openDB<Schema>(name, version, {
      upgrade(fresh) {
        fresh.createObjectStore("entries");
        fresh.createObjectStore("opened");
      },
      blocking: () => {
        gone = true; // somebody deletes it, or has a newer version of it
        database.close();
        lock.release();
      },
    });
    try {
      if (lock.isLost()) throw new StoreError("store-lost");
      const owner = await takeOver(database);
      return storeOver(flatOver(database, owner, { release: lock.release, isGone: () => gone }));
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (cause) {
    lock.release();
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(isNewer(cause) ? "store-version" : "store-failed", { cause });
  }
}

/** The next number of an owner: what earlier ones have begun is done before, and what they begin later is refused. */
async function takeOver(database: IDBPDatabase<Schema>): Promise<number> {
  const transaction = database.transaction("opened", "readwrite", { durability: "strict" });
  const owner = ((await transaction.store.get("owner")) ?? 0) + 1;
  await Promise.all([transaction.store.put(owner, "owner"), transaction.done]);
  return owner;
}

/** What a database needs of what is around it. */
interface Around {
  readonly release: () => void;
  /** Whether the browser has asked to let go of it. */
  readonly isGone: () => boolean;
}

function flatOver(database: IDBPDatabase<Schema>, owner: number, { release, isGone }: Around): FlatDatabase {
  const checkThere = (): void => {
    if (isGone()) throw new StoreError("store-lost");
  };
  const check = async (current: Promise<number | undefined>): Promise<void> => {
    if ((await current) !== owner) throw new StoreError("store-lost");
  };
  return {
    async getMany(keys) {
      checkThere();
      const transaction = database.transaction(["entries", "opened"]);
      const entries = transaction.objectStore("entries");
      const found = keys.map((key) => entries.get(key));
      const [values] = await Promise.all([
        Promise.all(found),
        check(transaction.objectStore("opened").get("owner")),
        transaction.done,
      ]);
      return values;
    },
    async page({ from, after, below, reverse, limit }) {
      checkThere();
      const range =
        below === undefined ? IDBKeyRange.lowerBound(from, after) : IDBKeyRange.bound(from, below, after, true);
      const transaction = database.transaction(["entries", "opened"]);
      const entries = transaction.objectStore("entries");
      const owned = check(transaction.objectStore("opened").get("owner"));
      if (reverse) {
        const page: (readonly [string, Uint8Array])[] = [];
        await owned;
        let cursor = await entries.openCursor(range, "prev");
        while (cursor !== null && page.length < limit) {
          page.push([cursor.key, cursor.value]);
          cursor = await cursor.continue();
        }
        return page;
      }
      const [keys, values] = await Promise.all([entries.getAllKeys(range, limit), entries.getAll(range, limit), owned]);
      return keys.map((key, i) => [key, values[i]!] as const);
    },
    async write(puts, deletes, flush) {
      checkThere();
      const durability = flush ? "strict" : "relaxed";
      const transaction = database.transaction(["entries", "opened"], "readwrite", { durability });
      const done = transaction.done.then(
        () => undefined,
        (cause: unknown) => {
          throw new StoreError("store-not-written", { cause }); // a transaction that is aborted has written nothing
        },
      );
      const opened = transaction.objectStore("opened");
      const entries = transaction.objectStore("entries");
      const change = async (): Promise<void> => {
        await check(opened.get("owner"));
        await Promise.all([
          ...(puts.size + deletes.length === 0 ? [opened.put(owner, "owner")] : []), // or nothing would be flushed
          ...deletes.map((key) => entries.delete(key)),
          ...Array.from(puts, ([key, value]) => entries.put(value, key)),
        ]);
      };
      // Whatever it throws, of itself too, as for a value that is too long: nothing of the rest may stay.
      const changed = change().catch((error: unknown) => {
        abort(transaction);
        throw error;
      });
      const [made, end] = await Promise.allSettled([changed, done]);
      if (made.status === "rejected" && made.reason instanceof StoreError) throw made.reason;
      if (end.status === "rejected") throw end.reason;
      if (made.status === "rejected") throw new StoreError("store-failed", { cause: made.reason });
    },
    close() {
      database.close();
      release();
    },
  };
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    // it has ended by itself
  }
}

function isNewer(error: unknown): boolean {
  return error instanceof Error && error.name === "VersionError";
}
