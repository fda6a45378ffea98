/**
 * The timeline takes the messages of all rooms but those of the user's own devices, whose messages are theirs to take in.
 */

import type { Folding } from "../surroundings.ts";
import type { SelfRooms } from "./self-rooms.ts";

export interface BesideTimeline {
  readonly shared: () => Promise<Pick<Folding, "opened">>;
  /** A message of a room has come. */
  readonly heard: (room: string) => void;
}

/** What becomes of messages, in the rooms of the user's devices and in all others. */
export function foldingBeside(timeline: Folding, selfRooms: SelfRooms, beside: BesideTimeline): Folding {
  return {
    opened: async (message, nextEntry) => {
      if (selfRooms.has(message.room)) return (await beside.shared()).opened(message, nextEntry);
      beside.heard(message.room);
      return timeline.opened(message, nextEntry);
    },
    own: async (message) => (selfRooms.has(message.room) ? { changes: [], events: [] } : timeline.own(message)),
    accepted: (message, entry) => timeline.accepted(message, entry),
    failed: (room, entry) => timeline.failed(room, entry),
  };
}
