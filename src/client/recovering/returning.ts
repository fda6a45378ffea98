/**
 * Coming back into rooms: a device that has the account by the recovery code is in none, and knows of none; of a device that was taken off the list
 * nobody knows in which it is. The service tells of those in which the
 * user's devices are that are off the list, and it joins each from outside, where the user takes part already and somebody is there who may
 * bring this user into rooms. RFC 9420 section 12.4.3.2
 */

import { attemptLong } from "../../bytes/attempt.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { ClientError } from "../errors.ts";
import type { RoomCore } from "../room/core.ts";
import { joinFromOutside, type JoiningOptions } from "../room/joining.ts";
import type { StoreChange } from "../../storage/store.ts";
import { timeEntry } from "../store/entry.ts";
import { recoveredKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import { hasPassed } from "../passed.ts";

/**
 * A device was taken off the user's list: it may be in rooms that this one does not know, out of which nobody else would put it. From now on this device
 * looks for them. Give the change to a batch.
 */
export function missesRooms(around: Surroundings): StoreChange {
  around.isRecovered = true;
  return { put: recoveredKey, value: timeEntry.write(around.clock()) };
}

/** How long a room is left alone that lets nobody in, in milliseconds. */
const pause = 10 * 60 * 1000;

const tried = new WeakMap<Surroundings, Map<string, number>>();

/** The room, where this device is in it now. */
export async function comeBack(
  around: Surroundings,
  connection: Connection,
  room: string,
  { mayBe, add }: Required<Pick<JoiningOptions, "mayBe" | "add">>,
): Promise<RoomCore | undefined> {
  const times = tried.get(around) ?? new Map<string, number>();
  tried.set(around, times);
  const now = around.clock();
  if (!hasPassed(pause, times.get(room) ?? -Infinity, now)) return undefined;
  times.set(room, now);
  // Undefined where it does not let this user in, or not any more.
  return attemptLong(ClientError, async () => {
    const how = { onlyAsParticipant: true, exceptHidden: true, mayBe, add };
    return await joinFromOutside(around, connection, room, () => undefined, how);
  });
}
