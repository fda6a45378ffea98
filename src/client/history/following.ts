/**
 * Where this device is in the history of its user, since it was restored here once: what is still to be walked through, and when.
 */

import { optional, struct, type Codec } from "../../codec/codec.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { entryKind, integer, type EntryKind } from "../store/entry.ts";
import { KeptEpoch } from "./epochs.ts";

/** How far restoring has come. */
export interface Following {
  /** Where it goes on: what of an epoch is left, and all that is before it. Undefined: everything is here that could be found. */
  readonly rest: KeptEpoch | undefined;
  /** When the client goes on by itself, in milliseconds since 1970. */
  readonly due: number;
  /** How often it has looked for an edge in vain. */
  readonly tries: number;
}

/** Not before the application says so. */
export const never: number = Number.MAX_SAFE_INTEGER;

const followingKey: StoreKey = ["history", "following"];
const Following: Codec<Following> = struct<Following>({
  rest: optional(KeptEpoch),
  due: integer,
  tries: integer,
});
const followingEntry: EntryKind<Following> = entryKind(Following);

/** Undefined where the history was never restored here. */
export async function followingIn(store: Store): Promise<Following | undefined> {
  const stored = await store.get(followingKey);
  return stored && followingEntry.read(stored);
}

export function putFollowing(following: Following): StoreChange {
  return { put: followingKey, value: followingEntry.write(following) };
}
