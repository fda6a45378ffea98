/**
 * XChaCha20-Poly1305, whose nonces of 24 bytes may be random for as many messages as anybody has. draft-irtf-cfrg-xchacha
 */

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";

/** The ciphertext with its tag behind it. */
export function xchacha20Poly1305Seal(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  return xchacha20poly1305(key, nonce, associatedData).encrypt(plaintext);
}

/** The plaintext. @throws Error of any kind where the ciphertext is not authentic. */
export function xchacha20Poly1305Open(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  return xchacha20poly1305(key, nonce, associatedData).decrypt(ciphertext);
}
