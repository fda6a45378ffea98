/**
 * What this device has sealed: the batch that the service may not have, and the entries of the records of each epoch that no edge holds yet.
 */

import { fixed, opaque, struct, u64, vector, type Codec } from "../../codec/codec.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { idLength } from "../../vault/history/record.ts";
import { entryKind, text, timeEntry, type EntryKind } from "../store/entry.ts";
import { dueKey } from "./due.ts";
import { digestLength } from "./kept.ts";
import { writing, type EntryPlace } from "./written.ts";

/** Records that are sealed and may not be uploaded, in a row. There is one batch at the most: nothing is sealed while one waits. */
export interface SealedBatch {
  readonly epoch: bigint;
  readonly chain: Uint8Array;
  /** Of the first of its records. */
  readonly position: bigint;
  /** The id of the last one. */
  readonly last: Uint8Array;
  readonly records: readonly { readonly bytes: Uint8Array; readonly digest: Uint8Array }[];
}
const SealedBatch: Codec<SealedBatch> = struct<SealedBatch>({
  epoch: u64,
  chain: opaque,
  position: u64,
  last: fixed(idLength),
  records: vector(struct({ bytes: opaque, digest: fixed(digestLength) }), "proposals"),
});
const sealedBatch: EntryKind<SealedBatch> = entryKind(SealedBatch);
const batchKey: StoreKey = ["history", "out"];

/** What waits. */
export async function waitingIn(store: Store): Promise<SealedBatch | undefined> {
  const stored = await store.get(batchKey);
  return stored && sealedBatch.read(stored);
}

export function putWaiting(batch: SealedBatch): StoreChange {
  return { put: batchKey, value: sealedBatch.write(batch) };
}

export function forgetWaiting(): StoreChange {
  return { delete: batchKey };
}

const EntryPlaceOf: Codec<EntryPlace> = struct<EntryPlace>({ room: text, place: u64 });
const entryPlaces: EntryKind<readonly EntryPlace[]> = entryKind(vector(EntryPlaceOf, "proposals"));

/** The entries of records of this device, from this position on, until an edge holds the epoch. */
export function putPlaces(epoch: bigint, position: bigint, places: readonly EntryPlace[]): StoreChange {
  return { put: ["history-at", String(epoch), position], value: entryPlaces.write(places) };
}

/**
 * An edge holds an epoch with so many records of this device: those behind them were written in vain, and their entries are due again. 0: all were,
 * since nothing holds the epoch. In the turn of the room of the user's devices.
 */
export async function settled(store: Store, epoch: bigint, count: bigint): Promise<readonly StoreChange[]> {
  const changes: StoreChange[] = [];
  const inVain = new Map<string, EntryPlace>(); // an entry that has changed has two records
  for await (const { key, value } of store.range({ prefix: ["history-at", String(epoch)], from: 0n })) {
    changes.push({ delete: key });
    for (const [i, at] of entryPlaces.read(value).entries())
      if ((key[2] as bigint) + BigInt(i) >= count) inVain.set(`${String(at.place)} ${at.room}`, at);
  }
  const again = [...inVain.values()];
  const due = again.map(({ room, place }): StoreChange => ({ put: dueKey(room, place), value: timeEntry.write(0) }));
  return [
    ...changes,
    ...due,
    ...(await writing(
      store,
      again.map((at) => ({ ...at, digest: undefined })),
    )),
  ];
}
