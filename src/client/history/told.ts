/**
 * What another device has told that it has written, as long as nothing on this device is known to be the same.
 */

import { hex } from "../../bytes/text.ts";
import { struct, u64 } from "../../codec/codec.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import type { SharedMessage } from "../shared/messages.ts";
import { entryKind, integer, text, type EntryKind } from "../store/entry.ts";

/** A record of which this device has nothing that is the same. */
export interface Told {
  /** When it was told, in milliseconds since 1970. */
  readonly at: number;
  /** When it is fetched, where the history is followed. */
  readonly due: number;
  readonly epoch: bigint;
  readonly device: string;
  readonly position: bigint;
}
export const toldEntry: EntryKind<Told> = entryKind(
  struct<Told>({ at: integer, due: integer, epoch: u64, device: text, position: u64 }),
);

/** How long what was told may be on its way here by itself, in milliseconds. */
const onItsWay = 2 * 60_000;

/** That another device has told this digest. */
export function toldKey(digest: Uint8Array): StoreKey {
  return ["history-told", hex(digest)];
}

/**
 * That another device has told this digest when its epoch was over: it may be behind the end of it, and be written again, so that it is believed by nobody
 * who has something to write.
 */
function lateKey(digest: Uint8Array): StoreKey {
  return ["history-late", hex(digest)];
}

/** What is looked for here where nothing comes by itself. */
export async function* toldIn(store: Store): AsyncIterable<{ readonly key: StoreKey; readonly told: Told }> {
  for (const kind of ["history-late", "history-told"])
    for await (const { key, value } of store.range({ prefix: [kind] })) yield { key, told: toldEntry.read(value) };
}

/** Everything that a device tells at once: the last of its digests is of the last of its records. */
export function toldBy(
  device: string,
  said: SharedMessage & { kind: "history" },
  { now, isOver }: { readonly now: number; readonly isOver: boolean },
): readonly StoreChange[] {
  const { epoch, count, digests } = said;
  const first = count - BigInt(digests.length);
  if (first < 0n) return [];
  return digests.map((digest, i): StoreChange => {
    const told = { at: now, due: now + onItsWay, epoch, device, position: first + BigInt(i) };
    return { put: isOver ? lateKey(digest) : toldKey(digest), value: toldEntry.write(told) };
  });
}
