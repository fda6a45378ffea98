/**
 * Handshakes that can't be taken yet: of a later epoch, by a device that the chat does not show yet, with a PSK that it does
 * not have yet, or with proposals that have not arrived. Bounded: the oldest go first, and can be asked for again.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Handshake } from "./peek.ts";

/** How many are kept where the application does not say. */
export const defaultHeld = 256;

/** A handshake that waits. */
export interface HeldHandshake extends Handshake {
  readonly message: Uint8Array;
}

/** The handshakes that wait, in the order of arrival. */
export class Held {
  readonly #limit: number;
  #waiting: readonly HeldHandshake[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Keep one, once. */
  add(handshake: HeldHandshake): void {
    if (this.#waiting.some(({ message }) => bytesEqual(message, handshake.message))) return;
    const all = [...this.#waiting, handshake];
    this.#waiting = all.slice(Math.max(0, all.length - this.#limit)); // a limit of 0 keeps none
  }

  /** Take out everything, oldest first; what has to wait longer is added again. */
  takeAll(): readonly HeldHandshake[] {
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }

  /** Whether a commit of an epoch is among them. */
  hasCommit(epoch: bigint): boolean {
    return this.#waiting.some((held) => held.content === "commit" && held.epoch === epoch);
  }

  /** The proposals of an epoch that have this type. */
  custom(epoch: bigint, proposalType: number): readonly Uint8Array[] {
    return this.#waiting
      .filter((held) => held.content === "proposal" && held.epoch === epoch)
      .filter(({ proposals: [proposal] }) => proposal?.type === "custom" && proposal.proposalType === proposalType)
      .map(({ message }) => message);
  }
}
