/**
 * From layout 2 to 3: what a device has sealed for the history was a record of the store for each of its records, and is one for each batch.
 */

import { fixed, opaque, struct, u64, type Codec } from "../../codec/codec.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { idLength } from "../../vault/history/record.ts";
import { dueKey } from "../history/due.ts";
import { digestLength } from "../history/kept.ts";
import { putPlaces, putWaiting } from "../history/sealed.ts";
import { writing, type EntryPlace } from "../history/written.ts";
import { entryKind, text, timeEntry, type EntryKind } from "./entry.ts";

/** A record as layout 2 has it under `history-out/N`: it is sealed, and the service may not have it. */
export interface OutRecord {
  readonly epoch: bigint;
  readonly position: bigint;
  readonly chain: Uint8Array;
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}
export const outRecordOfLayout2: EntryKind<OutRecord> = entryKind(
  struct<OutRecord>({
    epoch: u64,
    position: u64,
    chain: opaque,
    id: fixed(idLength),
    bytes: opaque,
    digest: fixed(digestLength),
  }),
);
const EntryPlaceOf: Codec<EntryPlace> = struct<EntryPlace>({ room: text, place: u64 });
/** The entry of a record, as layout 2 has it under `history-at/EPOCH/N`. */
export const placeOfLayout2: EntryKind<EntryPlace> = entryKind(EntryPlaceOf);

/** @throws ClientError "client-version", "client-damaged" */
export async function toLayout3(store: Pick<Store, "get" | "range">): Promise<readonly StoreChange[]> {
  const changes: StoreChange[] = [];
  const waiting: OutRecord[] = [];
  for await (const { key, value } of store.range({ prefix: ["history-out"], from: 0n })) {
    waiting.push(outRecordOfLayout2.read(value));
    changes.push({ delete: key });
  }
  // A device that was asked to wait a moment has sealed in the next epoch, too: one batch is of one chain, and in a row.
  const newest = waiting.reduce((most, { epoch }) => (epoch > most ? epoch : most), 0n);
  const batch = waiting.filter(({ epoch }) => epoch === newest);
  const [first, last] = [batch[0], batch.at(-1)];
  if (first !== undefined && last !== undefined) changes.push(putWaiting({ ...first, last: last.id, records: batch }));
  const inVain = new Set(waiting.map(({ epoch }) => epoch).filter((epoch) => epoch !== newest));
  const again = new Map<string, EntryPlace>();
  for await (const { key, value } of store.range({ prefix: ["history-at"] })) {
    const [epoch, at] = [BigInt(String(key[1])), placeOfLayout2.read(value)];
    if (!inVain.has(epoch)) changes.push(putPlaces(epoch, key[2] as bigint, [at]));
    else {
      changes.push({ delete: key });
      again.set(nameOf(at), at);
    }
  }
  for (const { room, place } of again.values()) changes.push({ put: dueKey(room, place), value: timeEntry.write(0) });
  const kept: (EntryPlace & { readonly digest: Uint8Array })[] = [];
  for await (const { key, value } of store.range({ prefix: ["history-written"] })) {
    const at = { room: String(key[1]), place: key[2] as bigint };
    if (!again.has(nameOf(at))) kept.push({ ...at, digest: value });
    changes.push({ delete: key });
  }
  return [...changes, ...(await writing(noStore, kept))];
}

function nameOf({ room, place }: EntryPlace): string {
  return `${String(place)} ${room}`;
}

/** Nothing was kept as layout 3 has it. */
const noStore: Pick<Store, "getMany"> = { getMany: (keys) => Promise.resolve(keys.map(() => undefined)) };
