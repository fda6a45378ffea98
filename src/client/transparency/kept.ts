/**
 * What a device keeps of the log of accounts.
 */

import { opaque, optional, struct, u16, u32, u64, type Codec } from "../../codec/codec.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { LoggedVersion } from "../../transparency/lookup.ts";
import { entryKind, integer, text, type EntryKind } from "../store/entry.ts";

/** The log as this device knows it. */
export interface KnownLog {
  /** The newest head. */
  readonly head: Uint8Array | undefined;
  /** When this user was looked up last, in milliseconds since 1970. */
  readonly ownAt: number;
  /** What is wrong with the log and was told; empty where nothing is. */
  readonly told: string;
}
export const knownLogKey: StoreKey = ["client", "log"];
export const knownLogEntry: EntryKind<KnownLog> = entryKind(
  struct<KnownLog>({ head: optional(opaque), ownAt: integer, told: text }),
);

/** What the log said of a user when it was asked last. */
export interface KnownLogged {
  readonly found: LoggedVersion | undefined;
  /** What is wrong with it and was told; empty where nothing is. */
  readonly told: string;
}
const LoggedVersion: Codec<LoggedVersion> = struct<LoggedVersion>({
  version: integer,
  account: struct({ cipherSuite: u16, rootKey: opaque, keyNumber: u32, number: u64, hash: opaque }),
});
export const knownLoggedEntry: EntryKind<KnownLogged> = entryKind(
  struct<KnownLogged>({ found: optional(LoggedVersion), told: text }),
);
export function knownLoggedKey(user: string): StoreKey {
  return ["logged", user];
}

/** A head that another device has said, and is not compared yet: of each device the last one. */
export const heardHeadEntry: EntryKind<{ readonly head: Uint8Array }> = entryKind(struct({ head: opaque }));
export function heardHeadKey(device: string): StoreKey {
  return ["heard-log", device];
}

/** When a head was told in a room, and which entry of its timeline came next then. */
export const toldHeadEntry: EntryKind<{ readonly at: number; readonly nextEntry: bigint }> = entryKind(
  struct({ at: integer, nextEntry: u64 }),
);
export function toldHeadKey(room: string): StoreKey {
  return ["told-head", room];
}
