/**
 * What this device knows of a room beside its group.
 */

import { enumeration, opaque, optional, struct, u32, u64, u8, type Codec } from "../../codec/codec.ts";
import { nothing } from "../../bytes/nothing.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { entryKind, flag, integer, type EntryKind } from "../store/entry.ts";
import { noneUnread, type Unread } from "../timeline/unread.ts";

/**
 * "creating": the service has not heard of it yet. "member": the group is here. "left": it is over for this device. "frozen": a commit broke the rules, and the service keeps it.
 * "behind": the group can't be followed any more, and is joined anew from outside.
 */
export type RoomStatus = "creating" | "member" | "left" | "frozen" | "behind";

/** What was read of a room's log in the current epoch. */
export interface LogRead {
  /** How many items. */
  readonly count: number;
  /** Their hash; empty before the first one. */
  readonly hash: Uint8Array;
  /** The hash with which the epoch before ended for this device; empty where it was not there. */
  readonly before: Uint8Array;
}
export const nothingRead: LogRead = { count: 0, hash: nothing, before: nothing };

export interface RoomState {
  readonly status: RoomStatus;
  readonly groupId: Uint8Array;
  /** The last item of the room's log that was taken in. */
  readonly cursor: bigint;
  /** What was read of it in this epoch. */
  readonly log: LogRead;
  /** The places that come next. */
  readonly nextIntent: bigint;
  readonly nextEntry: bigint;
  /** Commits of this device that lost a race, one after another. */
  readonly lostRaces: number;
  /** The write's id of the group's pending commit: none of it is another's. */
  readonly commitWrite: Uint8Array;
  /** Whether the group may have something to commit, or to publish, that no wish of this device's is for. */
  readonly isDue: boolean;
  /** The number of the commit that this device can't take in, where it is "frozen" or "behind" for that; else 0. */
  readonly stuckAt: bigint;
  /** The epoch in which this device came in: messages of epochs before are not for it. */
  readonly since: bigint;
  /** What this user has not read. */
  readonly unread: Unread;
  /** Until when the room is muted, in milliseconds since 1970. */
  readonly mutedUntil: number | undefined;
  /** When new keys of this device's leaf were asked for last, in milliseconds since 1970; 0: never looked at. */
  readonly renewedAt: number;
  /** One more than the number of the list of this user's devices that the room was brought in line with last; 0: none yet. */
  readonly listed: bigint;
  /** Which receipts this user does not want sent in it: see room/receipts.ts. */
  readonly receipts: number;
}

/** A part of it that is a record of its own: what changes with each message is small, and is not written with the rest. */
interface RoomPart {
  readonly kind: string;
  readonly names: readonly (keyof RoomState)[];
  readonly entry: EntryKind<Partial<RoomState>>;
}

function part<Name extends keyof RoomState>(
  kind: string,
  fields: { readonly [K in Name]-?: Codec<RoomState[K]> },
): RoomPart {
  const entry = entryKind(struct<Pick<RoomState, Name>>(fields));
  return { kind, names: Object.keys(fields) as Name[], entry };
}

const parts: readonly RoomPart[] = [
  part("room", {
    status: enumeration(u8, { member: 1, left: 2, frozen: 3, behind: 4, creating: 5 }),
    groupId: opaque,
    lostRaces: u32,
    commitWrite: opaque,
    isDue: flag,
    stuckAt: u64,
    since: u64,
    mutedUntil: optional(integer),
    renewedAt: integer,
    listed: u64,
    receipts: u8,
  }),
  part("cursor", { cursor: u64, log: struct<LogRead>({ count: u32, hash: opaque, before: opaque }) }),
  part("next", {
    nextIntent: u64,
    nextEntry: u64,
    unread: struct<Unread>({ messages: u32, mentions: u32 }),
  }),
];

/** Writes what is not as it was before; all of it, where nothing was. */
export function putRoom(room: string, before: RoomState | undefined, state: RoomState): readonly StoreChange[] {
  return parts
    .filter(({ names }) => names.some((name) => before?.[name] !== state[name]))
    .map(({ kind, entry }) => ({ put: [kind, room], value: entry.write(state) }));
}

/** The rooms of a store. @throws ClientError "client-version", "client-damaged" */
export async function* storedRooms(
  store: Pick<Store, "getMany" | "range">,
): AsyncIterable<{ readonly id: string; readonly state: RoomState }> {
  for await (const { key } of store.range({ prefix: ["room"] })) {
    const id = String(key[1]);
    const stored = await store.getMany(parts.map(({ kind }) => [kind, id]));
    const read: Partial<RoomState>[] = parts.map(({ entry }, i) => entry.read(stored[i] ?? nothing));
    yield { id, state: Object.assign({}, ...read) as RoomState };
  }
}

/** A room as it begins for this device: it reads the log behind this number, and its timeline begins at this place. */
export function newRoomState(groupId: Uint8Array, cursor: bigint, nextEntry: bigint): RoomState {
  return {
    status: "member",
    groupId,
    cursor,
    log: nothingRead,
    nextIntent: 1n,
    nextEntry,
    lostRaces: 0,
    commitWrite: nothing,
    isDue: false,
    stuckAt: 0n,
    since: 0n,
    unread: noneUnread,
    mutedUntil: undefined,
    renewedAt: 0,
    listed: 0n,
    receipts: 0,
  };
}

/** What a room keeps for this user when this device comes into it again. */
export function keptOf({ nextIntent, nextEntry, unread, mutedUntil, receipts }: RoomState): Partial<RoomState> {
  return { nextIntent, nextEntry, unread, mutedUntil, receipts };
}
