/**
 * What this member has sent, by hash: a message of ours can't be decrypted when it comes back, but it can be recognised.
 */

import type { CipherSuite } from "../crypto/provider.ts";
import { keyString } from "../tree/indexes.ts";
import type { OwnEvent } from "./events.ts";

/** A message of ours. */
export interface SentMessage {
  readonly what: OwnEvent["what"];
  readonly epoch: bigint;
}

/** Half of a hash tells our own few messages apart, and keeps snapshots small. */
const hashLength = 16;

/** The latest messages that were sent; the oldest are forgotten first. */
export class SentMessages {
  readonly #suite: CipherSuite;
  readonly #limit: number;
  readonly #messages = new Map<string, SentMessage>();

  constructor(suite: CipherSuite, limit: number) {
    this.#suite = suite;
    this.#limit = limit;
  }

  add(message: Uint8Array, sent: SentMessage): void {
    this.#put(this.#key(message), sent);
  }

  find(message: Uint8Array): SentMessage | undefined {
    return this.#messages.size === 0 ? undefined : this.#messages.get(this.#key(message));
  }

  /** Every entry, oldest first: the hash, what it was, and its epoch. */
  state(): readonly (readonly [hash: Uint8Array, what: OwnEvent["what"], epoch: bigint])[] {
    return Array.from(this.#messages, ([key, { what, epoch }]) => [
      Uint8Array.from(key, (character) => character.charCodeAt(0)),
      what,
      epoch,
    ]);
  }

  restore(state: ReturnType<SentMessages["state"]>): void {
    for (const [hash, what, epoch] of state) this.#put(keyString(hash), { what, epoch });
  }

  #put(key: string, sent: SentMessage): void {
    this.#messages.set(key, sent);
    for (const oldest of this.#messages.keys()) {
      if (this.#messages.size <= this.#limit) break;
      this.#messages.delete(oldest);
    }
  }

  #key(message: Uint8Array): string {
    return keyString(this.#suite.hash(message).subarray(0, hashLength));
  }
}
