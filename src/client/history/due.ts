/**
 * Marks of entries that are to be kept in the history: in the batch that stores the entry, so that no crash loses one.
 */

import type { StoreKey } from "../../storage/key.ts";
import type { StoreChange } from "../../storage/store.ts";
import { timeEntry } from "../store/entry.ts";
import { isWaiting } from "../timeline/entry.ts";

/** How long entries are gathered before they are written, in milliseconds. */
export const writeAfter = 5_000;

/** Since when an entry is to be looked at, in milliseconds since 1970. */
export function dueKey(room: string, place: bigint): StoreKey {
  return ["history-due", room, place];
}

/**
 * Marks of all entries that these changes of a room put. What is not yet at the service is not kept before it is: the change that says so brings
 * the mark.
 */
export function dueMarks(changes: readonly StoreChange[], now: number): StoreChange[] {
  return changes.flatMap((change) => {
    if (!("put" in change)) return [];
    const [kind, room, place] = change.put;
    if (kind !== "sent" && (kind !== "timeline" || isWaiting(change.value))) return [];
    return [{ put: dueKey(String(room), place as bigint), value: timeEntry.write(now) }];
  });
}
