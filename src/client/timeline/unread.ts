/**
 * What of a room this user has not read: two counters in the room's state, which go in the batch that changes an entry.
 */

import { enumeration, u8, type Codec } from "../../codec/codec.ts";
import { mentionsIn } from "../../content/messages/mentions.ts";
import type { Message } from "../../content/messages/message.ts";
import { userOfDevice } from "../../rooms/uri.ts";

/** How many messages of a room this user has not read, and how many of them name this user. */
export interface Unread {
  readonly messages: number;
  readonly mentions: number;
}

/** What an entry counts for. */
export type Counting = "nothing" | "unread" | "mention";

export const countings: Codec<Counting> = enumeration(u8, { nothing: 0, unread: 1, mention: 2 });

/** Messages that somebody waits to see; a vote, a pin or a report is none. */
const counted: readonly Message["kind"][] = ["text", "media", "poll", "location", "contact", "session", "unknown"];

/** What of an entry is looked at. */
interface Countable {
  readonly status: "waiting" | "sent" | "failed" | "received" | "restored";
  readonly readAt: number | undefined;
  readonly device: string;
  readonly content: Uint8Array;
}

/** What an entry counts for with the user whose device this is. */
export function countingOf(
  { status, readAt, device, content }: Countable,
  said: Message | undefined,
  user: string,
): Counting {
  if (said === undefined || content.length === 0) return "nothing";
  if (status !== "received" || readAt !== undefined || userOfDevice(device) === user) return "nothing";
  if (!counted.includes(said.kind)) return "nothing";
  return mentions(said, user) ? "mention" : "unread";
}

function mentions(said: Message, user: string): boolean {
  const words = said.kind === "text" ? said : said.kind === "media" ? said.caption : undefined;
  return words?.format === "markdown" && mentionsIn(words.text).some(({ uri }) => uri === user);
}

/** What the counters change by when an entry that counted for one thing counts for another. */
export function unreadChange(before: Counting, after: Counting): Unread {
  return {
    messages: Number(after !== "nothing") - Number(before !== "nothing"),
    mentions: Number(after === "mention") - Number(before === "mention"),
  };
}

export const noneUnread: Unread = { messages: 0, mentions: 0 };

/** Both together; never less than none. */
export function addUnread(a: Unread, b: Unread): Unread {
  return { messages: Math.max(0, a.messages + b.messages), mentions: Math.max(0, a.mentions + b.mentions) };
}
