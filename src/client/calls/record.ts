/**
 * What a device keeps of a call: where the timeline has it, and where its group is, as the room's log says. Of two commits for one epoch the
 * one that the log has first counts. Any member of the room can say that it has made one: who is in the call takes the first that its group takes,
 * and says so to those who are not.
 */

import { bool } from "../../rooms/formats/parts.ts";
import { opaque, optional, struct, u64 } from "../../codec/codec.ts";
import { entryKind, text, type EntryKind } from "../store/entry.ts";
import type { CallHandshake } from "./handshake.ts";

export interface CallRecord {
  /** Its place in the timeline. */
  readonly place: bigint;
  /** The device that rang: it alone can begin the group. */
  readonly caller: string;
  /** The epoch that the group is in: 0 where it has not begun. */
  readonly epoch: bigint;
  /** What comes in from outside needs, where the log has it for that epoch. */
  readonly groupInfo: Uint8Array | undefined;
  /** Nobody joins it any more. */
  readonly isOver: boolean;
}

export const callRecord: EntryKind<CallRecord> = entryKind(
  struct<CallRecord>({ place: u64, caller: text, epoch: u64, groupInfo: optional(opaque), isOver: bool }),
);

/**
 * The record after what the log brings; undefined where that does not count. It goes on where the call is said to be over: whoever is in it still
 * has to lock out those whom the room removes.
 */
export function afterHandshake(before: CallRecord, handshake: CallHandshake, device: string): CallRecord | undefined {
  switch (handshake.kind) {
    case "proposal":
      return before;
    case "commit":
      if (handshake.epoch < before.epoch) return undefined;
      if (before.epoch === 0n && device !== before.caller) return undefined;
      return { ...before, epoch: handshake.epoch + 1n, groupInfo: handshake.groupInfo };
    case "group-info":
    case "reset":
      if (before.epoch === 0n || handshake.epoch === 0n) return undefined; // its caller alone begins it
      if (handshake.kind === "group-info" && handshake.epoch !== before.epoch) return undefined;
      return { ...before, epoch: handshake.epoch, groupInfo: handshake.message };
  }
}
