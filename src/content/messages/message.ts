/**
 * What a chat message says: one union, which `readMessage` reads out of MIMI content and `writeMessage` writes into it.
 */

import type { CallNotice } from "./call.ts";
import type { Attachment, Picture } from "./media.ts";
import type { Contact, Location, Poll, Status } from "./records.ts";
import type { Expiration, MessageId, Part } from "../mimi.ts";

/** What may be said of any message. */
export interface Surroundings {
  /** The message that this one answers: the version that its author saw. */
  readonly inReplyTo?: MessageId;
  /** Messages with the same topic belong together. */
  readonly topicId?: Uint8Array;
  readonly expires?: Expiration;
  /** How often it was passed on, as whoever passed it on says. At most 255. */
  readonly forwarded?: number;
}

/** Words. */
export interface Text extends Surroundings {
  readonly kind: "text";
  readonly text: string;
  /** "html" is read only where it is asked for, and never written. Never put it into a page as it stands. */
  readonly format: "plain" | "markdown" | "html";
  /** Language tags of RFC 5646. */
  readonly language?: string;
  readonly previews?: readonly LinkPreview[];
  /** Parts that were not understood, beside the words that were. */
  readonly rest?: readonly Part[];
}

/** What the sender's client found behind a link of the text, so that receivers need not ask there. */
export interface LinkPreview {
  /** It stands in the text: a preview of something else is not told. */
  readonly url: string;
  readonly title?: string;
  readonly description?: string;
  readonly image?: Picture;
}

/** Files, pictures, sounds, stickers. */
export interface Media extends Surroundings {
  readonly kind: "media";
  /** One at the least. */
  readonly attachments: readonly Attachment[];
  readonly caption?: { readonly text: string; readonly format: "plain" | "markdown" | "html" };
  /**
   * To be shown once, and forgotten. Clients that don't know of this show nothing at all; no client can be held to it.
   */
  readonly viewOnce?: true;
  /** Parts that were not understood, beside those that were. */
  readonly rest?: readonly Part[];
}

/** Emoji to a message. */
export interface Reaction extends Surroundings {
  readonly kind: "reaction";
  readonly inReplyTo: MessageId;
  /** Each by itself: together they could become another one. */
  readonly reactions: readonly string[];
}

/** A question with answers to choose from. */
export interface PollMessage extends Surroundings, Poll {
  readonly kind: "poll";
  /** What clients that know no polls show. */
  readonly fallback?: string;
}

/** An answer to a poll: the last one of each user counts. */
export interface Vote extends Surroundings {
  readonly kind: "vote";
  /** The poll. */
  readonly inReplyTo: MessageId;
  /** The places of the options, from 0 on. None: the vote is taken back. */
  readonly options: readonly number[];
}

/** No more votes, please: said by the poll's author. */
export interface PollEnd extends Surroundings {
  readonly kind: "poll-end";
  readonly inReplyTo: MessageId;
}

/** A place; it moves by edits. */
export interface LocationMessage extends Surroundings, Location {
  readonly kind: "location";
  readonly fallback?: string;
}

/** People. */
export interface ContactMessage extends Surroundings {
  readonly kind: "contact";
  readonly contacts: readonly Contact[];
  readonly fallback?: string;
}

/** What happened to a call. Ringing must expire at a time of the clock, so that a device that wakes up later does not ring. */
export interface CallMessage extends Surroundings, CallNotice {
  readonly kind: "call";
}

/** A conference that can be joined at a URL. */
export interface Session extends Surroundings {
  readonly kind: "session";
  readonly url: string;
  readonly description: string;
}

/** What became of messages at whoever says it: delivered, read. */
export interface StatusReport extends Surroundings {
  readonly kind: "status";
  readonly reports: readonly Status[];
}

/** A message is pinned in the room, or no longer. */
export interface Pin extends Surroundings {
  readonly kind: "pin";
  readonly inReplyTo: MessageId;
  readonly pinned: boolean;
}

/** What no kind of these is. */
export interface Unknown extends Surroundings {
  readonly kind: "unknown";
  /** All of it, as it came. */
  readonly part: Part;
  /** The media types in it, in the order of their parts. */
  readonly contentTypes: readonly string[];
}

/** What is said, whether for the first time or in the place of something. */
export type Said =
  | Text
  | Media
  | Reaction
  | PollMessage
  | Vote
  | PollEnd
  | LocationMessage
  | ContactMessage
  | CallMessage
  | Session
  | StatusReport
  | Pin
  | Unknown;

/** Something else is said in the place of a message. */
export interface Edit {
  readonly kind: "edit";
  /** The first version of the message, whichever versions there were since. */
  readonly replaces: MessageId;
  readonly becomes: Said;
}

/** A message is taken back, or a reaction or a vote. */
export interface Unsend extends Surroundings {
  readonly kind: "unsend";
  /** The first version of the message. */
  readonly replaces: MessageId;
}

/** A message. */
export type Message = Said | Edit | Unsend;
