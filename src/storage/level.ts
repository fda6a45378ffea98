/**
 * copse/storage/level: a store in a folder, by the package `level` (LevelDB in Node).
 *
 *     const store = await levelStore("./alice");
 *
 * @module
 */

import { mkdir, realpath } from "node:fs/promises";
import { StoreError } from "./errors.ts";
import { storeOver, type FlatDatabase } from "./flat.ts";
import { LevelLogs, writeBufferSize } from "./level-logs.ts";
import { optional } from "./optional.ts";
import type { Store } from "./store.ts";

/** The folders that this process has open: LevelDB's own lock is let go of when the process opens the folder once more. */
const opened = new Set<string>();

/** So many keys are looked at without asking a thread. */
const fewKeys = 8;

/** So much of a page a thread reads at once, of which it is asked again for the rest: all of it, as a rule. */
const highWaterMarkBytes = 1024 * 1024;

/** No key is this: each ends with a slash. */
const noKey = "!";

/**
 * The store in a folder, which one process has at a time.
 *
 * @throws StoreError "store-locked" where another process has it, "store-package" where `level` is not installed,
 * "store-failed" where the folder can't be opened.
 */
export async function levelStore(path: string): Promise<Store> {
  if (typeof path !== "string") throw new TypeError("path is a string");
  const { Level } = await optional("level", () => import("level"));
  const folder = await folderAt(path);
  if (opened.has(folder)) throw new StoreError("store-locked");
  opened.add(folder);
  const database = new Level<string, Uint8Array>(folder, { keyEncoding: "utf8", valueEncoding: "view" });
  try {
    await database.open({ writeBufferSize });
  } catch (error) {
    opened.delete(folder);
    const cause = (error as Error).cause ?? error;
    throw new StoreError(isLocked(cause) ? "store-locked" : "store-failed", { cause });
  }
  const logs = new LevelLogs(folder);
  const flat: FlatDatabase = {
    // A look at one key takes a microsecond, and fifty where a thread is asked for it.
    getMany: (keys) => (keys.length > fewKeys ? database.getMany([...keys]) : keys.map((key) => database.getSync(key))),
    page: ({ from, after, below, reverse, limit }) => {
      const range = { [after ? "gt" : "gte"]: from, ...(below !== undefined && { lt: below }) };
      return database.iterator({ ...range, reverse, limit, highWaterMarkBytes }).all();
    },
    async write(puts, deletes, flush) {
      // Where nothing is written, nothing is flushed: so nothing is deleted.
      const gone = puts.size + deletes.length === 0 ? [noKey] : deletes;
      if (flush) await logs.flush();
      await database.batch(
        [
          ...gone.map((key) => ({ type: "del", key }) as const),
          ...Array.from(puts, ([key, value]) => ({ type: "put", key, value }) as const),
        ],
        { sync: flush },
      );
      logs.wrote(puts, gone, flush);
    },
    async close() {
      try {
        await database.close();
      } finally {
        opened.delete(folder);
      }
    },
  };
  return storeOver(flat);
}

/** The one name of a folder, which is made where there is none. */
async function folderAt(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
    return await realpath(path);
  } catch (cause) {
    throw new StoreError("store-failed", { cause });
  }
}

function isLocked(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === "LEVEL_LOCKED";
}
