/**
 * AES-128-GCM with a tag of 8 bytes, as DAVE's frames have it. Two modules have this shape, `short-gcm-node.ts` and
 * `short-gcm-noble.ts`; `#short-gcm` is the platform's.
 *
 * NIST SP 800-38D, appendix C: a tag of 64 bits is for few bytes and few failures. So it is kept apart from `Symmetric`,
 * whose tags have 16 bytes, and nobody else has it.
 */

/** The length of a tag, in bytes. */
export const shortTagLength = 8;

/** A ciphertext and its tag, which a frame does not hold side by side. */
export interface ShortSealed {
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** Key (16 bytes) and nonce (12 bytes) of the right length are the caller's duty. */
export interface ShortGcm {
  /** The ciphertext, as long as the plaintext, and the first 8 bytes of its tag. */
  shortGcmSeal(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array): ShortSealed;
  /** The plaintext; undefined where the tag is not that of all of this. Compared in constant time. */
  shortGcmOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    associatedData: Uint8Array,
    sealed: ShortSealed,
  ): Uint8Array | undefined;
}
