/**
 * From layout 1 to 2: what a device knows of a room was one record, and is three.
 */

import { enumeration, opaque, optional, struct, u32, u64, u8 } from "../../codec/codec.ts";
import { putRoom, type LogRead, type RoomState } from "../room/state.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import type { Unread } from "../timeline/unread.ts";
import { entryKind, flag, integer, type EntryKind } from "./entry.ts";

/** A room as layout 1 has it. */
export const roomOfLayout1: EntryKind<RoomState> = entryKind(
  struct<RoomState>({
    status: enumeration(u8, { member: 1, left: 2, frozen: 3, behind: 4, creating: 5 }),
    groupId: opaque,
    cursor: u64,
    log: struct<LogRead>({ count: u32, hash: opaque, before: opaque }),
    nextIntent: u64,
    nextEntry: u64,
    lostRaces: u32,
    commitWrite: opaque,
    isDue: flag,
    stuckAt: u64,
    since: u64,
    unread: struct<Unread>({ messages: u32, mentions: u32 }),
    mutedUntil: optional(integer),
    renewedAt: integer,
    listed: u64,
    receipts: u8,
  }),
);

/** @throws ClientError "client-version", "client-damaged" */
export async function toLayout2(store: Pick<Store, "range">): Promise<readonly StoreChange[]> {
  const changes: StoreChange[] = [];
  for await (const { key, value } of store.range({ prefix: ["room"] }))
    changes.push(...putRoom(String(key[1]), undefined, roomOfLayout1.read(value)));
  return changes;
}
