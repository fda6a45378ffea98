/**
 * Files in messages, as parts: the file itself, and beside it what its bytes don't say and a small picture of it.
 */

import { utf8 } from "../../bytes/text.ts";
import type { ExternalPart, Part, SinglePart } from "../mimi.ts";
import { readField, writeField } from "./fields.ts";
import { isType, mediaTypes, typeOf } from "./media-types.ts";
import { mediaInfo, type MediaInfo } from "./records.ts";
import { without } from "./without.ts";

/** A file that lies in the message. */
export type InlineFile = Pick<SinglePart, "cardinality" | "contentType" | "content"> & { readonly filename?: string };

/** A file that lies elsewhere, encrypted: what `prepareAttachment` gives, and a URL. */
export type ExternalFile = Omit<ExternalPart, "disposition" | "language">;

/** A small picture that lies in the message. */
export interface Picture {
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** A file in a message. */
export interface Attachment {
  /** How it is shown. "file" is to be downloaded; the others are shown or played where they stand. */
  readonly as: "file" | "image" | "video" | "audio" | "voice" | "sticker" | "animation" | "round-video";
  readonly file: InlineFile | ExternalFile;
  /** In pixels. */
  readonly width?: number;
  readonly height?: number;
  /** In milliseconds. */
  readonly duration?: number;
  /** How loud it is, in up to 256 steps of equal length. */
  readonly waveform?: Uint8Array;
  /** What a sticker stands for. */
  readonly emoji?: string;
  /** Where more stickers of its kind are. */
  readonly pack?: string;
  readonly thumbnail?: Picture;
}

/** What media types the kinds have that are told by a word of copse's. */
const typesOfKinds = { voice: ["audio"], sticker: ["image"], animation: ["image", "video"], "round-video": ["video"] };

/** The part, or parts, of a file. */
export function writeAttachment({ as, file, thumbnail, ...rest }: Attachment): Part {
  const disposition = as === "file" ? "attachment" : "inline";
  const info: MediaInfo = {
    ...rest,
    ...(as in typesOfKinds && { as: as as keyof typeof typesOfKinds }),
    ...(file.cardinality === "single" && file.filename !== undefined && { filename: file.filename }),
  };
  const parts: Part[] = [filePart(file, disposition)];
  if (Object.keys(info).length > 0) parts.push(own("media", writeField(mediaInfo, info)));
  if (thumbnail !== undefined) parts.push({ disposition: "preview", cardinality: "single", ...thumbnail });
  const [part] = parts;
  if (parts.length === 1 && part !== undefined) return part;
  return { disposition, cardinality: "multi", partSemantics: "processAll", parts };
}

function filePart(file: InlineFile | ExternalFile, disposition: Part["disposition"]): Part {
  if (file.cardinality === "external") return { disposition, ...file };
  const { cardinality, contentType, content } = file;
  return { disposition, cardinality, contentType, content };
}

/** The file of a part that may be one: not what is text or copse's own. */
export function readFile(part: SinglePart | ExternalPart): Attachment | undefined {
  const { disposition } = part;
  const file = without(part, ["disposition", "language"]) as InlineFile | ExternalFile;
  const type = typeOf(part.contentType);
  const shown = type === "image" || type === "video" || type === "audio" ? type : undefined;
  if (disposition === "attachment") return { as: "file", file };
  if (part.cardinality === "external") return { as: shown ?? "file", file };
  return shown === undefined ? undefined : { as: shown, file };
}

/** A file with what stands beside it. */
export function readInfo(attachment: Attachment, info: MediaInfo, thumbnail: Picture | undefined): Attachment {
  const { as, filename, ...rest } = info;
  const { file } = attachment;
  const isShown = attachment.as !== "file" && as !== undefined && typesOfKinds[as].includes(typeOf(file.contentType));
  return {
    ...attachment,
    ...(isShown && { as }),
    ...(file.cardinality === "single" && filename !== undefined && { file: { ...file, filename } }),
    ...rest,
    ...(thumbnail !== undefined && { thumbnail }),
  };
}

/** What a part says of the file beside it. */
export function readMediaInfo(part: SinglePart): MediaInfo | undefined {
  return isType(part.contentType, "media") ? readField(mediaInfo, part.content) : undefined;
}

/** A small picture that is a preview of something. */
export function readPicture(part: SinglePart): Picture | undefined {
  const { disposition, contentType, content } = part;
  return disposition === "preview" && typeOf(contentType) === "image" ? { contentType, content } : undefined;
}

/** A part of one of copse's media types. */
export function own(name: keyof typeof mediaTypes, content: Uint8Array): SinglePart {
  return { disposition: "unspecified", cardinality: "single", contentType: mediaTypes[name], content };
}

/** A part of words. */
export function wordsPart(
  { text, format, language }: { text: string; format: string; language?: string },
  disposition: "render" | "reaction" = "render",
): SinglePart {
  return {
    disposition,
    ...(language !== undefined && { language }),
    cardinality: "single",
    contentType: format === "markdown" ? mediaTypes.markdown : mediaTypes.plain,
    content: utf8(text),
  };
}
