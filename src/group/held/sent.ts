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
  /** Half of its hash, as a string of as many characters. */
  readonly key: string;
}

/** A message that comes out of a store. */
export function keptMessage(number: number, hash: Uint8Array, { what, epoch }: SentMessage): KeptMessage {
  return { number, key: keyString(hash), what, epoch };
}

/** The latest messages that were sent; the oldest are forgotten first. */
export class SentMessages {
  readonly #suite: CipherSuite;
  readonly #limit: number;
  readonly #messages = new Map<string, KeptMessage>();
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

  /** How a message would be kept. Nothing has changed yet. */
  stage(message: Uint8Array, sent: SentMessage): KeptMessage {
    return { number: this.#next, key: this.#key(message), what: sent.what, epoch: sent.epoch };
  }

  /** Keep a message, newer than all others. */
  keep(message: KeptMessage): void {
    this.#next = message.number + 1;
    this.#messages.set(message.key, message);
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
    return this.#messages.get(this.#key(message));
  }

  /** The numbers of the messages that are forgotten when another is kept. */
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
  values(): Iterable<KeptMessage> {
    return this.#messages.values();
  }

  #key(message: Uint8Array): string {
    return keyString(this.#suite.hash(message).subarray(0, hashLength));
  }
}
