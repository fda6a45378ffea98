/**
 * The symmetric primitives in plain JavaScript, by @noble/hashes and @noble/ciphers: for every platform without
 * `node:crypto`.
 */

import { ctr, gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hmac as nobleHmac } from "@noble/hashes/hmac.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { CopseError } from "../errors.ts";
import type { HashName } from "./symmetric.ts";

const hashes = { sha256, sha384, sha512 } as const;

export function hash(name: HashName, data: Uint8Array): Uint8Array {
  return hashes[name](data);
}

export function hmac(name: HashName, key: Uint8Array, data: Uint8Array): Uint8Array {
  return nobleHmac(hashes[name], key, data);
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
