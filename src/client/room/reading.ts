/**
 * What this user has read: messages one by one, or all of them.
 */

import type { Timeline } from "../timeline/timeline.ts";
import type { RoomCore } from "./core.ts";

/** This user has seen the message at a place of the timeline. */
export async function markRead(core: RoomCore, timeline: Timeline, place: bigint): Promise<void> {
  await core.turn(async () => {
    await loaded(core);
    await read(core, timeline, place);
  });
}

/** This user has seen all messages, or all up to a place. */
export async function markAllRead(core: RoomCore, timeline: Timeline, through: bigint | undefined): Promise<void> {
  const newest = core.state.nextEntry - 1n;
  const last = through === undefined || through > newest ? newest : through;
  await core.turn(async () => {
    await loaded(core);
    for await (const place of timeline.unreadThrough(core.id, last)) {
      await read(core, timeline, place);
      if (core.state.unread.messages === 0) return;
    }
  });
}

/** The room's rules say whether receipts are sent: of one that is over they need not be there. */
async function loaded(core: RoomCore): Promise<void> {
  if (core.state.status === "member") await core.group();
}

async function read(core: RoomCore, timeline: Timeline, place: bigint): Promise<void> {
  const { id, around } = core;
  const { changes, unread } = await timeline.reading(id, place, around.clock(), {
    devices: around.isSharing,
    author: true,
  });
  if (changes.length === 0) return;
  await core.write({ changes, unread });
  if (around.isSharing) around.share();
}
