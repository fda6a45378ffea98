/**
 * The symmetric primitives in plain JavaScript, by @noble/hashes and @noble/ciphers: for every platform without
 * `node:crypto`.
 */

import { ctr, gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { CopseError } from "../errors.ts";
import type { HashName } from "./symmetric.ts";

const hashes = { sha256, sha384, sha512 } as const;

export function hash(name: HashName, data: Uint8Array): Uint8Array {
  return hashes[name](data);
}

export function hmac(name: HashName, key: Uint8Array, data: Uint8Array): Uint8Array {
  return hmacBy(hashes[name], key, data);
}

/** HMAC with the hashes of SFrame's suites only, so that a bundle of SFrame goes without SHA-384. */
export function sframeHmac(name: "sha256" | "sha512", key: Uint8Array, data: Uint8Array): Uint8Array {
  return hmacBy(name === "sha256" ? sha256 : sha512, key, data);
}

/** RFC 2104: the hash of the key's outer pad and the hash of its inner pad and the data. */
function hmacBy(digest: typeof sha256 | typeof sha512, key: Uint8Array, data: Uint8Array): Uint8Array {
  const { blockLen, outputLen } = digest;
  const short = key.length > blockLen ? digest(key) : key;
  const inner = new Uint8Array(blockLen + data.length).fill(0x36, 0, blockLen);
  const outer = new Uint8Array(blockLen + outputLen).fill(0x5c, 0, blockLen);
  for (let i = 0; i < short.length; i++) {
    inner[i]! ^= short[i]!;
    outer[i]! ^= short[i]!;
  }
  inner.set(data, blockLen);
  outer.set(digest(inner), blockLen);
  const mac = digest(outer);
  inner.fill(0);
  outer.fill(0);
  return mac;
}

export function aesGcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  return gcm(key, nonce, associatedData).encrypt(plaintext);
}

export function aesGcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  return opened(() => gcm(key, nonce, associatedData).decrypt(ciphertext));
}

export function chacha20Poly1305Seal(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  return chacha20poly1305(key, nonce, associatedData).encrypt(plaintext);
}

export function chacha20Poly1305Open(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  return opened(() => chacha20poly1305(key, nonce, associatedData).decrypt(ciphertext));
}

export function aesCtr(key: Uint8Array, counterBlock: Uint8Array, data: Uint8Array): Uint8Array {
  return ctr(key, counterBlock).encrypt(data);
}

/** The cause is left out: noble's error may describe the input. */
function opened(open: () => Uint8Array): Uint8Array {
  try {
    return open();
  } catch {
    throw new CopseError("aead-open");
  }
}
