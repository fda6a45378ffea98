/**
 * A store in memory, for tests and demonstrations, on a disk that can lose what was not flushed.
 */

import { StoreError } from "./errors.ts";
import { storeOver, type FlatDatabase, type FlatRange } from "./flat.ts";
import type { Store } from "./store.ts";

/** What a write has replaced: undefined where there was nothing. */
type Undo = readonly (readonly [key: string, before: Uint8Array | undefined])[];

/** A disk in memory. Stores that are opened on it one after the other find what is on it. */
export class MemoryDisk {
  readonly #values = new Map<string, Uint8Array>();
  #sorted: string[] | undefined;
  /** What was written since the last flush, as it can be undone. */
  #unflushed: Undo[] = [];
  #owner: object | undefined;

  /** The process dies: its store is gone, and all that it has written stays. */
  kill(): void {
    this.#owner = undefined;
  }

  /** The power goes: the process dies, and the latest batches are lost, as many as `lost` says of those that were not flushed. */
  powerCut(lost: number = this.#unflushed.length): void {
    this.kill();
    for (const undo of this.#unflushed.splice(Math.max(0, this.#unflushed.length - lost)).reverse()) {
      for (const [key, before] of undo) this.#set(key, before);
    }
    this.#unflushed = [];
  }

  /** The number of batches that a power cut would lose. */
  get unflushed(): number {
    return this.#unflushed.length;
  }

  /** Every byte on it: keys as they are written, and values. For tests that look for what should be gone. */
  get contents(): ReadonlyMap<string, Uint8Array> {
    return this.#values;
  }

  /** The database of the one process that has it. @throws StoreError "store-locked" where another one has. */
  open(): FlatDatabase {
    if (this.#owner !== undefined) throw new StoreError("store-locked");
    const owner = {};
    this.#owner = owner;
    const check = (): void => {
      if (this.#owner !== owner) throw new StoreError("store-lost");
    };
    return {
      getMany: (keys) => {
        check();
        return keys.map((key) => this.#values.get(key));
      },
      page: (range) => {
        check();
        return this.#page(range);
      },
      write: (puts, deletes, flush) => {
        check();
        const changed = [...puts.keys(), ...deletes];
        this.#unflushed.push(changed.map((key) => [key, this.#values.get(key)] as const));
        for (const key of deletes) this.#set(key, undefined);
        for (const [key, value] of puts) this.#set(key, value);
        if (flush) this.#unflushed = [];
      },
      close: () => {
        if (this.#owner === owner) this.#owner = undefined;
      },
    };
  }

  #set(key: string, value: Uint8Array | undefined): void {
    if (this.#values.has(key) !== (value !== undefined)) this.#sorted = undefined;
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, value);
  }

  #page({ from, after, below, reverse, limit }: FlatRange): readonly (readonly [string, Uint8Array])[] {
    this.#sorted ??= [...this.#values.keys()].sort();
    const keys = this.#sorted;
    let [low, high] = [place(keys, from), below === undefined ? keys.length : place(keys, below)];
    if (after && keys[low] === from) low++;
    if (reverse) low = Math.max(low, high - limit);
    else high = Math.min(high, low + limit);
    const page = keys.slice(low, high).map((key) => [key, this.#values.get(key)!] as const);
    return reverse ? page.reverse() : page;
  }
}

/** A store in memory: on a disk of its own, unless one is given. @throws StoreError "store-locked" */
export function memoryStore({ disk = new MemoryDisk() }: { readonly disk?: MemoryDisk } = {}): Store {
  return storeOver(disk.open());
}

/** Where a string stands in a sorted list, or would. */
function place(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
