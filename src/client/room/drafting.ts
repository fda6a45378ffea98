/**
 * What an application wants to say, as MIMI content: words, a message of copse/content, content, or content that is encoded already.
 */

import { isObject } from "../../bytes/takes.ts";
import { decodeContent } from "../../content/decode.ts";
import { encodeContent } from "../../content/encode.ts";
import type { Message, Said, Text } from "../../content/messages/message.ts";
import { readMessage } from "../../content/messages/read.ts";
import { writeMessage } from "../../content/messages/write.ts";
import type { Expiration, MimiContent } from "../../content/mimi.ts";
import { isTimed } from "../timeline/timing.ts";
import type { RoomCore } from "./core.ts";

/** Words, in short: `{ text: "Hello" }`. The format is "plain" where nothing else is said. */
export type Words = Omit<Text, "kind" | "format"> & Partial<Pick<Text, "kind" | "format">>;

/** MIMI content whose salt, sender and room are filled in where they are missing. */
export type ContentDraft = Omit<MimiContent, "salt"> & Partial<Pick<MimiContent, "salt">>;

/** What can be sent: words, a message of copse/content, MIMI content, or its bytes. */
export type Sendable = Words | Message | ContentDraft | Uint8Array;

/** A message that can be sent. */
export interface Draft {
  readonly content: Uint8Array;
  /** After that, in milliseconds since 1970, it is not worth sending any more. */
  readonly until: number | undefined;
}

/**
 * The content of what is to be sent. A message that says nothing of how long it stays gets the room's timer, where there is one.
 *
 * @throws TypeError for what is no message; ContentError for bytes that are no content.
 */
export function draftOf(core: RoomCore, what: Sendable): Draft {
  const content = timedBy(core, contentOf(core, what));
  const until = content.expires?.relative === false ? content.expires.time * 1000 : undefined;
  return { content: what instanceof Uint8Array ? what.slice() : encodeContent(content), until };
}

/** What takes the place of a message, in short or in full. */
export function becoming(words: Words | Said): Said {
  return isWords(words) ? inFull(words) : words;
}

function isWords(what: Words | Message): what is Words {
  return what.kind === undefined || what.kind === "text";
}

function inFull(words: Words): Text {
  return { ...words, kind: "text", format: words.format ?? "plain" };
}

function contentOf({ around, id: roomUri }: RoomCore, what: Sendable): MimiContent {
  const { user: senderUri, random } = around;
  if (what instanceof Uint8Array) return decodeContent(what);
  if (!isObject(what)) throw new TypeError("a message is { text }, a message of copse/content, or MIMI content");
  if ("nestedPart" in what) return { senderUri, roomUri, ...what, salt: what.salt ?? random(16) };
  return writeMessage(isWords(what) ? inFull(what) : what, { senderUri, roomUri, random }).content;
}

function timedBy(core: RoomCore, content: MimiContent): MimiContent {
  if (content.expires !== undefined || content.replaces !== undefined) return content;
  const policy = core.rules.data.message_expiration_policy;
  const time = policy?.expiringMessages === "forbidden" ? undefined : policy?.default;
  if (time === undefined || !isTimed(readMessage(content).kind)) return content;
  const expires: Expiration = { relative: true, time };
  return { ...content, expires };
}
