/**
 * The entries of timelines in the store, and when each goes.
 */

import type { Random } from "../../crypto/provider.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { messageKey, timelineKey } from "../store/keys.ts";
import { placeEntry, timelineEntry, type StoredEntry } from "./entry.ts";
import { addExpiry, expiryOf } from "./expiry.ts";
import type { Placed } from "./judging.ts";

export class Entries {
  readonly #store: Store;
  readonly #random: Random;

  constructor(store: Store, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  /** Where a message is. */
  async placeOf(room: string, id: Uint8Array): Promise<bigint | undefined> {
    const value = await this.#store.get(messageKey(room, id));
    return value && placeEntry.read(value);
  }

  async entry(room: string, place: bigint): Promise<StoredEntry | undefined> {
    const value = await this.#store.get(timelineKey(room, place));
    return value && timelineEntry.read(value);
  }

  /** An entry as it is from now on, with the time at which it goes. */
  async put(room: string, place: bigint, entry: StoredEntry): Promise<readonly StoreChange[]> {
    // What its author has taken back keeps its time.
    if (entry.content.length === 0 && entry.call === undefined)
      return [{ put: timelineKey(room, place), value: timelineEntry.write(entry) }];
    const at = expiryOf(entry);
    const changes: StoreChange[] = entry.expires === undefined ? [] : [{ delete: ["expiry", entry.expires] }];
    let expires: bigint | undefined;
    if (at !== undefined) {
      const { number, change } = await addExpiry(this.#store, this.#random, at, { room, place });
      expires = number;
      changes.push(change);
    }
    return [...changes, { put: timelineKey(room, place), value: timelineEntry.write({ ...entry, expires }) }];
  }
}

/** An entry as it is from now on; when it goes is as it was. */
export function putEntry(room: string, { place, ...entry }: Placed): StoreChange {
  return { put: timelineKey(room, place), value: timelineEntry.write(entry) };
}
