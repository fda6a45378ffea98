/**
 * copse/storage/level: a store in a folder, by the package `level` (LevelDB in Node).
 *
 *     const store = await levelStore("./alice");
 *
 * @module
 */

import { StoreError } from "./errors.ts";
import { storeOver, type FlatDatabase } from "./flat.ts";
import { optional } from "./optional.ts";
import type { Store } from "./store.ts";

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
  const database = new Level<string, Uint8Array>(path, { keyEncoding: "utf8", valueEncoding: "view" });
  try {
    await database.open();
  } catch (error) {
    const cause = (error as Error).cause ?? error;
    throw new StoreError(isLocked(cause) ? "store-locked" : "store-failed", { cause });
  }
  const flat: FlatDatabase = {
    getMany: (keys) => database.getMany([...keys]),
    page: ({ from, after, below, reverse, limit }) =>
      database
        .iterator({ [after ? "gt" : "gte"]: from, ...(below !== undefined && { lt: below }), reverse, limit })
        .all(),
    write: (puts, deletes, flush) =>
      database.batch(
        [
          // Where nothing is written, nothing is flushed: so nothing is deleted.
          ...(puts.size + deletes.length === 0 ? [{ type: "del", key: noKey } as const] : []),
          ...deletes.map((key) => ({ type: "del", key }) as const),
          ...Array.from(puts, ([key, value]) => ({ type: "put", key, value }) as const),
        ],
        { sync: flush },
      ),
    close: () => database.close(),
  };
  return storeOver(flat);
}

function isLocked(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === "LEVEL_LOCKED";
}
