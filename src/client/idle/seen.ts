/**
 * That another device of this user was there: a message or a commit of it was taken in, which its leaf has signed. What a service says of times
 * counts for nothing here.
 */

import { userOfDevice } from "../../rooms/uri.ts";
import type { StoreChange } from "../../storage/store.ts";
import { putOutKey, seenKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";

const mark = Uint8Array.of(1);

/** What is stored of these devices, with what they have said: once until somebody looks. */
export function seen({ book, idle, user, device: own }: Surroundings, devices: Iterable<string>): StoreChange[] {
  const changes: StoreChange[] = [];
  if (book === undefined) return changes;
  for (const device of devices) {
    if (device === own || userOfDevice(device) !== user || idle.seen.has(device)) continue;
    idle.seen.add(device);
    changes.push({ put: seenKey(device), value: mark });
  }
  return changes;
}

/** What is stored where a device of this user has put this one out of a room: it may have been idle, and comes back then. */
export function putOut({ book, user, isSelf }: Surroundings, room: string, by: string): StoreChange[] {
  // The room of the user's devices is entered by whoever is on the list: shared/shared.ts.
  if (book === undefined || isSelf(room) || userOfDevice(by) !== user) return [];
  return [{ put: putOutKey(room), value: mark }];
}
