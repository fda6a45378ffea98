/**
 * The sending side of one KID: its key and its counter. RFC 9605 sections 4.4.3 and 9.1.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { nothing } from "../bytes/nothing.ts";
import { CopseError } from "../errors.ts";
import { checkBaseKey, checkBytes, checkKid, checkOptions } from "./arguments.ts";
import { checkUint64, maxUint64 } from "../bytes/numbers.ts";
import { checkCrypto, defaultCrypto, type SFrameCrypto } from "./crypto.ts";
import type { Form, Result } from "./form.ts";
import { FrameKey } from "./frame-key.ts";
import { checkSuite, type SFrameSuite } from "./suites.ts";

/** What a sender is made of. */
export interface SFrameSenderOptions<F extends Form> {
  readonly suite: SFrameSuite;
  /** The key ID, 0 to 2^64 - 1. No other sender may use it with the same base key. */
  readonly kid: bigint;
  /** At least 16 bytes. Read, not kept: the caller may wipe it afterwards. */
  readonly baseKey: Uint8Array;
  /** Where the cryptography is done. Default: synchronously, over the platform's primitives. */
  readonly crypto?: SFrameCrypto<F>;
  /** The last counter to use, at most 2^64 - 1, which is the default. */
  readonly lastCounter?: bigint;
}

/**
 * Seals frames under one KID, each with the next counter.
 *
 * "Senders MUST reject requests to encrypt multiple times with the same key and nonce" (section 7.4): a sender chooses
 * its counters itself, never one twice, and a frame that fails to be sealed has used its counter up. What no object can
 * see is a second one with the same base key and KID: after a reload of the page or in a second worker, take another
 * KID (a fresh `context` for MLS keys, section 5.2), or store `nextCounter` before a frame leaves and go on from it
 * with `advanceTo`.
 *
 * @example
 * const sender = new SFrameSender({ suite: sframeSuite(4), kid: 7n, baseKey });
 * const frame = sender.encrypt(opusFrame);
 */
export class SFrameSender<F extends Form = "sync"> {
  readonly kid: bigint;
  readonly #key: FrameKey<F>;
  readonly #lastCounter: bigint;
  #nextCounter = 0n;

  /** @throws TypeError where an option is not what it must be. */
  constructor(options: SFrameSenderOptions<F>) {
    checkOptions(options, "suite kid baseKey crypto lastCounter");
    const { suite, kid, baseKey, crypto = defaultCrypto<F>(), lastCounter = maxUint64 } = options;
    checkSuite(suite);
    checkCrypto(crypto);
    checkKid(kid);
    checkBaseKey(baseKey);
    checkUint64("lastCounter", lastCounter);
    this.kid = kid;
    this.#key = new FrameKey({ crypto, suite, kid, baseKey });
    this.#lastCounter = lastCounter;
  }

  /** The counter of the next frame: one more than the last counter when all are used. */
  get nextCounter(): bigint {
    return this.#nextCounter;
  }

  /**
   * Seal a frame, of any length.
   *
   * @param plaintext The media frame: read before this returns, in the asynchronous form too.
   * @param metadata Authenticated, not sent: the receiver must give the same bytes. Default: none.
   * @returns The SFrame ciphertext: header, ciphertext and tag, 1 to 17 bytes plus the suite's `tagLength` longer.
   * @throws CopseError "sframe-counter-overflow" where the counters are used up; "secret-wiped" after `wipe`.
   */
  encrypt(plaintext: Uint8Array, metadata: Uint8Array = nothing): Result<F, Bytes> {
    const next = (): bigint => {
      checkBytes("plaintext", plaintext);
      checkBytes("metadata", metadata);
      const ctr = this.#nextCounter;
      if (ctr > this.#lastCounter) throw new CopseError("sframe-counter-overflow");
      this.#nextCounter = ctr + 1n; // before the attempt: whatever comes of it, this counter is gone
      return ctr;
    };
    return this.#key.seal(next, metadata, plaintext);
  }

  /**
   * Skip counters, so that `ctr` is the next: for a sender whose counter is stored elsewhere.
   *
   * @throws CopseError "sframe-counter-reuse" where `ctr` is behind `nextCounter`.
   * @throws TypeError where `ctr` is not a bigint of 0 to 2^64 - 1.
   */
  advanceTo(ctr: bigint): void {
    checkUint64("ctr", ctr);
    if (ctr < this.#nextCounter) throw new CopseError("sframe-counter-reuse");
    this.#nextCounter = ctr;
  }

  /** Forget the key. Frames can't be sealed any more. */
  wipe(): void {
    this.#key.wipe();
  }
}
