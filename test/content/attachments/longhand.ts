/**
 * copse's attachments, computed without the library: node:crypto, and the words at the head of src/content/attachments/format.ts.
 */

import { createCipheriv, createHash, hkdfSync } from "node:crypto";

const { from, concat, alloc } = Buffer;

export interface Longhand {
  readonly key: Buffer;
  readonly nonce: Buffer;
  readonly aad: Buffer;
  readonly ciphertext: Buffer;
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const uint = (value: number, bytes: number): Buffer => {
  const out = alloc(8);
  out.writeBigUInt64BE(BigInt(value));
  return out.subarray(8 - bytes);
};

/** Padmé, by its authors' own words: E = floor(log2 L), S = floor(log2 E) + 1, and the last E - S bits are zero. */
function padded(length: number): number {
  if (length < 2) return length;
  const e = 31 - Math.clz32(length);
  const s = 32 - Math.clz32(e);
  const unit = 1 << Math.max(0, e - s);
  return Math.ceil(length / unit) * unit;
}

/** An attachment as its format says. */
export function longhand(plaintext: Uint8Array, chunkBits: number, key: Buffer, nonce: Buffer): Longhand {
  const chunk = 1 << chunkBits;
  const pieces = (bytes: Uint8Array): Uint8Array[] =>
    Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) => bytes.subarray(i * chunk, (i + 1) * chunk));
  const okm = from(
    hkdfSync("sha256", key, nonce, concat([from("copse 1.0 attachment key"), uint(1, 1), uint(chunkBits, 1)]), 71),
  );
  const hash = sha256(
    from("copse 1.0 attachment hash"),
    uint(chunkBits, 1),
    uint(plaintext.length, 8),
    ...pieces(plaintext).map((piece) => sha256(piece)),
  );
  const aad = concat([uint(1, 1), uint(chunkBits, 1), uint(plaintext.length, 8), hash, okm.subarray(39)]);
  const all = concat([plaintext, alloc(padded(plaintext.length) - plaintext.length)]);
  const chunks = all.length === 0 ? [all] : pieces(all);
  const sealed = chunks.map((piece, i) => {
    const last = i === chunks.length - 1 ? 1 : 0;
    const nonceOf = concat([okm.subarray(32, 39), uint(i, 4), uint(last, 1)]);
    const cipher = createCipheriv("chacha20-poly1305", okm.subarray(0, 32), nonceOf, { authTagLength: 16 });
    return concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]);
  });
  return { key, nonce, aad, ciphertext: concat(sealed) };
}

/** The vectors of vectors/copse/attachments.json. */
export function attachmentVectors(): readonly object[] {
  const made = (label: string, length: number): Buffer => {
    const parts = Array.from({ length: Math.ceil(length / 32) }, (_, n) =>
      sha256(from(`copse attachment ${label} ${String(n)}`)),
    );
    return concat(parts).subarray(0, length);
  };
  const hex = (bytes: Uint8Array): string => from(bytes).toString("hex");
  return [
    [0, 12],
    [1, 12],
    [100, 16],
    [4095, 12],
    [4096, 12],
    [4097, 12],
    [9000, 12],
    [70_000, 16],
  ].map(([length = 0, chunkBits = 0]) => {
    const plaintext = made(`plaintext ${String(length)}`, length);
    const key = made(`key ${String(length)}`, 32);
    const nonce = made(`nonce ${String(length)}`, 32);
    const { aad, ciphertext } = longhand(plaintext, chunkBits, key, nonce);
    // Long ones by their hashes: the plaintext is made as the key is.
    const whole = length <= 100 ? { plaintext: hex(plaintext), ciphertext: hex(ciphertext) } : {};
    return {
      plaintext_size: length,
      chunk_bits: chunkBits,
      key: hex(key),
      nonce: hex(nonce),
      aad: hex(aad),
      size: ciphertext.length,
      plaintext_sha256: hex(sha256(plaintext)),
      ciphertext_sha256: hex(sha256(ciphertext)),
      ...whole,
    };
  });
}
