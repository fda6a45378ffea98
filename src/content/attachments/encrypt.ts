/**
 * Encrypting an attachment: prepared first, which gives what the message says of it, and then as often as it takes to upload it.
 */

import { chacha20Poly1305Seal, hash } from "#symmetric";
import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { nothing } from "../../bytes/nothing.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { bytes, hook, is, options, text, thing, uint32, type Takes } from "../../bytes/takes.ts";
import type { Random } from "../../crypto/provider.ts";
import { platformRandom, randomBytes } from "../../crypto/random.ts";
import { Chunks } from "../../bytes/chunks.ts";
import { ContentError } from "../errors.ts";
import type { ExternalFile } from "../messages/media.ts";
import {
  attachmentAlgorithm,
  chunkKeys,
  chunkLength,
  chunkNonce,
  layoutOf,
  leastBits,
  longestAttachment,
  mostBits,
  mostBytes,
  openFile,
  plaintextHash,
  tagLength,
  writeHeader,
  type EncryptedFile,
} from "./format.ts";
import { bytesFrom, checkSource, type AttachmentSource, type LongOptions } from "./source.ts";

/** How to prepare an attachment. */
export interface PrepareOptions extends LongOptions {
  /** The bytes of a chunk: a power of two from 4,096 to 1,048,576. Default: 65,536 */
  readonly chunkSize?: number;
  /** The longest file, in bytes. Default: 2 GiB */
  readonly limit?: number;
  /** Where the key comes from. Default: the platform's source. */
  readonly random?: Random;
}

/** An attachment that can be uploaded. Keep it with the message until the upload is done: it holds the key. */
export interface PreparedAttachment {
  /** What the message says of it. */
  readonly file: EncryptedFile;
  /** SHA-256 of each chunk, one after another: that nothing else is ever encrypted under the key. */
  readonly chunkHashes: Uint8Array;
}

/** How to encrypt. */
export interface EncryptOptions extends LongOptions {
  /** The first byte of the ciphertext to give: as many as the service has already. Default: 0 */
  readonly from?: number;
}

/** What of a file is not in its bytes. */
export interface FileWords {
  readonly url: string;
  readonly contentType: string;
  readonly filename?: string;
  readonly description?: string;
  /** When the service forgets it, in seconds since 1970. Default: never */
  readonly expires?: number;
}

/**
 * Read a file once, and choose a key for it.
 *
 *     const prepared = await prepareAttachment(blob);
 *     for await (const part of encryptAttachment(blob, prepared, { from })) await upload(part);
 *     const file = externalFile(prepared, { url, contentType: "video/mp4", filename: "holiday.mp4" });
 *
 * @throws ContentError "attachment-limit" where it is longer than the limit.
 */
export async function prepareAttachment(
  source: AttachmentSource,
  how: PrepareOptions = {},
): Promise<PreparedAttachment> {
  takesPrepare("how", how);
  checkSource(source);
  const { chunkSize = 65_536, limit = longestAttachment, random = platformRandom, signal, onProgress } = how;
  const chunkBits = Math.log2(chunkSize);
  const key = asBytes(randomBytes(random, 32));
  const nonce = asBytes(randomBytes(random, 32));
  const hashes: Uint8Array[] = [];
  let length = 0;
  const chunks = new Chunks(bytesFrom(source, 0), () => new ContentError("attachment-changed"));
  try {
    for (;;) {
      signal?.throwIfAborted();
      const chunk = await chunks.upTo(chunkSize);
      length += chunk.length;
      if (length > limit) throw new ContentError("attachment-limit");
      if (chunk.length > 0) hashes.push(hash("sha256", chunk));
      onProgress?.({ done: length, total: length });
      if (chunk.length < chunkSize) break;
    }
  } finally {
    await chunks.close();
  }
  const chunkHashes = joined(hashes);
  const keys = chunkKeys(key, nonce, chunkBits);
  const aad = asBytes(
    writeHeader({
      chunkBits,
      plaintextSize: BigInt(length),
      plaintextHash: plaintextHash(length, chunkBits, chunkHashes),
      commitment: keys.commitment,
    }),
  );
  keys.key.fill(0);
  const { size } = layoutOf(length, chunkBits);
  const file = { encAlg: attachmentAlgorithm, key, nonce, aad, hashAlg: 0, contentHash: nothing, size };
  return { file, chunkHashes };
}

/**
 * The ciphertext of a file, from any byte on: the same bytes each time, so that an upload goes on where it stopped. A file that has
 * changed since it was prepared is not encrypted any further.
 *
 * @throws ContentError "attachment-changed".
 */
export function encryptAttachment(
  source: AttachmentSource,
  prepared: PreparedAttachment,
  how: EncryptOptions = {},
): AsyncGenerator<Bytes, void, undefined> {
  takesPrepared("prepared", prepared);
  takesEncrypt("how", how);
  checkSource(source);
  return encrypted(source, prepared, how);
}

async function* encrypted(
  source: AttachmentSource,
  prepared: PreparedAttachment,
  { from = 0, signal, onProgress }: EncryptOptions,
): AsyncGenerator<Bytes, void, undefined> {
  const { header, keys, layout } = openFile(prepared.file, mostBytes);
  checkCount("how.from", from, [0, layout.size]);
  const chunkHashes = copyBytes(prepared.chunkHashes);
  if (!bytesEqual(plaintextHash(layout.length, header.chunkBits, chunkHashes), header.plaintextHash)) {
    throw new TypeError("prepared.chunkHashes are not of prepared.file");
  }
  const first = Math.floor(from / (layout.chunk + tagLength));
  const chunks = new Chunks(bytesFrom(source, first * layout.chunk), () => new ContentError("attachment-changed"));
  try {
    let skip = from - first * (layout.chunk + tagLength);
    for (let i = first; i < layout.chunks; i++) {
      signal?.throwIfAborted();
      const { whole, own } = chunkLength(layout, i);
      const chunk = await chunks.take(own);
      // Two contents under one key and nonce would give the key of the chunk's tag away, and both contents.
      const isSame = own === 0 || bytesEqual(hash("sha256", chunk), chunkHashes.subarray(32 * i, 32 * i + 32));
      if (!isSame) throw new ContentError("attachment-changed");
      if (i === layout.chunks - 1) await chunks.end();
      const padded = own === whole ? chunk : joined([chunk, new Uint8Array(whole - own)]);
      const sealed = asBytes(chacha20Poly1305Seal(keys.key, chunkNonce(keys, i, layout), nothing, padded));
      const given = sealed.subarray(skip);
      skip = 0;
      onProgress?.({ done: i * (layout.chunk + tagLength) + sealed.length, total: layout.size });
      if (given.length > 0) yield given;
    }
  } finally {
    keys.key.fill(0);
    await chunks.close();
  }
}

/** What a message says of an attachment: the file of an `Attachment`. */
export function externalFile(prepared: PreparedAttachment, words: FileWords): ExternalFile {
  takesPrepared("prepared", prepared);
  takesWords("words", words);
  const { url, contentType, filename = "", description = "", expires = 0 } = words;
  return { cardinality: "external", contentType, url, expires, ...prepared.file, description, filename };
}

function joined(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const count: Takes = (place, value) => {
  checkCount(place, value as number, [0, Number.MAX_SAFE_INTEGER]);
};

/** The longest file, in bytes. */
export const takesLimit: Takes = (place, value) => {
  checkCount(place, value as number, [0, mostBytes]);
};

const long = {
  signal: is("an AbortSignal", (value) => typeof (value as Partial<AbortSignal> | null)?.throwIfAborted === "function"),
  onProgress: hook,
};

const takesPrepare: Takes = /* @__PURE__ */ options({
  ...long,
  chunkSize: /* @__PURE__ */ is("a power of two from 4096 to 1048576", (value) => {
    const bits = typeof value === "number" ? Math.log2(value) : NaN;
    return Number.isInteger(bits) && bits >= leastBits && bits <= mostBits;
  }),
  limit: takesLimit,
  random: hook,
});

export const takesLong: Readonly<Record<"signal" | "onProgress", Takes>> = long;

const takesEncrypt: Takes = /* @__PURE__ */ options({ ...long, from: count });

/** What of an external part says how to decrypt it. */
export const takesFile: Takes = /* @__PURE__ */ thing(
  "an encrypted file",
  { encAlg: count, key: bytes, nonce: bytes, aad: bytes, hashAlg: count, contentHash: bytes, size: count },
  ["encAlg", "key", "nonce", "aad", "hashAlg", "contentHash", "size"],
);

const takesPrepared: Takes = /* @__PURE__ */ options({ file: takesFile, chunkHashes: bytes }, "file", "chunkHashes");

const takesWords: Takes = /* @__PURE__ */ options(
  { url: text, contentType: text, filename: text, description: text, expires: uint32 },
  "url",
  "contentType",
);
