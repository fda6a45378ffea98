/**
 * A store that counts its persistence points, one before and one after each batch and flush, and stands still at one of them.
 */

import type { Store } from "../../../src/storage/store.ts";

/** @param at is called at each point: the store goes on when its promise is fulfilled. */
export function stoppingStore(store: Store, at: (point: number) => Promise<void>): Store {
  let points = 0;
  const between = async (work: () => Promise<void>): Promise<void> => {
    await at(++points);
    await work();
    await at(++points);
  };
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    range: (range) => store.range(range),
    batch: (changes, options) => between(() => store.batch(changes, options)),
    flush: () => between(() => store.flush()),
    close: () => store.close(),
  };
}
