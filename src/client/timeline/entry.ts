/**
 * A message as a device has it: its newest version, with what others have said of it. Whatever belongs to it stands in it or is named
 * by it, so that nothing is left when it goes.
 */

import { enumeration, fixed, opaque, optional, struct, u64, u8, vector, type Codec } from "../../codec/codec.ts";
import { entryKind, integer, text, type EntryKind } from "../store/entry.ts";
import { CallEntry } from "./call-entry.ts";

/** "waiting": not yet at the service. "failed": it will not be sent. */
export type EntryStatus = "waiting" | "sent" | "failed" | "received";

/** A reaction to a message. */
export interface Reaction {
  readonly user: string;
  /** The id of the message that it came in: with it, it is taken back. */
  readonly id: Uint8Array;
  /** MIMI content, whose part has the disposition "reaction". */
  readonly content: Uint8Array;
}

/** What is stored of a message. */
export interface StoredEntry {
  /** The id of its first version: by it, others edit it, answer it, react to it. */
  readonly id: Uint8Array;
  readonly device: string;
  readonly status: EntryStatus;
  /** Its number in the room's log; 0 where it has none yet. */
  readonly number: bigint;
  /** When the service accepted it, in milliseconds since 1970; before, when it was written. */
  readonly at: number;
  /** The MIMI content of its newest version; empty where its author has taken it back. */
  readonly content: Uint8Array;
  /** When its newest version was accepted, where that is not the first. */
  readonly editedAt: number | undefined;
  /** When this user has read it. */
  readonly readAt: number | undefined;
  /** When it goes, and under which number that is in the store. */
  readonly expires: bigint | undefined;
  readonly reactions: readonly Reaction[];
  /** The ids of later versions, and of what took something back: so that none of them is taken twice. */
  readonly otherIds: readonly Uint8Array[];
  /** Where the entry is a call: what came of it. */
  readonly call: CallEntry | undefined;
}

const Reaction: Codec<Reaction> = struct<Reaction>({ user: text, id: fixed(32), content: opaque });

export const timelineEntry: EntryKind<StoredEntry> = entryKind(
  struct<StoredEntry>({
    id: fixed(32),
    device: text,
    status: enumeration(u8, { waiting: 1, sent: 2, failed: 3, received: 4 }),
    number: u64,
    at: integer,
    content: opaque,
    editedAt: optional(integer),
    readAt: optional(integer),
    expires: optional(u64),
    reactions: vector(Reaction, "proposals"),
    otherIds: vector(fixed(32), "proposals"),
    call: optional(CallEntry),
  }),
);

/** Where a message is, as the index says it. */
export const placeEntry: EntryKind<bigint> = entryKind(u64);
