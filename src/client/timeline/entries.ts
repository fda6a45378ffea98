/**
 * The entries of timelines in the store, and when each goes.
 */

import type { Random } from "../../crypto/provider.ts";
import type { Store, StoreChange, StoreEntry, StoreRange } from "../../storage/store.ts";
import { messageKey, sentKey, timelineKey } from "../store/keys.ts";
import { asSent, isWaiting, placeEntry, timelineEntry, type StoredEntry } from "./entry.ts";
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
    return storedEntry(this.#store, room, place);
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
export function putEntry(room: string, { place, ...entry }: Placed): readonly StoreChange[] {
  const put = { put: timelineKey(room, place), value: timelineEntry.write(entry) };
  return entry.status === "sent" ? [put, { delete: sentKey(room, place) }] : [put];
}

/** What the store has of a message. */
export async function storedEntry(
  store: Pick<Store, "get">,
  room: string,
  place: bigint,
): Promise<StoredEntry | undefined> {
  const key = timelineKey(room, place);
  const value = await store.get(key);
  return value && timelineEntry.read(await whole(store, { key, value }));
}

/** Entries of all timelines, or of a room's, in the order of their places, each as one record. */
export async function* storedEntries(
  store: Pick<Store, "get" | "range">,
  room?: string,
  range: Omit<StoreRange, "prefix"> = {},
): AsyncIterable<{ readonly room: string; readonly place: bigint; readonly entry: StoredEntry }> {
  const prefix = room === undefined ? ["timeline"] : ["timeline", room];
  for await (const { key, value } of store.range({ prefix, ...range })) {
    const entry = timelineEntry.read(await whole(store, { key, value }));
    yield { room: String(key[1]), place: key[2] as bigint, entry };
  }
}

/** An entry as one record: the service's answer to a message of this device may be beside it. */
async function whole(store: Pick<Store, "get">, { key, value }: StoreEntry): Promise<Uint8Array> {
  const sent = isWaiting(value) ? await store.get(sentKey(String(key[1]), key[2] as bigint)) : undefined;
  return sent === undefined ? value : asSent(value, sent);
}
