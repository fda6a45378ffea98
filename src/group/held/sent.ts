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
  /** The same messages, oldest first, behind those that were forgotten: a Map would pass over these again each time. */
  #inOrder: KeptMessage[] = [];
  #forgotten = 0;
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
    const before = this.#messages.get(message.key);
    this.#messages.set(message.key, message);
    // The same bytes once more, as of a public proposal that was made twice, keep their place.
    if (before === undefined) this.#inOrder.push(message);
    else this.#inOrder[this.#inOrder.indexOf(before)] = message;
    while (this.#messages.size > this.#limit) this.#messages.delete(this.#inOrder[this.#forgotten++]!.key);
    if (this.#forgotten > this.#limit) {
      this.#inOrder = this.#inOrder.slice(this.#forgotten);
      this.#forgotten = 0;
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
    const count = this.#messages.size + (another === undefined ? 0 : 1) - this.#limit;
    const surplus: number[] = [];
    for (let i = this.#forgotten; i < this.#inOrder.length && surplus.length < count; i++) {
      surplus.push(this.#inOrder[i]!.number);
    }
    if (another !== undefined && surplus.length < count) surplus.push(another.number);
    return surplus;
  }

  /** Every message that is kept, oldest first. */
  values(): Iterable<KeptMessage> {
    return this.#inOrder.slice(this.#forgotten);
  }

  #key(message: Uint8Array): string {
    return keyString(this.#suite.hash(message).subarray(0, hashLength));
  }
}
