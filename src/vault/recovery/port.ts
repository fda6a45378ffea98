/**
 * Where a recovery server keeps what it has: one byte string an account, changed by compare-and-set.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { hex } from "../../bytes/text.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store } from "../../storage/store.ts";

/** What a recovery server needs of a database. */
export interface RecoveryPort {
  /** What stands under an account, or undefined. */
  read(account: Uint8Array): Promise<Uint8Array | undefined>;
  /**
   * Write `next`, or nothing at all where it is undefined, if `expected` is what stands there; whether it did. When the promise is
   * fulfilled with true it is on the disk, and no crash brings `expected` back: that is what makes a guess count.
   */
  swap(account: Uint8Array, expected: Uint8Array | undefined, next: Uint8Array | undefined): Promise<boolean>;
}

/** In memory: for tests, and for a process that loses everything with its end. */
export function memoryRecoveryPort(): RecoveryPort {
  const kept = new Map<string, Uint8Array>();
  return {
    read: (account) => {
      const bytes = kept.get(hex(account));
      return Promise.resolve(bytes === undefined ? undefined : copyBytes(bytes));
    },
    swap: (account, expected, next) => {
      const name = hex(account);
      if (!isSame(kept.get(name), expected)) return Promise.resolve(false);
      if (next === undefined) kept.delete(name);
      else kept.set(name, copyBytes(next));
      return Promise.resolve(true);
    },
  };
}

/** Over a store of copse/storage, which one process owns. */
export function storedRecoveryPort(store: Store): RecoveryPort {
  const keyOf = (account: Uint8Array): StoreKey => ["recovery", hex(account)];
  const turns = new Map<string, Promise<unknown>>();
  return {
    read: (account) => store.get(keyOf(account)),
    swap: (account, expected, next) => {
      const name = hex(account);
      const key = keyOf(account);
      const turn = (turns.get(name) ?? Promise.resolve()).then(async () => {
        if (!isSame(await store.get(key), expected)) return false;
        await store.batch([next === undefined ? { delete: key } : { put: key, value: next }], { flush: true });
        return true;
      });
      // The next one waits for this one, also where it fails.
      const ended = turn
        .catch(() => undefined)
        .then(() => {
          if (turns.get(name) === ended) turns.delete(name);
        });
      turns.set(name, ended);
      return turn;
    },
  };
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}
