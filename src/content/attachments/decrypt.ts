/**
 * Decrypting an attachment: from its beginning, from where a download stopped, or only a part of it.
 */

import { attempt } from "../../bytes/attempt.ts";
import { chacha20Poly1305Open, hash } from "#symmetric";
import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { Chunks } from "../../bytes/chunks.ts";
import { concat } from "../../bytes/concat.ts";
import { nothing } from "../../bytes/nothing.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { hook, options, type Takes } from "../../bytes/takes.ts";
import { CopseError } from "../../errors.ts";
import { ContentError } from "../errors.ts";
import { takesFile, takesLimit, takesLong } from "./encrypt.ts";
import {
  chunkLength,
  chunkNonce,
  longestAttachment,
  mostBytes,
  openFile,
  plaintextHash,
  tagLength,
  type EncryptedFile,
  type Opened,
} from "./format.ts";
import { bytesFrom, checkSource, type AttachmentSource, type LongOptions } from "./source.ts";

/** How to decrypt. */
export interface DecryptOptions extends LongOptions {
  /** The longest file that is taken, in bytes. Default: 2 GiB */
  readonly limit?: number;
  /** As many bytes of the plaintext are there already: a multiple of the chunk's size, or all. Default: 0 */
  readonly from?: number;
}

/** What a message says of the length of an attachment, checked. */
export interface AttachmentLayout {
  /** Bytes of the plaintext. */
  readonly length: number;
  /** A download can go on at any multiple of so many bytes of the plaintext. */
  readonly chunkSize: number;
  /** Bytes of the ciphertext. */
  readonly size: number;
  /** Where in the ciphertext the chunk of a byte of the plaintext begins. */
  readonly offsetOf: (position: number) => number;
}

/** A part of a file. */
export interface RangeOptions {
  /** The first byte of the plaintext. */
  readonly start: number;
  /** Behind the last byte. What is behind the end of the file is left out. */
  readonly end: number;
  /** Bytes of the ciphertext: as many as there are of so many, from a place on. */
  readonly fetch: (from: number, length: number) => Promise<Uint8Array>;
  /** The longest file that is taken, in bytes. Default: 2 GiB */
  readonly limit?: number;
}

/** The longest part that is given at once. */
const longestRange = 16 * 2 ** 20;

/**
 * How long an attachment is, by what its message says.
 *
 * @throws ContentError as `decryptAttachment`, before a byte was fetched.
 */
export function attachmentLayout(file: EncryptedFile, limit: number = longestAttachment): AttachmentLayout {
  const { layout, keys } = opened(file, limit);
  keys.key.fill(0);
  return {
    length: layout.length,
    chunkSize: layout.chunk,
    size: layout.size,
    offsetOf: (position) => chunkAt(layout, position) * (layout.chunk + tagLength),
  };
}

/**
 * The plaintext of an attachment, in chunks, each of which was sealed at its place by whoever made the attachment. The last one is
 * given only where the whole has the hash that the message names: until then it may not be taken for the file.
 *
 *     for await (const chunk of decryptAttachment(attachment.file, response.body)) await disk.write(chunk);
 *
 * A download goes on with `from`, and the ciphertext from `attachmentLayout(file).offsetOf(from)`; the hash is then looked at by
 * `checkAttachment`, over what is on the disk.
 *
 * @throws ContentError "attachment-unsupported", "attachment-limit", "attachment-damaged", "attachment-mismatch".
 */
export function decryptAttachment(
  file: EncryptedFile,
  ciphertext: AsyncIterable<Uint8Array>,
  how: DecryptOptions = {},
): AsyncGenerator<Bytes, void, undefined> {
  takesDecrypt("how", how);
  takesFile("file", file);
  return decrypted(file, ciphertext, how);
}

async function* decrypted(
  file: EncryptedFile,
  ciphertext: AsyncIterable<Uint8Array>,
  { limit = longestAttachment, from = 0, signal, onProgress }: DecryptOptions,
): AsyncGenerator<Bytes, void, undefined> {
  const it = opened(file, limit);
  const { layout, keys } = it;
  checkCount("how.from", from, [0, layout.length]);
  if (from % layout.chunk !== 0 && from !== layout.length) {
    throw new TypeError("how.from must be a multiple of the chunk's size, or all");
  }
  const first = chunkAt(layout, from);
  const chunks = new Chunks(ciphertext, () => new ContentError("attachment-damaged"));
  const hashes: Uint8Array[] = [];
  let held: Bytes | undefined;
  try {
    for (let i = first; i < layout.chunks; i++) {
      signal?.throwIfAborted();
      const { whole } = chunkLength(layout, i);
      const chunk = openChunk(it, i, await chunks.take(whole + tagLength));
      if (chunk.length > 0) hashes.push(hash("sha256", chunk));
      if (i === layout.chunks - 1) {
        await chunks.end();
        if (first === 0) checkHash(it, concat(...hashes));
      }
      onProgress?.({ done: i * (layout.chunk + tagLength) + whole + tagLength, total: layout.size });
      const given = chunk.subarray(Math.max(0, from - i * layout.chunk));
      if (given.length === 0) continue; // nothing but padding
      if (held !== undefined) yield held;
      held = given;
    }
    if (held !== undefined) yield held;
  } finally {
    keys.key.fill(0);
    await chunks.close();
  }
}

/**
 * Bytes of an attachment out of its middle, as a player asks for them: at most 16 MiB at once. They were sealed at their place under the key
 * of the message; whether the whole has the hash that the message names is not looked at (`checkAttachment`).
 *
 *     const bytes = await readRange(file, { start, end, fetch: (from, length) => connection.download({ blob, from, length }) });
 *
 * @throws ContentError as `decryptAttachment`.
 */
export async function readRange(file: EncryptedFile, range: RangeOptions): Promise<Bytes> {
  takesRange("range", range);
  const { start, fetch, limit = longestAttachment } = range;
  const it = opened(file, limit);
  const { layout, keys } = it;
  try {
    const end = Math.min(range.end, layout.length);
    if (range.start > range.end || end - start > longestRange) {
      throw new TypeError("range.end must be behind range.start, and at most 16 MiB");
    }
    if (start >= end) return new Uint8Array(0);
    const first = Math.floor(start / layout.chunk);
    const last = Math.floor((end - 1) / layout.chunk);
    const place = (i: number): number => i * (layout.chunk + tagLength);
    const upTo = place(last) + chunkLength(layout, last).whole + tagLength;
    const chunks = new Chunks(fetched(fetch, place(first), upTo), () => new ContentError("attachment-damaged"));
    const parts: Uint8Array[] = [];
    for (let i = first; i <= last; i++) {
      parts.push(openChunk(it, i, await chunks.take(chunkLength(layout, i).whole + tagLength)));
    }
    return asBytes(concat(...parts).slice(start - first * layout.chunk, end - first * layout.chunk));
  } finally {
    keys.key.fill(0);
  }
}

/**
 * Check that a whole file is the one that the message names: after a download that was resumed, or for a report.
 *
 * @throws ContentError "attachment-mismatch", and as `decryptAttachment`.
 */
export async function checkAttachment(
  file: EncryptedFile,
  plaintext: AttachmentSource,
  { limit = longestAttachment, signal }: Pick<DecryptOptions, "limit" | "signal"> = {},
): Promise<void> {
  checkSource(plaintext);
  const it = opened(file, limit);
  it.keys.key.fill(0);
  const { layout } = it;
  const chunks = new Chunks(bytesFrom(plaintext, 0), () => new ContentError("attachment-mismatch"));
  const hashes: Uint8Array[] = [];
  try {
    for (let i = 0; i * layout.chunk < layout.length; i++) {
      signal?.throwIfAborted();
      hashes.push(hash("sha256", await chunks.take(chunkLength(layout, i).own)));
    }
    await chunks.end();
  } finally {
    await chunks.close();
  }
  checkHash(it, concat(...hashes));
}

/** The chunk that a byte of the plaintext stands in; what is behind its end, in the last that there is. */
function chunkAt({ chunk, chunks }: Opened["layout"], position: number): number {
  return Math.min(Math.floor(position / chunk), chunks - 1);
}

function opened(file: EncryptedFile, limit: number): Opened {
  takesFile("file", file);
  checkCount("limit", limit, [0, mostBytes]);
  return openFile(file, limit);
}

function openChunk({ keys, layout }: Opened, i: number, sealed: Uint8Array): Bytes {
  const { own } = chunkLength(layout, i);
  const nonce = chunkNonce(keys, i, layout);
  const chunk = attempt(CopseError, () => chacha20Poly1305Open(keys.key, nonce, nothing, sealed));
  if (chunk === undefined) throw new ContentError("attachment-damaged");
  // Padding that says something would be a way to send what nobody sees.
  if (chunk.subarray(own).some((byte) => byte !== 0)) throw new ContentError("attachment-mismatch");
  return asBytes(chunk).subarray(0, own);
}

function checkHash({ header, layout }: Opened, hashes: Uint8Array): void {
  if (!bytesEqual(plaintextHash(layout.length, header.chunkBits, hashes), header.plaintextHash)) {
    throw new ContentError("attachment-mismatch");
  }
}

async function* fetched(fetch: RangeOptions["fetch"], from: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < end;) {
    const piece = await fetch(at, end - at);
    if (!(piece instanceof Uint8Array)) throw new TypeError("range.fetch must give a Uint8Array");
    if (piece.length === 0 || piece.length > end - at) throw new ContentError("attachment-damaged");
    yield piece;
    at += piece.length;
  }
}

const count: Takes = (place, value) => {
  checkCount(place, value as number, [0, Number.MAX_SAFE_INTEGER]);
};

const takesDecrypt: Takes = /* @__PURE__ */ options({ ...takesLong, limit: takesLimit, from: count });

const takesRange: Takes = /* @__PURE__ */ options(
  { start: count, end: count, fetch: hook, limit: takesLimit },
  "start",
  "end",
  "fetch",
);
