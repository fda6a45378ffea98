/**
 * A sender of the sender keys scheme, who ratchets its key forward when somebody joins, and distributes a new one when
 * somebody leaves. RFC 9605 section 5.1.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { Secret } from "../bytes/secret.ts";
import { checkBaseKey, checkOptions } from "./arguments.ts";
import { defaultCrypto, type SFrameCrypto } from "./crypto.ts";
import type { Form, Result } from "./form.ts";
import { ratchetBaseKey, ratchetKid, type RatchetKid } from "./ratchet-kid.ts";
import { SFrameSender } from "./sender.ts";
import type { SFrameSuite } from "./suites.ts";

/** What a ratcheting sender is made of. */
export interface SFrameRatchetSenderOptions<F extends Form> {
  readonly suite: SFrameSuite;
  /** R: how many bits of the step a KID carries, 0 to 16. All receivers of this sender must know it. */
  readonly stepBits: number;
  /** A fresh random key of at least 16 bytes that no other sender uses. Copied. */
  readonly baseKey: Uint8Array;
  /** The key generation of `baseKey`. Default 0n. */
  readonly generation?: bigint;
  /** Where the cryptography is done. Default: synchronously, over the platform's primitives. */
  readonly crypto?: SFrameCrypto<F>;
}

/** What a receiver needs to know to follow a sender from here on. It goes through an end-to-end secure channel. */
export interface SharedSenderKey {
  readonly kid: bigint;
  /** A copy: the caller wipes it. */
  readonly baseKey: Uint8Array;
}

interface State<F extends Form> extends RatchetKid {
  readonly baseKey: Secret<"sframe base key">;
  readonly sender: SFrameSender<F>;
}

/** Seals frames under one sender's changing key. */
export class SFrameRatchetSender<F extends Form = "sync"> {
  readonly stepBits: number;
  readonly #suite: SFrameSuite;
  readonly #crypto: SFrameCrypto<F>;
  #state: State<F>;

  /**
   * @throws CopseError "sframe-kid-range" where the generation does not fit in the KID.
   * @throws TypeError where an option is not what it must be.
   */
  constructor(options: SFrameRatchetSenderOptions<F>) {
    checkOptions(options, "suite stepBits baseKey generation crypto");
    const { suite, stepBits, baseKey, generation = 0n, crypto = defaultCrypto<F>() } = options;
    checkBaseKey(baseKey);
    this.#suite = suite;
    this.stepBits = stepBits;
    this.#crypto = crypto;
    this.#state = this.#stateOf({ generation, step: 0n }, new Uint8Array(baseKey));
  }

  /** The KID of the next frame. */
  get kid(): bigint {
    return this.#state.sender.kid;
  }

  /** How many keys were distributed before this one, counted from the first generation. */
  get generation(): bigint {
    return this.#state.generation;
  }

  /** How many times this key was ratcheted. */
  get step(): bigint {
    return this.#state.step;
  }

  /** The current key and KID, for a new participant, or for everybody after `replaceKey`. */
  share(): SharedSenderKey {
    return { kid: this.kid, baseKey: this.#state.baseKey.use((bytes) => new Uint8Array(bytes)) };
  }

  /**
   * Hash the key forward: who learns it from now on can't open what was sent before. Receivers notice by the KID. They
   * follow a bounded number of steps, so send something between one call and the next.
   *
   * @throws CopseError "secret-wiped" after `wipe`.
   */
  ratchet(): void {
    const { generation, step, baseKey } = this.#state;
    const next = baseKey.use((bytes) => ratchetBaseKey(this.#crypto.symmetric, this.#suite, bytes));
    this.#become({ generation, step: step + 1n }, next);
  }

  /**
   * Begin a new generation with a fresh key: who only knew the old one can't open what is sent from now on. Receivers
   * must have been given the new key (`share`).
   *
   * @param baseKey A fresh random key of at least 16 bytes. Copied.
   * @throws CopseError "sframe-kid-range" after the last generation; "secret-wiped" after `wipe`.
   * @throws TypeError where this is no base key.
   */
  replaceKey(baseKey: Uint8Array): void {
    checkBaseKey(baseKey);
    const { generation, baseKey: old } = this.#state;
    old.use(() => this.#become({ generation: generation + 1n, step: 0n }, new Uint8Array(baseKey)));
  }

  /** Seal a frame under the current key: see `SFrameSender`. */
  encrypt(plaintext: Uint8Array, metadata?: Uint8Array): Result<F, Bytes> {
    return this.#state.sender.encrypt(plaintext, metadata);
  }

  /** Forget the key. Frames can't be sealed any more. */
  wipe(): void {
    this.#state.sender.wipe();
    this.#state.baseKey.wipe();
  }

  #become(position: RatchetKid, baseKey: Uint8Array): void {
    const state = this.#stateOf(position, baseKey);
    this.wipe();
    this.#state = state;
  }

  /** What begins with a base key, which it owns. */
  #stateOf(position: RatchetKid, baseKey: Uint8Array): State<F> {
    const { stepBits } = this;
    const kid = ratchetKid({ ...position, stepBits });
    const sender = new SFrameSender({ suite: this.#suite, kid, baseKey, crypto: this.#crypto });
    return { ...position, sender, baseKey: Secret.of("sframe base key", baseKey) };
  }
}
