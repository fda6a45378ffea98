/**
 * Where a client keeps what it has: the smallest thing that can be atomic. Every step of a client is one batch.
 */

import type { StoreKey, StorePrefix } from "./key.ts";

/** One change of a batch. */
export type StoreChange = { readonly put: StoreKey; readonly value: Uint8Array } | { readonly delete: StoreKey };

/** What stands under a key. */
export interface StoreEntry {
  readonly key: StoreKey;
  readonly value: Uint8Array;
}

/** Which keys a range is of. */
export interface StoreRange {
  /** The texts that the keys begin with: [] for all keys. */
  readonly prefix: StorePrefix;
  /** Only keys that have a number behind the prefix, from this one on. */
  readonly from?: bigint;
  /** Only keys that have a number behind the prefix, below this one. */
  readonly below?: bigint;
  /** From the greatest number to the least. Default: false */
  readonly reverse?: boolean;
  /** At most so many. Default: all */
  readonly limit?: number;
}

/** How a batch is written. */
export interface BatchOptions {
  /**
   * Whether it is on the disk when the promise is fulfilled, with all that was written before it: so that a power cut loses
   * nothing of it. Without it, the death of the process loses nothing, a power cut may lose the latest batches, in order.
   */
  readonly flush?: boolean;
}

/**
 * A store. All bytes go in and out as copies. After `close`, and where another process has taken the store over, every operation
 * throws a StoreError: "store-closed", "store-lost".
 */
export interface Store {
  /** What stands under a key, or undefined where nothing does. */
  get(key: StoreKey): Promise<Uint8Array | undefined>;
  /** The same of many keys, in their order. */
  getMany(keys: readonly StoreKey[]): Promise<readonly (Uint8Array | undefined)[]>;
  /**
   * What stands under the keys of a range. Keys that differ in the number at their end come in its order; the order of texts is
   * not said. What is written while it is read may be seen or not.
   */
  range(range: StoreRange): AsyncIterable<StoreEntry>;
  /**
   * Change everything that is listed, or nothing: after the death of the process at any moment, too. Batches are written in the
   * order in which they were asked for.
   *
   * @throws StoreError "store-not-written" where nothing was written, for certain; "store-failed" where nobody knows: close the
   * store, and open it again to see. TypeError for a key that is changed twice in one batch.
   */
  batch(changes: readonly StoreChange[], options?: BatchOptions): Promise<void>;
  /** Put all that was written so far on the disk. */
  flush(): Promise<void>;
  /** Let go of the store, when what is under way has been done. */
  close(): Promise<void>;
}
