/**
 * A message as a device has it: its newest version, with what others have said of it. Whatever belongs to it stands in it or is named
 * by it, so that nothing is left when it goes.
 */

import { enumeration, fixed, opaque, optional, struct, u32, u64, u8, vector, type Codec } from "../../codec/codec.ts";
import { Reader } from "../../codec/reader.ts";
import { entryKind, flag, integer, text, type EntryKind } from "../store/entry.ts";
import { countings, type Counting } from "./unread.ts";
import type { Status } from "../../content/messages/records.ts";
import type { Expiration } from "../../content/mimi.ts";
import { CallEntry } from "./call-entry.ts";

/**
 * "waiting": not yet at the service. "failed": it will not be sent. "restored": from the encrypted history, for which the user's own devices
 * vouch; this device has not verified itself who has said it.
 */
export type EntryStatus = "waiting" | "sent" | "failed" | "received" | "restored";

/** A reaction to a message. */
export interface Reaction {
  readonly user: string;
  /** The id of the message that it came in: with it, it is taken back. */
  readonly id: Uint8Array;
  /** MIMI content, whose part has the disposition "reaction". */
  readonly content: Uint8Array;
}

/** What somebody has said of a message that this user has sent. */
export interface EntryReceipt {
  readonly user: string;
  /** The furthest that was said: who has read a message has got it. */
  readonly status: ReceiptStatus;
  /** When the service accepted that, in milliseconds since 1970. */
  readonly at: number;
}

/** draft-mahy-mimi-message-status section 4 */
export type ReceiptStatus = Exclude<Status["status"], number>;

/** The newest version of a message, where that is not the first. */
export interface Edit {
  readonly id: Uint8Array;
  /** Its number in the room's log. */
  readonly number: bigint;
  /** When the service accepted it, in milliseconds since 1970. */
  readonly at: number;
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
  /** The MIMI content of its first version, with what the newest one says; empty where its author has taken it back. */
  readonly content: Uint8Array;
  readonly edit: Edit | undefined;
  /** How long it stays: what its first version says, within the room's policy when it came. */
  readonly timer: Expiration | undefined;
  /** When this user has read it. */
  readonly readAt: number | undefined;
  /** When it goes, and under which number that is in the store. */
  readonly expires: bigint | undefined;
  readonly reactions: readonly Reaction[];
  /** The ids of later versions, and of what took something back: so that none of them is taken twice. */
  readonly otherIds: readonly Uint8Array[];
  /** Where the entry is a call: what came of it. */
  readonly call: CallEntry | undefined;
  /** Whether it is a poll whose author has ended it. */
  readonly isEnded: boolean;
  /** What it counts for among what is unread. */
  readonly counts: Counting;
  /** Of a message of this user: who has it, and who has read it, 256 users at the most. */
  readonly receipts: readonly EntryReceipt[];
}

/** What a new entry has not. */
export const plainEntry: Pick<
  StoredEntry,
  "edit" | "timer" | "readAt" | "expires" | "reactions" | "otherIds" | "call" | "isEnded" | "counts" | "receipts"
> = {
  edit: undefined,
  timer: undefined,
  readAt: undefined,
  expires: undefined,
  reactions: [],
  otherIds: [],
  call: undefined,
  isEnded: false,
  counts: "nothing",
  receipts: [],
};

const Reaction: Codec<Reaction> = struct<Reaction>({ user: text, id: fixed(32), content: opaque });

const EntryReceipt: Codec<EntryReceipt> = struct<EntryReceipt>({
  user: text,
  status: enumeration<ReceiptStatus>(u8, {
    unread: 1,
    delivered: 2,
    read: 3,
    expired: 4,
    deleted: 5,
    hidden: 6,
    error: 7,
  }),
  at: integer,
});

const statuses: Codec<EntryStatus> = enumeration(u8, { waiting: 1, sent: 2, failed: 3, received: 4, restored: 5 });

export const timelineEntry: EntryKind<StoredEntry> = entryKind(
  struct<StoredEntry>({
    id: fixed(32),
    device: text,
    status: statuses,
    number: u64,
    at: integer,
    content: opaque,
    edit: optional(struct<Edit>({ id: fixed(32), number: u64, at: integer })),
    timer: optional(struct<Expiration>({ relative: flag, time: u32 })),
    readAt: optional(integer),
    expires: optional(u64),
    reactions: vector(Reaction, "proposals"),
    otherIds: vector(fixed(32), "proposals"),
    call: optional(CallEntry),
    isEnded: flag,
    counts: countings,
    receipts: vector(EntryReceipt, "proposals"),
  }),
);

/** Whether an entry, as it is stored, does not say that it is at the service: without reading all of it. */
export function isWaiting(stored: Uint8Array): boolean {
  return statuses.read(atStatus(stored)) === "waiting";
}

function atStatus(stored: Uint8Array): Reader {
  const input = new Reader(stored);
  input.take(1 + 32);
  input.vectorBytes();
  return input;
}

/** That a message of this device is at the service: the fields of its entry that this changes, in their order. */
export const sentEntry: EntryKind<Pick<StoredEntry, "status" | "number" | "at">> = entryKind(
  struct<Pick<StoredEntry, "status" | "number" | "at">>({ status: statuses, number: u64, at: integer }),
);

/** An entry that waits, as it would be stored with what `sentEntry` has written. */
export function asSent(stored: Uint8Array, sent: Uint8Array): Uint8Array {
  const entry = stored.slice();
  entry.set(sent.subarray(1), atStatus(stored).offset); // behind its version
  return entry;
}

/** Where a message is, as the index says it. */
export const placeEntry: EntryKind<bigint> = entryKind(u64);
