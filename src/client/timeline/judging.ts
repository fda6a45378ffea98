/**
 * What a message does to the entries of a timeline, as `judge` of copse/content rules it. Every device judges by what the log holds before
 * the message and by the room's roles, so that all honest ones show the same.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { hex } from "../../bytes/text.ts";
import { decodeContent } from "../../content/decode.ts";
import { encodeContent } from "../../content/encode.ts";
import { ContentError } from "../../content/errors.ts";
import { judge, type ContentCapability, type KnownMessage, type Refusal } from "../../content/messages/judge.ts";
import type { Message, Said } from "../../content/messages/message.ts";
import { readMessage } from "../../content/messages/read.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { nextStatus } from "../../content/messages/tally.ts";
import type { Status } from "../../content/messages/records.ts";
import { nothing } from "../../bytes/nothing.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { ClientErrorCode } from "../errors.ts";
import type { ReceiptStatus, StoredEntry } from "./entry.ts";

/** An entry of a timeline and where it is. */
export interface Placed extends StoredEntry {
  readonly place: bigint;
}

/** A message that is to be judged, with the entries that it names. */
export interface Case {
  readonly user: string;
  readonly id: Uint8Array;
  /** Its content, as bytes and read. */
  readonly bytes: Uint8Array;
  readonly content: MimiContent;
  /** What the content says. */
  readonly said: Message;
  readonly at: number;
  /** Its number in the log; undefined where it has none yet. */
  readonly number: bigint | undefined;
  /** The entry that a message's id belongs to, where this device has it. */
  readonly find: (id: Uint8Array) => Placed | undefined;
  readonly may: (capability: ContentCapability) => boolean;
}

/**
 * What comes of a message. "new": an entry of its own, and what it changes of another, where it does. "changes": another entry is this one
 * from now on. "waits": what it is about is not here. "refused": nobody takes it.
 */
export type Judged =
  | { readonly kind: "new"; readonly changed?: Placed }
  | { readonly kind: "changes"; readonly changed: Placed }
  | { readonly kind: "waits" }
  | { readonly kind: "refused"; readonly reason: Refusal | "too-many" | "too-long" };

/** Reactions to one message that are kept. More are passed over: a stranger could make an entry grow without end. */
const mostReactions = 1_000;
/** Those of one user, and the length of one, in bytes. */
const mostOfOne = 16;
const longestReaction = 1_024;
/** Ids of versions, and of reactions that were taken back, of one message, as others make them. */
const mostIds = 1_000;
/** As its author does, who is not to be kept from it by others. An author can always take a message back. */
const mostOfAuthor = 2_000;

/** The number of an edit that the service has not accepted yet: it is newer than all others. */
export const unnumbered: bigint = 2n ** 64n - 1n;

/** The ids of messages that a message names. */
export function namedBy({ replaces, inReplyTo }: MimiContent): readonly Uint8Array[] {
  return [replaces, inReplyTo].filter((id) => id !== undefined);
}

/** What a message comes to. */
export function judged(it: Case): Judged {
  const { said, user: senderUri, at, find, may: can } = it;
  const ruling = judge(said, {
    senderUri,
    find: (id) => {
      const entry = find(id);
      return entry && known(entry, id);
    },
    acceptedAt: Math.max(0, Math.floor(at)),
    can,
  });
  if (ruling.verdict === "wait") return { kind: "waits" };
  if (ruling.verdict === "refuse") return { kind: "refused", reason: ruling.reason };
  switch (said.kind) {
    case "edit":
    case "unsend":
      return replacing(it, find(said.replaces)!);
    case "reaction":
      return reacting(it, find(said.inReplyTo)!);
    case "poll-end": {
      const poll = find(said.inReplyTo);
      return { kind: "new", ...(poll !== undefined && { changed: { ...poll, isEnded: true } }) };
    }
    default:
      return { kind: "new" };
  }
}

/** What an entry is by one of the ids that it has. */
function known(entry: StoredEntry, id: Uint8Array): KnownMessage {
  const author = userOfDevice(entry.device);
  const reaction = entry.reactions.find((each) => bytesEqual(each.id, id));
  if (reaction !== undefined)
    return { senderUri: reaction.user, message: readMessage(decodeContent(reaction.content)) };
  const isFirst = bytesEqual(entry.id, id);
  if (entry.content.length === 0) return { senderUri: author, message: gone, unsent: true };
  const message = readMessage(decodeContent(entry.content)) as Said;
  if (!isFirst) return { senderUri: author, message: { kind: "edit", replaces: entry.id, becomes: message } };
  return { senderUri: author, message, ended: entry.isEnded };
}

/** Users of whom a message's receipts are kept. */
const mostReceipts = 256;
/** Messages that one message reports of: who says more says nothing. */
export const mostReports = 512;

/** What a room's policy lets be said: where it forbids receipts, nobody has sent any. */
export interface ReceiptsAllowed {
  readonly delivered: boolean;
  readonly read: boolean;
}

/**
 * A message after somebody's report of it; undefined where that changes nothing. Only what others say of a message of this user is kept:
 * who has written it can't have got it, and a report says nothing of anybody but its sender.
 */
export function reported(
  entry: Placed,
  { id, status }: Status,
  {
    user,
    me,
    at,
    allowed,
  }: { readonly user: string; readonly me: string; readonly at: number; readonly allowed: ReceiptsAllowed },
): Placed | undefined {
  const { receipts, content, call } = entry;
  if (typeof status === "number" || !(status === "delivered" ? allowed.delivered : allowed.read)) return undefined;
  if (!bytesEqual(entry.id, id) || content.length === 0 || call !== undefined) return undefined;
  if (userOfDevice(entry.device) !== me || user === me || entry.number === 0n) return undefined;
  const known = receipts.find((each) => each.user === user);
  if (known === undefined && receipts.length >= mostReceipts) return undefined;
  const next = nextStatus(known?.status, status) as ReceiptStatus;
  if (next === known?.status) return undefined;
  return { ...entry, receipts: [...receipts.filter((each) => each !== known), { user, status: next, at }] };
}

const gone: Message = { kind: "text", text: "", format: "plain" };

function reacting({ user, id, bytes: content }: Case, entry: Placed): Judged {
  const { reactions, otherIds } = entry;
  const own = reactions.filter((each) => each.user === user).length;
  if (content.length > longestReaction) return { kind: "refused", reason: "too-long" };
  if (own >= mostOfOne || reactions.length >= mostReactions || otherIds.length >= mostIds) return tooMany;
  return changes({ ...entry, reactions: [...entry.reactions, { user, id, content }] });
}

const tooMany: Judged = { kind: "refused", reason: "too-many" };

function changes(changed: Placed): Judged {
  return { kind: "changes", changed };
}

function replacing(it: Case, entry: Placed): Judged {
  const { said, user } = it;
  const isOwn = userOfDevice(entry.device) === user;
  const isEnd = said.kind === "unsend" && bytesEqual(said.replaces, entry.id);
  if (!isEnd && entry.otherIds.length >= (isOwn ? mostOfAuthor : mostIds)) return tooMany;
  try {
    return replaced(it, entry);
  } catch (error) {
    // What a stranger wrote, and can't be written under the head of what was there.
    if (error instanceof ContentError || error instanceof TypeError) return { kind: "refused", reason: "other-kind" };
    throw error;
  }
}

function replaced({ id, content, said, at, number = unnumbered }: Case, entry: Placed): Judged {
  const { replaces, nestedPart } = content;
  const otherIds = [...entry.otherIds, id];
  const isTakenBack = said.kind === "unsend";
  if (replaces !== undefined && !bytesEqual(replaces, entry.id)) {
    const reactions = entry.reactions.flatMap((each) => {
      if (!bytesEqual(each.id, replaces)) return [each];
      return isTakenBack ? [] : [{ ...each, content: withPart(each.content, nestedPart) }];
    });
    // Else a reaction would become what it may not be at first.
    const edited = reactions.find((each) => bytesEqual(each.id, replaces));
    if (edited !== undefined && edited.content.length > longestReaction) return { kind: "refused", reason: "too-long" };
    return changes({ ...entry, reactions, otherIds: isTakenBack ? [...otherIds, replaces] : otherIds });
  }
  if (isTakenBack) {
    const ids = entry.reactions.map((each) => each.id);
    return changes({ ...entry, content: nothing, reactions: [], otherIds: [...otherIds, ...ids] });
  }
  // Of two devices of the author, the one whose edit the log has later has the last word.
  if (entry.edit !== undefined && entry.edit.number > number) return changes({ ...entry, otherIds });
  return changes({ ...entry, content: withPart(entry.content, nestedPart), edit: { id, number, at }, otherIds });
}

/**
 * A content that says something else. draft-ietf-mimi-content section 3.2: "even the original sender of a message MUST NOT be able to
 * change the semantics of any other portion of the message except for the contents of the NestedPart".
 */
function withPart(content: Uint8Array, nestedPart: MimiContent["nestedPart"]): Uint8Array {
  return encodeContent({ ...decodeContent(content), nestedPart });
}

/** What its author is told of a message that nobody would take. */
export const refusals: Readonly<Record<Extract<Judged, { kind: "refused" }>["reason"], ClientErrorCode>> = {
  "not-author": "message-foreign",
  "not-permitted": "not-allowed",
  unsent: "message-unknown",
  "not-first-version": "message-unknown",
  "other-kind": "impossible",
  "wrong-kind": "impossible",
  "invalid-vote": "impossible",
  "too-many": "too-many",
  "too-long": "too-large",
};

/** Entries by the ids that a message names. */
export function findIn(entries: ReadonlyMap<string, Placed>): Case["find"] {
  return (id) => entries.get(hex(id));
}
