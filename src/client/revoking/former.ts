/**
 * What was handed on in a room of the user's devices whose account key is retired.
 */

import { struct, u32, u64 } from "../../codec/codec.ts";
import { entryKind, type EntryKind } from "../store/entry.ts";

export interface Handed {
  /** The number of the account key that the devices there have been handed; 0: none. */
  readonly keyNumber: number;
  /** The epoch in which this device had come in there: who has come in again hands it on again. */
  readonly since: bigint;
}
export const formerEntry: EntryKind<Handed> = entryKind(struct<Handed>({ keyNumber: u32, since: u64 }));

export const notHanded: Handed = { keyNumber: 0, since: 0n };
