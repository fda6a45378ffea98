/**
 * One KID's key and salt at work: frames sealed and opened. RFC 9605 sections 4.4.3 and 4.4.4. Counters are the
 * caller's care: a sender's are unique, a receiver's go through a replay window.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { constantTimeEqual } from "../bytes/compare.ts";
import { concat } from "../bytes/concat.ts";
import { nothing } from "../bytes/nothing.ts";
import type { Secret } from "../bytes/secret.ts";
import { CopseError } from "../errors.ts";
import { frameCipher } from "./cipher.ts";
import { asArray, type FrameCipher, type SFrameCrypto } from "./crypto.ts";
import { perform, type Form, type Result, type Steps } from "./form.ts";
import { withValue, type SFrameHeader } from "./header.ts";
import { deriveKeyAndSalt, sframeNonce } from "./key.ts";
import type { SFrameSuite } from "./suites.ts";

/** The longest associated data whose array is used again. Frames of strangers come here too, with as much as they like. */
const longestKept = 256;

/** What a frame key is derived from. */
export interface FrameKeyOptions<F extends Form> {
  readonly crypto: SFrameCrypto<F>;
  readonly suite: SFrameSuite;
  readonly kid: bigint;
  /** Read, not kept. */
  readonly baseKey: Uint8Array;
}

/** A frame on its way. */
interface Sealing {
  readonly next: () => bigint;
  readonly metadata: Uint8Array;
  readonly plaintext: Uint8Array;
  header?: Uint8Array;
  /** Of ciphertext and tag, noted because the arguments may be gone when they come. */
  length?: number;
}

/** The key and salt of one KID. */
export class FrameKey<F extends Form> {
  readonly #form: F;
  readonly #tagLength: number;
  /** The config byte with the KID's half, and the KID. */
  readonly #header: Uint8Array;
  #cipher: FrameCipher<F> | undefined;
  readonly #salt: Secret<"sframe salt">;
  /** The nonce and the associated data of the frame at work. In the asynchronous form, several are, and each has its own. */
  readonly #nonce: Uint8Array | undefined;
  #aad: Bytes = nothing;
  readonly #sealing: Steps<F, Sealing, Uint8Array | ArrayBuffer, Bytes> = {
    begin: (sealing) => {
      const { next, metadata, plaintext } = sealing;
      const ctr = next();
      const aad = this.#aadOf(ctr, metadata);
      const header = (sealing.header = aad.subarray(0, aad.length - metadata.length));
      sealing.length = plaintext.length + this.#tagLength;
      return this.#unwiped().seal(this.#nonceOf(ctr), aad, plaintext, header.length);
    },
    done: (sealed, { header = nothing, length }) => {
      const bytes = asArray(sealed);
      if (bytes.length === length) return concat(header, bytes);
      bytes.set(header);
      return bytes;
    },
  };

  constructor({ crypto, suite, kid, baseKey }: FrameKeyOptions<F>) {
    const { key, salt } = deriveKeyAndSalt(crypto.symmetric, { suite, kid, baseKey });
    this.#form = crypto.form;
    this.#tagLength = suite.tagLength;
    this.#header = withValue(new Uint8Array(1), kid, 4);
    this.#cipher = frameCipher(crypto, suite, key);
    this.#salt = salt;
    if (crypto.form === "sync") this.#nonce = new Uint8Array(suite.nonceLength);
  }

  /**
   * A whole frame: header, ciphertext and tag.
   *
   * @param next Says the counter, once nothing can be wrong with the arguments any more.
   */
  seal(next: () => bigint, metadata: Uint8Array, plaintext: Uint8Array): Result<F, Bytes> {
    return perform(this.#form, this.#sealing, { next, metadata, plaintext });
  }

  /** The plaintext of a frame whose header has been read. It fails as the cipher does. */
  open({ ctr, length }: SFrameHeader, metadata: Uint8Array, frame: Uint8Array): Result<F, Uint8Array | ArrayBuffer> {
    return this.#unwiped().open(this.#nonceOf(ctr), this.#aadOf(ctr, metadata), frame.subarray(length));
  }

  /** Whether two keys of one KID are the same: the salt tells, since it comes from the same secret. */
  equals(other: FrameKey<F>): boolean {
    return this.#salt.use((own) => other.#salt.use((its) => constantTimeEqual(own, its)));
  }

  /** Forget key and salt. Later use throws "secret-wiped". */
  wipe(): void {
    this.#cipher?.wipe();
    this.#cipher = undefined;
    this.#salt.wipe();
    this.#nonce?.fill(0);
  }

  #unwiped(): FrameCipher<F> {
    if (this.#cipher === undefined) throw new CopseError("secret-wiped");
    return this.#cipher;
  }

  #nonceOf(ctr: bigint): Uint8Array {
    return this.#salt.use((salt) => sframeNonce(salt, ctr, this.#nonce));
  }

  /** The header and what is authenticated with it: a counter has one header, so a received one is the same. */
  #aadOf(ctr: bigint, metadata: Uint8Array): Bytes {
    const aad = withValue(this.#header, ctr, 0, metadata, this.#aad);
    if (this.#form === "sync" && aad.length <= longestKept) this.#aad = aad;
    return aad;
  }
}
