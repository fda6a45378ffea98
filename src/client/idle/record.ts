/**
 * What a device knows of how long another one of its user has not been there.
 */

import { struct, u32 } from "../../codec/codec.ts";
import type { Store } from "../../storage/store.ts";
import { entryKind, flag, integer, type EntryKind } from "../store/entry.ts";

export interface Watched {
  /** When it was last found to have been there, by this device's clock, in milliseconds since 1970. */
  readonly seenAt: number;
  /** How often this device has looked since then, one after the other. */
  readonly looks: number;
  /** Whether it is out of rooms for that, until it is back. */
  readonly isIdle: boolean;
}

export const watchedEntry: EntryKind<Watched> = entryKind(
  struct<Watched>({ seenAt: integer, looks: u32, isIdle: flag }),
);

/** The devices of this user that are out of rooms since they were not there for too long. */
export async function idleDevices(store: Store): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const { key, value } of store.range({ prefix: ["idle"] })) {
    if (watchedEntry.read(value).isIdle) found.add(String(key[1]));
  }
  return found;
}
