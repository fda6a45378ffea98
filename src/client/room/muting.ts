/**
 * A room that is muted until a time: a setting of this user, which no other hears of.
 */

import { addUnread, noneUnread, type Unread } from "../timeline/unread.ts";
import type { RoomCore } from "./core.ts";

/** Muted until somebody says otherwise. */
export const forGood: number = Number.MAX_SAFE_INTEGER;

/** Mute a room until a time, in milliseconds since 1970, or no longer. Told where it changes something. */
export async function mute(core: RoomCore, until: number | undefined): Promise<void> {
  return core.turn(async () => {
    if (core.state.mutedUntil === until) return;
    await core.write({
      state: { mutedUntil: until },
      events: [{ kind: "muted", room: core.id, until }],
      flush: true,
    });
  });
}

/** Whether a room is muted now. */
export function isMuted({ state, around }: RoomCore): boolean {
  return state.mutedUntil !== undefined && state.mutedUntil > around.clock();
}

/** What is unread in several rooms. Of a muted room only messages that name this user count. */
export function unreadOf(cores: Iterable<RoomCore>): Unread {
  let sum = noneUnread;
  for (const core of cores) {
    const { messages, mentions } = core.state.unread;
    sum = addUnread(sum, isMuted(core) ? { messages: mentions, mentions } : { messages, mentions });
  }
  return sum;
}
