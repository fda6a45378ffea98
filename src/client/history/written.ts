/**
 * What of each entry was kept last, as a digest: an entry that says the same is not kept again. Places of a room that lie side by side are one
 * record of the store, since what is written together was mostly said in a row. It is changed in the turns of the room of the user's devices only.
 */

import { fixed, struct, u8, vector, type Codec } from "../../codec/codec.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { entryKind, type EntryKind } from "../store/entry.ts";
import { digestLength } from "./kept.ts";

/** Where an entry is. */
export interface EntryPlace {
  readonly room: string;
  readonly place: bigint;
}

/** Places of one record: a digest has 16 bytes, and all of them are written anew with each. */
const placesInRecord = 32n;

/** The digest of a place, counted from the record's first one. */
interface WrittenPlace {
  readonly offset: number;
  readonly digest: Uint8Array;
}
const WrittenPlace: Codec<WrittenPlace> = struct<WrittenPlace>({ offset: u8, digest: fixed(digestLength) });
const writtenPlaces: EntryKind<readonly WrittenPlace[]> = entryKind(vector(WrittenPlace, "proposals"));

function recordKey({ room, place }: EntryPlace): StoreKey {
  return ["history-kept", room, place / placesInRecord];
}

/** One key of each record that these places are in, by a name of it. */
function recordsOf(places: readonly EntryPlace[]): Map<string, StoreKey> {
  return new Map(places.map((at) => [nameOf(at), recordKey(at)]));
}

function nameOf({ room, place }: EntryPlace): string {
  return `${String(place / placesInRecord)} ${room}`;
}

function offsetOf({ place }: EntryPlace): number {
  return Number(place % placesInRecord);
}

async function read(
  store: Pick<Store, "getMany">,
  places: readonly EntryPlace[],
): Promise<Map<string, Map<number, Uint8Array>>> {
  const keys = recordsOf(places);
  const stored = await store.getMany([...keys.values()]);
  return new Map(
    [...keys.keys()].map((name, i) => {
      const value = stored[i];
      const digests = value === undefined ? [] : writtenPlaces.read(value);
      return [name, new Map(digests.map(({ offset, digest }) => [offset, digest]))];
    }),
  );
}

/** The digest of what was kept of each of these entries last. */
export async function writtenOf(
  store: Pick<Store, "getMany">,
  places: readonly EntryPlace[],
): Promise<readonly (Uint8Array | undefined)[]> {
  const records = await read(store, places);
  return places.map((at) => records.get(nameOf(at))?.get(offsetOf(at)));
}

/** This was kept of these entries last; where there is no digest, nothing that counts. In the turn of the room of the user's devices. */
export async function writing(
  store: Pick<Store, "getMany">,
  all: readonly (EntryPlace & { readonly digest: Uint8Array | undefined })[],
): Promise<readonly StoreChange[]> {
  const records = await read(store, all);
  for (const { digest, ...at } of all) {
    const record = records.get(nameOf(at))!;
    if (digest === undefined) record.delete(offsetOf(at));
    else record.set(offsetOf(at), digest);
  }
  return [...recordsOf(all)].map(([name, key]): StoreChange => {
    const digests = Array.from(records.get(name)!, ([offset, digest]) => ({ offset, digest }));
    return digests.length === 0 ? { delete: key } : { put: key, value: writtenPlaces.write(digests) };
  });
}
