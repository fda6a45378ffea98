/**
 * How an attachment is encrypted: in chunks, each at its place, under a key that the message commits to.
 *
 * It is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015) over
 * ChaCha20-Poly1305, whose nonces are a prefix, the number of the chunk, and whether it is the last. So a chunk that was changed, moved,
 * left out or added does not open. No AEAD of MIMI's list commits to its key: one ciphertext can open to two contents under two keys,
 * of which the one that is reported is not the one that was seen. So a commitment to the key and a hash of the plaintext stand
 * in the message.
 *
 *     struct {
 *         uint8 version = 1;
 *         uint8 chunk_bits;            // chunks of 2^chunk_bits bytes, 12 to 20
 *         uint64 plaintext_size;
 *         opaque plaintext_hash[32];   // SHA-256("copse 1.0 attachment hash" || chunk_bits || plaintext_size || SHA-256 of each chunk)
 *         opaque commitment[32];
 *     } AttachmentHeader;              // the external part's aad
 *
 *     PRK = HKDF-Extract(salt = nonce, IKM = key)                                  // SHA-256; 32 bytes each
 *     chunk_key[32] || nonce_prefix[7] || commitment[32] =
 *         HKDF-Expand(PRK, "copse 1.0 attachment key" || version || chunk_bits, 71)
 *     chunk i = ChaCha20-Poly1305(chunk_key, nonce_prefix || uint32 i || uint8 last, aad = "", its bytes)
 *
 * The plaintext is padded with zeros to Padmé's length before it is cut into chunks.
 */

import { attempt } from "../../bytes/attempt.ts";
import { hash, hmac } from "#symmetric";
import { constantTimeEqual } from "../../bytes/compare.ts";
import { concat } from "../../bytes/concat.ts";
import { padme } from "../../bytes/padme.ts";
import { utf8 } from "../../bytes/text.ts";
import { decode, encode, fixed, struct, u64, u8, type Codec } from "../../codec/codec.ts";
import { hkdfExpand, hkdfExtract } from "../../crypto/hkdf.ts";
import { CopseError } from "../../errors.ts";
import { ContentError } from "../errors.ts";
import type { ExternalPart } from "../mimi.ts";

/**
 * The number of copse's attachments in `encAlg`: of the range for private use of IANA's AEAD registry, since it has no number for a
 * stream. `hashAlg` and `contentHash` stay empty: what the URL gives follows from the key and the plaintext, to which the aad commits.
 */
export const attachmentAlgorithm = 0xc0b5;

/** What of an external part says how to decrypt it. */
export type EncryptedFile = Pick<ExternalPart, "encAlg" | "key" | "nonce" | "aad" | "hashAlg" | "contentHash" | "size">;

/** The longest attachment that is taken by default, in bytes: 2 GiB. */
export const longestAttachment: number = 2 ** 31;

/** The longest that any limit allows, 8 TiB: the numbers of its chunks fit into the nonce, however short they are. */
export const mostBytes: number = 2 ** 43;

/** What is added to each chunk. */
export const tagLength = 16;

/** The layout of an attachment: how long its chunks are, and how many. */
export interface Layout {
  /** Bytes of the plaintext. */
  readonly length: number;
  /** Bytes of a chunk, but for the last. */
  readonly chunk: number;
  /** Bytes with the padding. */
  readonly padded: number;
  readonly chunks: number;
  /** Bytes of the ciphertext. */
  readonly size: number;
}

/** An attachment's keys. */
export interface ChunkKeys {
  readonly key: Uint8Array;
  readonly prefix: Uint8Array;
  readonly commitment: Uint8Array;
}

/** The header without what is always the same. */
export interface Header {
  readonly version: number;
  readonly chunkBits: number;
  readonly plaintextSize: bigint;
  readonly plaintextHash: Uint8Array;
  readonly commitment: Uint8Array;
}

const header: Codec<Header> = /* @__PURE__ */ struct<Header>({
  version: u8,
  chunkBits: u8,
  plaintextSize: u64,
  plaintextHash: /* @__PURE__ */ fixed(32),
  commitment: /* @__PURE__ */ fixed(32),
});

export function writeHeader(value: Omit<Header, "version">): Uint8Array {
  return encode(header, { version: 1, ...value });
}

/** An attachment that can be decrypted. */
export interface Opened {
  readonly header: Header;
  readonly layout: Layout;
  readonly keys: ChunkKeys;
}

/**
 * What a message says of an attachment, checked before a byte of it is fetched.
 *
 * @throws ContentError "attachment-unsupported", "attachment-limit" or "attachment-mismatch".
 */
export function openFile(file: EncryptedFile, limit: number): Opened {
  const { encAlg, key, nonce, aad, hashAlg, size } = file;
  const read = encAlg === attachmentAlgorithm ? readHeader(aad) : undefined;
  if (read === undefined || key.length !== 32 || nonce.length !== 32 || hashAlg !== 0) {
    throw new ContentError("attachment-unsupported");
  }
  if (read.plaintextSize > BigInt(limit)) throw new ContentError("attachment-limit");
  const layout = layoutOf(Number(read.plaintextSize), read.chunkBits);
  const keys = chunkKeys(key, nonce, read.chunkBits);
  if (size !== layout.size || !constantTimeEqual(keys.commitment, read.commitment)) {
    keys.key.fill(0);
    throw new ContentError("attachment-mismatch");
  }
  return { header: read, layout, keys };
}

function readHeader(aad: Uint8Array): Header | undefined {
  return attempt(CopseError, () => {
    const read = decode(header, new Uint8Array(aad));
    return read.version === 1 && read.chunkBits >= leastBits && read.chunkBits <= mostBits ? read : undefined;
  });
}

/** Chunks have 4 KiB to 1 MiB. */
export const leastBits = 12;
export const mostBits = 20;

export function layoutOf(length: number, chunkBits: number): Layout {
  const chunk = 2 ** chunkBits;
  const padded = padme(length);
  const chunks = Math.max(1, Math.ceil(padded / chunk)); // nothing is a chunk too: the last one
  return { length, chunk, padded, chunks, size: padded + chunks * tagLength };
}

/** How many bytes a chunk has with its padding, and how many of them are the plaintext's. */
export function chunkLength({ padded, length, chunk }: Layout, i: number): { whole: number; own: number } {
  const start = i * chunk;
  return { whole: Math.min(chunk, padded - start), own: Math.max(0, Math.min(chunk, length - start)) };
}

export function chunkKeys(key: Uint8Array, nonce: Uint8Array, chunkBits: number): ChunkKeys {
  const prk = hkdfExtract({ hmac }, "sha256", nonce, key);
  const info = concat(utf8("copse 1.0 attachment key"), Uint8Array.of(1, chunkBits));
  const okm = hkdfExpand({ hmac }, "sha256", prk, info, 71);
  prk.fill(0);
  return { key: okm.subarray(0, 32), prefix: okm.subarray(32, 39), commitment: okm.subarray(39) };
}

export function chunkNonce({ prefix }: ChunkKeys, i: number, { chunks }: Layout): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce.set(prefix);
  new DataView(nonce.buffer).setUint32(7, i);
  nonce[11] = i === chunks - 1 ? 1 : 0;
  return nonce;
}

/** The hash of a plaintext, of the hashes of its chunks one after another. */
export function plaintextHash(length: number, chunkBits: number, chunkHashes: Uint8Array): Uint8Array {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(length));
  return hash("sha256", concat(utf8("copse 1.0 attachment hash"), Uint8Array.of(chunkBits), size, chunkHashes));
}
