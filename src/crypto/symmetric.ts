/**
 * The symmetric primitives that a platform gives, as plain synchronous functions: what SFrame and the suites are built
 * from. Two modules have this shape, `symmetric-node.ts` and `symmetric-noble.ts`; `#symmetric` is the platform's.
 */

/** A hash of the SHA-2 family. */
export type HashName = "sha256" | "sha384" | "sha512";

/** Key and nonce of the right length are the caller's duty; outputs are arrays of their own. */
export interface Symmetric {
  /** A hash. */
  hash(name: HashName, data: Uint8Array): Uint8Array;
  /** HMAC, RFC 2104. */
  hmac(name: HashName, key: Uint8Array, data: Uint8Array): Uint8Array;
  /**
   * AES-128-GCM or AES-256-GCM by the key's length: the ciphertext with its 16-byte tag behind it. Where that saves a
   * copy, `room` bytes (default 0) are left in front of it; else there are none.
   */
  aesGcmSeal(
    key: Uint8Array,
    nonce: Uint8Array,
    associatedData: Uint8Array,
    plaintext: Uint8Array,
    room?: number,
  ): Uint8Array;
  /** @throws CopseError "aead-open". */
  aesGcmOpen(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  /** ChaCha20-Poly1305, RFC 8439: the ciphertext with its 16-byte tag behind it. */
  chacha20Poly1305Seal(
    key: Uint8Array,
    nonce: Uint8Array,
    associatedData: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array;
  /** @throws CopseError "aead-open". */
  chacha20Poly1305Open(
    key: Uint8Array,
    nonce: Uint8Array,
    associatedData: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array;
  /** AES in counter mode from a 16-byte initial counter block; its own inverse. */
  aesCtr(key: Uint8Array, counterBlock: Uint8Array, data: Uint8Array): Uint8Array;
}
