/**
 * Rooms that the stolen device has put this one out of, when it had the old account key: this device comes in again from outside, under the new key, where its
 * user still takes part. Tried in each room until the service has answered, once for each account key.
 */

import type { Connection } from "../../delivery/delivery.ts";
import { ClientError } from "../errors.ts";
import { joinFromOutside } from "../room/joining.ts";
import { hasPassed } from "../passed.ts";
import type { KeyParts } from "./become-key.ts";

/** How long a room is left alone in which others were faster all the time, in milliseconds. */
const pause = 60_000;

const tried = new WeakMap<KeyParts["around"], Map<string, number>>();

/** Try it in one room. Gives whether it is not to be tried again. */
export async function comeBackInto(parts: KeyParts, connection: Connection, room: string): Promise<boolean> {
  const { around, rooms, people } = parts;
  const times = tried.get(around) ?? new Map<string, number>();
  tried.set(around, times);
  const now = around.clock();
  if (!hasPassed(pause, times.get(room) ?? -Infinity, now)) return false;
  times.set(room, now);
  try {
    await joinFromOutside(around, connection, room, (id) => rooms.get(id)?.core, {
      onlyAsParticipant: true,
      exceptFixed: true,
      mayBe: (members) => people.mayBe(members, room),
      add: (core) => {
        parts.add(core);
      },
    });
    return false; // its leaf is looked at as that of any other room
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return error.code !== "impossible";
  }
}
