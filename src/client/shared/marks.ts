/**
 * What one device of a user has read and the others are still to hear of: kept by the message's number in the log, until it is sent, or
 * until the message is here.
 */

import { fixed, struct } from "../../codec/codec.ts";
import type { StoreKey } from "../../storage/key.ts";
import { entryKind, integer, type EntryKind } from "../store/entry.ts";

/** A message that this user has read. */
export interface Mark {
  readonly id: Uint8Array;
  /** In milliseconds since 1970, by the clock of the device that it was read on. */
  readonly at: number;
}
export const markEntry: EntryKind<Mark> = entryKind(struct<Mark>({ id: fixed(32), at: integer }));

/** Read here, and not told yet. */
export function markingKey(room: string, number: bigint): StoreKey {
  return ["marking", room, number];
}

/** Read on another device, and not seen here yet. */
export function readKey(room: string, number: bigint): StoreKey {
  return ["read", room, number];
}
