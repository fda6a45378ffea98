/**
 * The receiving side: keys by KID, each with its replay window and its role. RFC 9605 sections 4.4.1, 4.4.4 and 9.3.
 */

import { CopseError } from "../errors.ts";
import { checkBaseKey, checkKid, checkOptions } from "./arguments.ts";
import type { Form, Result } from "./form.ts";
import { KeyTable, type OpenedFrame, type ReceivingOptions } from "./key-table.ts";

/**
 * Opens frames of the KIDs that it has keys for. Nothing that fails to open changes it.
 *
 * A frame that opens comes from somebody who holds the base key: SFrame does not tell one holder from another (section
 * 7.2).
 *
 * @example
 * const receiver = new SFrameReceiver({ suite: sframeSuite(4) });
 * receiver.addKey(7n, baseKey);
 * const { plaintext } = receiver.open(frame);
 */
export class SFrameReceiver<F extends Form = "sync"> {
  readonly #table: KeyTable<F>;
  readonly #sending = new Set<bigint>();

  /** @throws TypeError where an option is not what it must be. */
  constructor(options: ReceivingOptions<F>) {
    checkOptions(options, "suite crypto replayWindow maxKeys");
    this.#table = new KeyTable(options, (kid) => {
      throw new CopseError(this.#sending.has(kid) ? "sframe-kid-role" : "sframe-unknown-kid");
    });
  }

  /** Whether there is a key for this KID. */
  hasKey(kid: bigint): boolean {
    checkKid(kid);
    return this.#table.has(kid);
  }

  /**
   * Open frames of this KID from now on. The same key again changes nothing; another key takes the place of the old
   * one, with an empty replay window.
   *
   * @param kid 0 to 2^64 - 1
   * @param baseKey At least 16 bytes. Read, not kept: the caller may wipe it afterwards.
   * @throws CopseError "sframe-kid-role" where the KID is one of ours; "limit-exceeded" where there are too many.
   * @throws TypeError where an argument is not what it must be.
   */
  addKey(kid: bigint, baseKey: Uint8Array): void {
    checkKid(kid);
    checkBaseKey(baseKey);
    if (this.#sending.has(kid)) throw new CopseError("sframe-kid-role");
    this.#table.add(kid, baseKey);
  }

  /** Forget a KID's key and what was received under it. Says whether there was one. */
  removeKey(kid: bigint): boolean {
    checkKid(kid);
    return this.#table.delete(kid);
  }

  /**
   * Note that a KID is used for sending: frames under it are refused from now on. "Implementations MUST mark each
   * base_key as usable for encryption or decryption, never both" (section 4.4.1); where members share a base key, the
   * KID carries the mark.
   *
   * @throws CopseError "sframe-kid-role" where the KID has a key for receiving.
   * @throws TypeError where the KID is not a bigint of 0 to 2^64 - 1.
   */
  addSendingKid(kid: bigint): void {
    checkKid(kid);
    if (this.#table.has(kid)) throw new CopseError("sframe-kid-role");
    this.#sending.add(kid);
  }

  /** Forget that a KID is used for sending. Says whether it was. */
  removeSendingKid(kid: bigint): boolean {
    checkKid(kid);
    return this.#sending.delete(kid);
  }

  /**
   * Open a frame.
   *
   * "If a ciphertext fails to decrypt because there is no key available for the KID [...], the client MAY buffer the
   * ciphertext and retry"; after any other failure it "MUST discard the ciphertext" (section 4.4.4).
   *
   * @param metadata What the sender gave as metadata, byte for byte. Default: none.
   * @throws CopseError "sframe-header", "sframe-unknown-kid", "sframe-kid-role", "sframe-replay" or "sframe-open".
   * @throws TypeError where an argument is not a byte string.
   */
  open(frame: Uint8Array, metadata?: Uint8Array): Result<F, OpenedFrame> {
    return this.#table.open(frame, metadata);
  }

  /** Forget every key. */
  wipe(): void {
    this.#table.deleteWhere(() => true);
  }
}
