/**
 * Files: what is sent of one, how far it is, and what is taken of somebody else's. Pictures of a few known kinds are shown, and only in their bounds;
 * everything else is only ever saved.
 */

import { signal } from "@preact/signals";
import type { Attachment, Picture } from "copse/content";
import { client } from "./session.ts";

/** How far uploads and downloads are, by the chat and the place of their entry: from 0 to 1. */
export const progress = signal<ReadonlyMap<string, number>>(new Map());

/** The largest file that this page sends and takes, in bytes. */
export const largestFile = 256 * 1024 * 1024;
/** The largest picture that is shown, in bytes and in pixels. */
const largestPicture = 20 * 1024 * 1024;
const mostPixels = 40_000_000;
const thumbnailSide = 240;
const longestThumbnail = 16_000;

/** Kinds of pictures that are shown. SVG is none of them: it is a document with programs. */
const shownTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export function setProgress(name: string, part: number | undefined): void {
  const next = new Map(progress.value);
  if (part === undefined) next.delete(name);
  else next.set(name, part);
  progress.value = next;
}

/** Whether the picture of a message may be shown, by what the message says of it. */
export function isShown({ file, width = 0, height = 0 }: Attachment): boolean {
  const length = file.cardinality === "single" ? file.content.length : file.size;
  return shownTypes.includes(typeOf(file.contentType)) && length <= largestPicture && width * height <= mostPixels;
}

/** The media type without its parameters. */
function typeOf(contentType: string): string {
  return (contentType.split(";")[0] ?? "").trim().toLowerCase();
}

/** A small picture that lies in a message, as an address of this page: short, and of a known kind. */
export function pictureUrl({ contentType, content }: Picture): string | undefined {
  if (content.length > 4 * longestThumbnail || !shownTypes.includes(typeOf(contentType))) return undefined;
  return URL.createObjectURL(new Blob([content.slice()], { type: typeOf(contentType) }));
}

/** Download a file of a message. A picture is looked at before it is given: one that unfolds to more than it says is not. */
export async function download(
  room: string,
  place: bigint,
  attachment: Attachment,
  { index, isOnce = false }: { readonly index: number; readonly isOnce?: boolean },
): Promise<Blob> {
  const { file } = attachment;
  const type =
    shownTypes.includes(typeOf(file.contentType)) || isPlayed(file.contentType)
      ? typeOf(file.contentType)
      : "application/octet-stream";
  if (file.cardinality === "single") return new Blob([file.content.slice()], { type });
  const name = `${room} ${String(place)}`;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  try {
    const keep = !isOnce && file.size <= 32 * 1024 * 1024; // what is seen once stays on no disk
    const chunks = client()
      .room(room)
      .download(place, {
        index,
        keep,
        limit: largestFile,
        onProgress: ({ done, total }) => setProgress(name, total === 0 ? 1 : done / total),
      });
    for await (const chunk of chunks) parts.push(chunk);
  } finally {
    setProgress(name, undefined);
  }
  return new Blob(parts, { type });
}

/** Sounds and videos that the page plays. */
export function isPlayed(contentType: string): boolean {
  return /^(audio|video)\/(webm|ogg|mp4|mpeg|wav)$/.test(typeOf(contentType));
}

/** How many pixels a picture has, by its first bytes; undefined where they don't say. */
async function pixelsOf(blob: Blob): Promise<number | undefined> {
  const head = new DataView(await blob.slice(0, 64 * 1024).arrayBuffer());
  const at = (offset: number): number => (offset + 2 <= head.byteLength ? head.getUint16(offset) : 0);
  if (blob.type === "image/png" && head.byteLength >= 24) return head.getUint32(16) * head.getUint32(20);
  if (blob.type === "image/gif" && head.byteLength >= 10) return head.getUint16(6, true) * head.getUint16(8, true);
  if (blob.type === "image/jpeg") {
    for (let i = 2; i + 9 < head.byteLength;) {
      const marker = at(i);
      if (marker >= 0xffc0 && marker <= 0xffcf && marker !== 0xffc4 && marker !== 0xffc8 && marker !== 0xffcc)
        return at(i + 5) * at(i + 7);
      if (marker < 0xff00) return undefined;
      i += 2 + at(i + 2);
    }
    return undefined;
  }
  return 0; // the decoders of WebP have bounds of their own: 16,383 pixels a side
}

/** Whether the browser may unfold a picture: its bytes are the ones to ask, not the message. */
export async function isBounded(blob: Blob): Promise<boolean> {
  const pixels = await pixelsOf(blob);
  return pixels !== undefined && pixels <= mostPixels;
}

/** What a message says of a file that this person sends: how it is shown, its size in pixels, a small picture of it. */
export async function describe(file: File): Promise<Pick<Attachment, "as" | "width" | "height" | "thumbnail">> {
  const type = typeOf(file.type);
  if (/^video\//.test(type) && isPlayed(type)) return { as: "video" };
  if (/^audio\//.test(type) && isPlayed(type)) return { as: "audio" };
  if (!shownTypes.includes(type) || file.size > largestPicture) return { as: "file" };
  try {
    const picture = await createImageBitmap(file);
    const { width, height } = picture;
    const scale = Math.min(1, thumbnailSide / Math.max(width, height));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.6 });
    const content = new Uint8Array(await blob.arrayBuffer());
    return {
      as: "image",
      width,
      height,
      ...(content.length <= longestThumbnail && { thumbnail: { contentType: "image/jpeg", content } }),
    };
  } catch {
    return { as: "file" }; // it says that it is a picture, and is none
  }
}

/** Have the browser save a file. The name is a stranger's: the browser makes it harmless. */
export function save(blob: Blob, filename: string): void {
  const url = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = filename.replace(/[\u202a-\u202e\u2066-\u2069]/g, ""); // marks that turn the direction hide what a name ends with
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
