/**
 * One KID's key and salt at work: frames sealed and opened. RFC 9605 sections 4.4.3 and 4.4.4. Counters are the
 * caller's care: a sender's are unique, a receiver's go through a replay window.
 */

import { constantTimeEqual } from "../bytes/compare.ts";
import { concat } from "../bytes/concat.ts";
import type { Secret } from "../bytes/secret.ts";
import { CopseError } from "../errors.ts";
import { frameCipher } from "./cipher.ts";
import type { FrameCipher, SFrameCrypto } from "./crypto.ts";
import { perform, type Form, type Result } from "./form.ts";
import { writeSFrameHeader, type SFrameHeader } from "./header.ts";
import { deriveKeyAndSalt, sframeNonce } from "./key.ts";
import type { SFrameSuite } from "./suites.ts";

/** What a frame key is derived from. */
export interface FrameKeyOptions<F extends Form> {
  readonly crypto: SFrameCrypto<F>;
  readonly suite: SFrameSuite;
  readonly kid: bigint;
  /** Read, not kept. */
  readonly baseKey: Uint8Array;
}

/** The key and salt of one KID. */
export class FrameKey<F extends Form> {
  readonly kid: bigint;
  readonly #form: F;
  #cipher: FrameCipher<F> | undefined;
  readonly #salt: Secret<"sframe salt">;

  constructor({ crypto, suite, kid, baseKey }: FrameKeyOptions<F>) {
    const { key, salt } = deriveKeyAndSalt(crypto.symmetric, { suite, kid, baseKey });
    this.kid = kid;
    this.#form = crypto.form;
    this.#cipher = frameCipher(crypto, suite, key);
    this.#salt = salt;
  }

  /** A whole frame: header, ciphertext and tag. The caller answers for the counter. */
  seal(ctr: bigint, metadata: Uint8Array, plaintext: Uint8Array): Result<F, Uint8Array> {
    const header = writeSFrameHeader({ kid: this.kid, ctr });
    return perform(this.#form, {
      begin: () => this.#unwiped().seal(this.#nonce(ctr), concat(header, metadata), plaintext),
      done: (ciphertext: Uint8Array) => concat(header, ciphertext),
    });
  }

  /**
   * The plaintext of a frame whose header has been read.
   *
   * @throws CopseError "sframe-open".
   */
  open({ ctr, length }: SFrameHeader, metadata: Uint8Array, frame: Uint8Array): Result<F, Uint8Array> {
    return perform(this.#form, {
      begin: () =>
        this.#unwiped().open(this.#nonce(ctr), concat(frame.subarray(0, length), metadata), frame.subarray(length)),
      done: (plaintext: Uint8Array) => plaintext,
      failed: (cause) => {
        throw new CopseError("sframe-open", { cause });
      },
    });
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
  }

  #unwiped(): FrameCipher<F> {
    if (this.#cipher === undefined) throw new CopseError("secret-wiped");
    return this.#cipher;
  }

  #nonce(ctr: bigint): Uint8Array {
    return this.#salt.use((salt) => sframeNonce(salt, ctr));
  }
}
