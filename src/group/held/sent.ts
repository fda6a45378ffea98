/**
 * What this member has sent, by hash: a message of ours can't be decrypted when it comes back, but it can be recognised.
 */

import type { CipherSuite } from "../../crypto/provider.ts";
import { keyString } from "../../tree/indexes.ts";
import type { OwnEvent } from "../../public-group/events.ts";

/** A message of ours. */
export interface SentMessage {
  readonly what: OwnEvent["what"];
  readonly epoch: bigint;
}

/** Half of a hash tells our own few messages apart, and keeps snapshots small. */
const hashLength = 16;

/** A message of ours as it is kept: the number says how many were sent before it. */
export interface KeptMessage extends SentMessage {
  readonly number: number;
  readonly hash: Uint8Array;
}

/** The latest messages that were sent; the oldest are forgotten first. */
export class SentMessages {
  readonly #suite: CipherSuite;
  readonly #limit: number;
  readonly #messages = new Map<string, SentMessage & { readonly number: number }>();
  #next = 0;

  constructor(suite: CipherSuite, limit: number) {
    this.#suite = suite;
    this.#limit = limit;
  }

  /** The number of the next message. */
  get next(): number {
    return this.#next;
  }

  set next(next: number) {
    this.#next = Math.max(this.#next, next);
  }

  /** What keeping a message means: nothing has changed. */
  stage(message: Uint8Array, sent: SentMessage): KeptMessage {
    return { ...sent, number: this.#next, hash: this.#suite.hash(message).slice(0, hashLength) };
  }

  /** Keep a message, newer than all others. */
  keep({ hash, number, what, epoch }: KeptMessage): void {
    this.#next = number + 1;
    this.#messages.set(keyString(hash), { what, epoch, number });
    for (const oldest of this.#messages.keys()) {
      if (this.#messages.size <= this.#limit) break;
      this.#messages.delete(oldest);
    }
  }

  add(message: Uint8Array, sent: SentMessage): void {
    this.keep(this.stage(message, sent));
  }

  find(message: Uint8Array): SentMessage | undefined {
    if (this.#messages.size === 0) return undefined;
    return this.#messages.get(keyString(this.#suite.hash(message).subarray(0, hashLength)));
  }

  /** The numbers of those that go when another is kept. */
  surplus(another: KeptMessage | undefined): readonly number[] {
    const surplus: number[] = [];
    const count = this.#messages.size + (another === undefined ? 0 : 1) - this.#limit;
    for (const { number } of this.#messages.values()) {
      if (surplus.length >= count) return surplus;
      surplus.push(number);
    }
    return another === undefined || surplus.length >= count ? surplus : [...surplus, another.number];
  }

  /** Every message that is kept, oldest first. */
  *values(): Iterable<KeptMessage> {
    for (const [key, message] of this.#messages) {
      yield { ...message, hash: Uint8Array.from(key, (character) => character.charCodeAt(0)) };
    }
  }
}
