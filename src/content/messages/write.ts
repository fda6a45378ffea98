/**
 * From what a message says to MIMI content, with its bytes and its id.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import {
  anything,
  bytes,
  flag,
  hook,
  is,
  list,
  oneOf,
  options,
  text,
  thing,
  variants,
  type Takes,
} from "../../bytes/takes.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { platformRandom, randomBytes } from "../../crypto/random.ts";
import type { Random } from "../../crypto/provider.ts";
import { encodeContent, encodePart, takesExpiration, takesMessageId } from "../encode.ts";
import { messageId, type Address } from "../message-id.ts";
import { saltLength, type MimiContent, type Part } from "../mimi.ts";
import { bare } from "./bare.ts";
import { without } from "./without.ts";
import { callNotice } from "./call.ts";
import { writeField } from "./fields.ts";
import { forwardedExtension } from "./media-types.ts";
import { own, wordsPart, writeAttachment } from "./media.ts";
import type { LinkPreview, Media, Message, Reaction, Said, Surroundings, Unsend } from "./message.ts";
import { readMessage } from "./read.ts";
import { isSame } from "./same.ts";
import { contacts, location, pin, poll, previewWords, statusReports, vote } from "./records.ts";

/** Whose message it becomes. */
export interface WriteOptions extends Address {
  /** Where the salt comes from. Default: the platform's source. */
  readonly random?: Random;
}

/** A message that can be sealed. */
export interface WrittenMessage {
  readonly id: Bytes;
  /** What goes into `group.seal`. */
  readonly bytes: Bytes;
  readonly content: MimiContent;
}

/**
 * A message as MIMI content.
 *
 *     const { id, bytes } = writeMessage({ kind: "text", text: "Hello", format: "plain" }, { senderUri, roomUri });
 *
 * @throws TypeError where a receiver would not read what is said: an option that there is not, a poll with one answer, a preview of a
 * link that is not in the text.
 */
export function writeMessage(message: Message, how: WriteOptions): WrittenMessage {
  takesHow("how", how);
  takesMessage("message", message);
  const { senderUri, roomUri, random = platformRandom } = how;
  const salt = randomBytes(random, saltLength);
  const content = contentOf(message, { salt, senderUri, roomUri });
  const encoded = encodeContent(content);
  if (!isSame(message, readMessage(content))) throw new TypeError("no receiver would read the message as it was meant");
  return { id: messageId(encoded, { senderUri, roomUri }), bytes: encoded, content };
}

/**
 * What is passed on of a message to another room: what it says, and that it was passed on; not whom it answered.
 *
 *     writeMessage(forwarded(message), { senderUri, roomUri: other });
 *
 * @throws TypeError for what belongs to its room alone: reactions, votes, reports, calls, pins; and for what is shown once.
 */
export function forwarded(said: Said): Said {
  if (!forwardable.includes(said.kind) || (said.kind === "media" && said.viewOnce === true)) {
    throw new TypeError(`a message of kind ${said.kind} is not passed on`);
  }
  const words = without(bare(said), ["liveUntil"]); // a place that is passed on moves no more
  return { ...words, forwarded: Math.min((said.forwarded ?? 0) + 1, 255) } as Said;
}

const forwardable: readonly string[] = ["text", "media", "poll", "location", "contact", "session", "unknown"];

function contentOf(message: Message, head: Pick<MimiContent, "salt" | "senderUri" | "roomUri">): MimiContent {
  const { salt, senderUri, roomUri } = head;
  const said: Said | Unsend = message.kind === "edit" ? message.becomes : message;
  const { inReplyTo, topicId, expires, forwarded: times } = said;
  return {
    salt,
    ...(message.kind === "edit" || message.kind === "unsend" ? { replaces: message.replaces } : {}),
    ...(topicId !== undefined && { topicId }),
    ...(expires !== undefined && { expires }),
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(senderUri !== undefined && { senderUri }),
    ...(roomUri !== undefined && { roomUri }),
    ...(times !== undefined && { extensions: new Map([[forwardedExtension, times]]) }),
    nestedPart: partOf(said),
  };
}

function partOf(said: Said | Unsend): Part {
  switch (said.kind) {
    case "unsend":
      return { disposition: "render", cardinality: "null" };
    case "text":
      return processAll([wordsPart(said), ...(said.previews ?? []).map(previewPart), ...(said.rest ?? [])]);
    case "media":
      return mediaPart(said);
    case "reaction":
      return reactionPart(said);
    case "poll":
      return withFallback(own("poll", writeField(poll, said)), said.fallback);
    case "vote":
      return own("vote", writeField(vote, said));
    case "poll-end":
      return own("pollEnd", new Uint8Array(0));
    case "location":
      return withFallback(own("location", writeField(location, said)), said.fallback);
    case "contact":
      return withFallback(own("contact", writeField(contacts, said.contacts)), said.fallback);
    case "call":
      return { ...own("call", writeField(callNotice, said)), disposition: "session" };
    case "status":
      return own("status", writeField(statusReports, said.reports));
    case "pin":
      return own("pin", writeField(pin, said));
    case "session":
      return sessionPart(said.url, said.description);
    case "unknown":
      return said.part;
  }
}

/** One part as it is, more of them as one. */
function processAll(parts: readonly Part[], disposition: Part["disposition"] = "render"): Part {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  return { disposition, cardinality: "multi", partSemantics: "processAll", parts };
}

function withFallback(part: Part, fallback: string | undefined): Part {
  if (fallback === undefined) return part;
  const words = wordsPart({ text: fallback, format: "plain" });
  return { disposition: "render", cardinality: "multi", partSemantics: "chooseOne", parts: [part, words] };
}

function mediaPart({ attachments, caption, viewOnce, rest = [] }: Media): Part {
  const words = caption === undefined ? [] : [wordsPart(caption)];
  const part = processAll([...words, ...attachments.map(writeAttachment), ...rest]);
  return viewOnce === true ? own("viewOnce", encodePart(part)) : part;
}

function reactionPart({ reactions }: Reaction): Part {
  return processAll(
    reactions.map((each) => wordsPart({ text: each, format: "plain" }, "reaction")),
    "reaction",
  );
}

function previewPart({ image, ...words }: LinkPreview): Part {
  const part: Part = { ...own("linkPreview", writeField(previewWords, words)), disposition: "preview" };
  if (image === undefined) return part;
  return processAll([part, { disposition: "preview", cardinality: "single", ...image }], "preview");
}

function sessionPart(url: string, description: string): Part {
  const none = new Uint8Array(0);
  const clear = { encAlg: 0, key: none, nonce: none, aad: none, hashAlg: 0, contentHash: none };
  const rest = { contentType: "", url, expires: 0, size: 0, ...clear, description, filename: "" };
  return { disposition: "session", cardinality: "external", ...rest };
}

// What callers give

const count: Takes = (place, value) => {
  checkCount(place, value as number, [0, 0xffff_ffff]);
};
const degrees: Takes = /* @__PURE__ */ is("a number of degrees", Number.isFinite);
const someBytes: Takes = /* @__PURE__ */ is(
  "a Uint8Array that is not empty",
  (value) => value instanceof Uint8Array && value.length > 0,
);
const texts: Takes = /* @__PURE__ */ list(text);

const surroundings = {
  kind: anything,
  inReplyTo: takesMessageId,
  topicId: someBytes,
  expires: takesExpiration,
  forwarded: ((place, value) => {
    checkCount(place, value as number, [1, 255]);
  }) as Takes,
} satisfies Record<keyof Surroundings | "kind", Takes>;

const picture: Takes = /* @__PURE__ */ options({ contentType: text, content: bytes }, "contentType", "content");

const attachment: Takes = /* @__PURE__ */ options(
  {
    as: /* @__PURE__ */ oneOf("file", "image", "video", "audio", "voice", "sticker", "animation", "round-video"),
    file: /* @__PURE__ */ thing("a file", { cardinality: oneOf("single", "external") }, ["cardinality"]),
    width: count,
    height: count,
    duration: count,
    waveform: bytes,
    emoji: text,
    pack: text,
    thumbnail: picture,
  },
  "as",
  "file",
);

const format: Takes = /* @__PURE__ */ oneOf("plain", "markdown");

const said = {
  text: /* @__PURE__ */ options(
    {
      ...surroundings,
      text,
      format,
      language: text,
      previews: /* @__PURE__ */ list(
        /* @__PURE__ */ options({ url: text, title: text, description: text, image: picture }, "url"),
      ),
      rest: /* @__PURE__ */ list(anything),
    },
    "text",
    "format",
  ),
  media: /* @__PURE__ */ options(
    {
      ...surroundings,
      attachments: /* @__PURE__ */ list(attachment),
      caption: /* @__PURE__ */ options({ text, format }, "text", "format"),
      viewOnce: /* @__PURE__ */ is("true, or absent", (value) => value === true),
      rest: /* @__PURE__ */ list(anything),
    },
    "attachments",
  ),
  reaction: /* @__PURE__ */ options({ ...surroundings, reactions: texts }, "reactions", "inReplyTo"),
  poll: /* @__PURE__ */ options(
    {
      ...surroundings,
      question: text,
      options: texts,
      choices: count,
      hidden: flag,
      endsAt: count,
      correct: count,
      fallback: text,
    },
    "question",
    "options",
  ),
  vote: /* @__PURE__ */ options({ ...surroundings, options: /* @__PURE__ */ list(count) }, "options", "inReplyTo"),
  "poll-end": /* @__PURE__ */ options(surroundings, "inReplyTo"),
  location: /* @__PURE__ */ options(
    {
      ...surroundings,
      latitude: degrees,
      longitude: degrees,
      accuracy: count,
      name: text,
      address: text,
      liveUntil: count,
      fallback: text,
    },
    "latitude",
    "longitude",
  ),
  contact: /* @__PURE__ */ options(
    {
      ...surroundings,
      contacts: /* @__PURE__ */ list(
        /* @__PURE__ */ options({ name: text, uri: text, phones: texts, emails: texts }, "name"),
      ),
      fallback: text,
    },
    "contacts",
  ),
  call: /* @__PURE__ */ options(
    { ...surroundings, event: text, call: someBytes, video: flag, room: text, duration: count },
    "event",
    "call",
  ),
  session: /* @__PURE__ */ options({ ...surroundings, url: text, description: text }, "url", "description"),
  status: /* @__PURE__ */ options(
    {
      ...surroundings,
      reports: /* @__PURE__ */ list(/* @__PURE__ */ options({ id: takesMessageId, status: anything }, "id", "status")),
    },
    "reports",
  ),
  pin: /* @__PURE__ */ options({ ...surroundings, pinned: flag }, "pinned", "inReplyTo"),
  unknown: /* @__PURE__ */ options({ ...surroundings, part: anything, contentTypes: texts }, "part", "contentTypes"),
};

const takesSaid: Takes = /* @__PURE__ */ variants("kind", said);

const takesMessage: Takes = /* @__PURE__ */ variants("kind", {
  ...said,
  edit: /* @__PURE__ */ options(
    { kind: anything, replaces: takesMessageId, becomes: takesSaid },
    "replaces",
    "becomes",
  ),
  unsend: /* @__PURE__ */ options({ ...surroundings, replaces: takesMessageId }, "replaces"),
});

const takesHow: Takes = /* @__PURE__ */ options(
  { senderUri: text, roomUri: text, random: hook },
  "senderUri",
  "roomUri",
);
