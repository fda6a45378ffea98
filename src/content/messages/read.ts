/**
 * From MIMI content to what it says. Nothing in here throws over what a stranger wrote: what is not understood is told as unknown.
 */

import { attempt } from "../../bytes/attempt.ts";
import { utf8Decode } from "../../bytes/text.ts";
import { flag, options, type Takes } from "../../bytes/takes.ts";
import { decodePart } from "../decode.ts";
import { ContentError } from "../errors.ts";
import { defaultContentLimits } from "../limits.ts";
import type { MimiContent, MultiPart, NullPart, Part, SinglePart } from "../mimi.ts";
import type { Bare } from "./bare.ts";
import { callNotice } from "./call.ts";
import { readField } from "./fields.ts";
import { essenceOf, forwardedExtension, isType, mediaTypes, parseMediaType } from "./media-types.ts";
import { readFile, readInfo, readMediaInfo, readPicture, type Attachment, type Picture } from "./media.ts";
import type { LinkPreview, Media, Message, Reaction, Said, Surroundings, Text, Unknown } from "./message.ts";
import {
  contacts,
  location,
  pin,
  poll,
  previewWords,
  statusReports,
  vote,
  type MediaInfo,
  type PreviewWords,
} from "./records.ts";

/** How to read. */
export interface ReadOptions {
  /** Whether HTML is told as text, for whoever can show it without danger. Default: no, it is unknown */
  readonly html?: boolean;
}

/** The longest reaction: the longest emoji are some 40 bytes. */
const longestReaction = 64;

/**
 * What a message says.
 *
 *     const message = readMessage(content);
 *     if (message.kind === "text") show(message.text);
 */
export function readMessage(content: MimiContent, how: ReadOptions = {}): Message {
  takesHow("how", how);
  const { replaces, nestedPart } = content;
  const surroundings = surroundingsOf(content);
  if (nestedPart.cardinality === "null" && replaces !== undefined) return { kind: "unsend", replaces, ...surroundings };
  const said = { ...say(nestedPart, content, how), ...surroundings } as Said;
  return replaces === undefined ? said : { kind: "edit", replaces, becomes: said };
}

/** The words of a message, whatever its kind, as for a notification or a search index: "" where it has none. */
export function wordsOf(message: Message): string {
  switch (message.kind) {
    case "text":
      return message.text;
    case "media":
      return message.caption?.text ?? "";
    case "poll":
      return message.question;
    case "edit":
      return wordsOf(message.becomes);
    default:
      return "";
  }
}

function surroundingsOf({ inReplyTo, topicId, expires, extensions }: MimiContent): Surroundings {
  const forwarded = extensions?.get(forwardedExtension);
  const isCount = typeof forwarded === "number" && forwarded >= 1 && forwarded <= 255;
  return {
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(topicId !== undefined && { topicId }),
    ...(expires !== undefined && { expires }),
    ...(isCount && { forwarded }),
  };
}

/** What one part is. */
type Piece =
  | { readonly is: "words"; readonly words: Pick<Text, "text" | "format" | "language">; readonly part: Part }
  | { readonly is: "file"; readonly attachment: Attachment; readonly part: Part }
  | { readonly is: "info"; readonly info: MediaInfo; readonly part: Part }
  | { readonly is: "picture"; readonly picture: Picture; readonly part: Part }
  | { readonly is: "preview"; readonly preview: LinkPreview; readonly part: Part }
  | { readonly is: "preview words"; readonly words: PreviewWords; readonly part: Part }
  | { readonly is: "said"; readonly said: Bare<Said>; readonly part: Part }
  | { readonly is: "unknown"; readonly part: Part };

type PieceOf<Is> = Extract<Piece, { readonly is: Is }>;

function say(part: Part, content: MimiContent, how: ReadOptions): Bare<Said> {
  const said = part.disposition === "reaction" ? readReaction(part) : together(pieces(part, how, 1), part);
  return said !== undefined && isComplete(said, content) ? said : unknown(part);
}

/** Some kinds are nothing without what they are about, or would never end. */
function isComplete(said: Bare<Said>, { inReplyTo, expires }: MimiContent): boolean {
  switch (said.kind) {
    case "reaction":
    case "vote":
    case "poll-end":
    case "pin":
      return inReplyTo !== undefined;
    case "call":
      return said.event !== "ringing" || expires?.relative === false;
    default:
      return true;
  }
}

/** What the pieces of a whole message say. */
function together(all: readonly Piece[], part: Part): Bare<Said> {
  const first = all[0];
  if (all.length === 1 && first?.is === "said") return first.said;
  if (all.some(({ is }) => is === "said")) return unknown(part);
  const files = all.filter((piece) => piece.is === "file");
  const words = all.find((piece) => piece.is === "words");
  const previews = files.length > 0 ? [] : previewsOf(all, words?.words.text ?? "");
  const told: readonly (Piece | undefined)[] = [...files, words, ...previews];
  const rest = all.filter((piece) => !told.includes(piece)).map((piece) => piece.part);
  const beside = rest.length > 0 && { rest };
  if (files.length > 0) {
    const media: Bare<Media> = {
      kind: "media",
      attachments: files.map(({ attachment }) => attachment),
      ...(words !== undefined && { caption: { text: words.words.text, format: words.words.format } }),
      ...beside,
    };
    return media;
  }
  if (words === undefined) return unknown(part);
  return {
    kind: "text",
    ...words.words,
    ...(previews.length > 0 && {
      previews: previews.map((each) => (each.is === "preview" ? each.preview : each.words)),
    }),
    ...beside,
  };
}

/** A preview of a link that is not in the text would put words into the mouth of whoever is behind it. */
function previewsOf(all: readonly Piece[], text: string): readonly (PieceOf<"preview"> | PieceOf<"preview words">)[] {
  return all.filter(
    (piece) =>
      (piece.is === "preview" && text.includes(piece.preview.url)) ||
      (piece.is === "preview words" && text.includes(piece.words.url)),
  ) as readonly (PieceOf<"preview"> | PieceOf<"preview words">)[];
}

function pieces(part: Part, how: ReadOptions, once: number): readonly Piece[] {
  switch (part.cardinality) {
    case "null":
      return [{ is: "unknown", part }];
    case "external":
      if (part.disposition === "session" && part.encAlg === 0) {
        return [{ is: "said", said: { kind: "session", url: part.url, description: part.description }, part }];
      }
      return [isShown(part) ? file(part) : { is: "unknown", part }];
    case "single":
      return [single(part, how, once)];
    case "multi":
      return multi(part, how, once);
  }
}

function multi(part: MultiPart, how: ReadOptions, once: number): readonly Piece[] {
  if (part.partSemantics === "chooseOne") return choice(part, how, once);
  const all = part.parts.flatMap((each) => pieces(each, how, once));
  // "If the receiver does not understand even one of the nested parts at this level, the receiver should not process any of them."
  if (part.partSemantics === "singleUnit" && all.some(({ is }) => is === "unknown")) return [{ is: "unknown", part }];
  return [one(all, part)].flatMap((piece) => piece ?? all);
}

/** The pieces that are one thing: a file, or a preview, with what stands beside it. */
function one(all: readonly Piece[], part: Part): Piece | undefined {
  const find = <Is extends Piece["is"]>(is: Is): PieceOf<Is> | undefined =>
    all.find((piece): piece is PieceOf<Is> => piece.is === is);
  // One of each at the most: where there are two, they are more than are counted.
  const [attachment, info, picture, words] = [find("file"), find("info"), find("picture"), find("preview words")];
  const count = (...some: readonly unknown[]): number => some.filter((each) => each !== undefined).length;
  if (attachment !== undefined && count(attachment, info, picture) === all.length) {
    return { is: "file", attachment: readInfo(attachment.attachment, info?.info ?? {}, picture?.picture), part };
  }
  if (words !== undefined && count(words, picture) === all.length) {
    const image = picture === undefined ? {} : { image: picture.picture };
    return { is: "preview", preview: { ...words.words, ...image }, part };
  }
  return undefined;
}

/** Of what there is to choose from, the first that is understood whole, else the first of which something is. */
function choice(part: MultiPart, how: ReadOptions, once: number): readonly Piece[] {
  const all = part.parts.map((each) => pieces(each, how, once));
  const isKnown = ({ is }: Piece): boolean => is !== "unknown";
  const chosen = all.find((each) => each.every(isKnown)) ?? all.find((each) => each.some(isKnown));
  if (chosen === undefined) return [{ is: "unknown", part }];
  const fallback = all.flat().find((piece) => piece.is === "words")?.words.text;
  // What others see instead is told, since it need not be the same.
  return chosen.map((piece) =>
    piece.is === "said" && fallback !== undefined
      ? { ...piece, said: { ...piece.said, fallback } as Bare<Said> }
      : piece,
  );
}

function single(part: SinglePart, how: ReadOptions, once: number): Piece {
  const info = readMediaInfo(part);
  if (info !== undefined) return { is: "info", info, part };
  const picture = readPicture(part);
  if (picture !== undefined) return { is: "picture", picture, part };
  const preview = isType(part.contentType, "linkPreview") ? readField(previewWords, part.content) : undefined;
  if (preview !== undefined) return { is: "preview words", words: preview, part };
  const said = readRecord(part) ?? (once > 0 ? readViewOnce(part, how) : undefined);
  if (said !== undefined) return { is: "said", said, part };
  if (!isShown(part)) return { is: "unknown", part };
  const words = part.disposition === "attachment" ? undefined : readWords(part, how);
  return words === undefined ? file(part) : { is: "words", words, part };
}

function file(part: Parameters<typeof readFile>[0]): Piece {
  const attachment = readFile(part);
  return attachment === undefined ? { is: "unknown", part } : { is: "file", attachment, part };
}

/** "An unknown value should be treated as if it where `render`." */
function isShown({ disposition }: Part): boolean {
  return typeof disposition === "number" || ["unspecified", "render", "inline", "attachment"].includes(disposition);
}

/** The words of a part that is text in UTF-8. */
function readWords(
  { contentType, content, language }: SinglePart,
  { html = false }: ReadOptions,
): PieceOf<"words">["words"] | undefined {
  const type = parseMediaType(contentType);
  const charset = type?.parameters.get("charset")?.toLowerCase() ?? "utf-8";
  const format = type === undefined ? undefined : formats.get(type.essence);
  if (format === undefined || !["utf-8", "us-ascii"].includes(charset) || (format === "html" && !html))
    return undefined;
  const text = utf8Decode(content);
  return text === undefined ? undefined : { text, format, ...(language !== undefined && { language }) };
}

const formats: ReadonlyMap<string, Text["format"]> = /* @__PURE__ */ new Map([
  ["text/plain", "plain"],
  ["text/markdown", "markdown"],
  ["text/html", "html"],
]);

/** "The ensemble of multiple text reactions MUST NOT be represented as a single text part." */
function readReaction(part: Part): Bare<Reaction> | undefined {
  const parts = part.cardinality === "multi" && part.partSemantics === "processAll" ? part.parts : [part];
  const reactions = parts.map((each) => {
    if (each.cardinality !== "single" || each.disposition !== "reaction") return undefined;
    if (each.content.length === 0 || each.content.length > longestReaction) return undefined;
    return readWords(each, {})?.text;
  });
  const all = reactions.filter((each) => each !== undefined);
  const isEach = all.length === reactions.length && new Set(all).size === all.length && all.length <= 32;
  return isEach ? { kind: "reaction", reactions: all } : undefined;
}

/** What copse's own media types say by themselves. */
function readRecord({ contentType, content }: SinglePart): Bare<Said> | undefined {
  const name = names.get(parseMediaType(contentType)?.essence ?? "");
  switch (name) {
    case "poll": {
      const read = readField(poll, content);
      return read && { kind: "poll", ...read };
    }
    case "vote": {
      const read = readField(vote, content);
      return read && { kind: "vote", ...read };
    }
    case "pollEnd":
      return content.length === 0 ? { kind: "poll-end" } : undefined;
    case "location": {
      const read = readField(location, content);
      return read && { kind: "location", ...read };
    }
    case "contact": {
      const read = readField(contacts, content);
      return read && { kind: "contact", contacts: read };
    }
    case "call": {
      const read = readField(callNotice, content);
      return read && { kind: "call", ...read };
    }
    case "status": {
      const read = readField(statusReports, content);
      return read && { kind: "status", reports: read };
    }
    case "pin": {
      const read = readField(pin, content);
      return read && { kind: "pin", ...read };
    }
    default:
      return undefined;
  }
}

const names: ReadonlyMap<string, keyof typeof mediaTypes> = /* @__PURE__ */ new Map(
  (Object.keys(mediaTypes) as (keyof typeof mediaTypes)[]).map((name) => [essenceOf(name), name]),
);

/** A part that is wrapped up, so that whoever does not know of showing it once shows nothing. */
function readViewOnce(part: SinglePart, how: ReadOptions): Bare<Media> | undefined {
  if (!isType(part.contentType, "viewOnce")) return undefined;
  return attempt(ContentError, () => {
    const inner = decodePart(part.content, { ...defaultContentLimits, depth: 3 });
    const said = together(pieces(inner, how, 0), inner);
    return said.kind === "media" && said.rest === undefined ? { ...said, viewOnce: true } : undefined;
  });
}

function unknown(part: Part): Bare<Unknown> {
  return { kind: "unknown", part, contentTypes: contentTypesOf(part) };
}

function contentTypesOf(part: Part): readonly string[] {
  if (part.cardinality === "multi") return part.parts.flatMap(contentTypesOf);
  return part.cardinality === "null" ? [] : [(part satisfies Exclude<Part, NullPart | MultiPart>).contentType];
}

const takesHow: Takes = /* @__PURE__ */ options({ html: flag });
