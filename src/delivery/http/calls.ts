/**
 * Requests that wait for their answers, over a link: by numbers, in any order. More than the service would take at once wait here, so
 * that what is sent is bounded.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { decode, encode } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import { DeliveryError } from "../errors.ts";
import type { ServerFrame } from "../protocol/frames.ts";
import type { Answered, Asked, OperationName } from "../protocol/operation.ts";
import { operations } from "../protocol/operations.ts";
import type { Link } from "./link.ts";
import { refused } from "./refused.ts";

interface Waiting {
  readonly resolve: (body: Uint8Array) => void;
  readonly reject: (error: DeliveryError) => void;
}

/** As many as a service answers at once. */
const mostAsked = 32;

const lastNumber = 0xffff_ffff;

export class Calls {
  readonly #link: Link;
  readonly #asked = new Map<number, Waiting>();
  readonly #queue: { readonly operation: number; readonly body: Bytes; readonly waiting: Waiting }[] = [];
  #number = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  async ask<Name extends OperationName>(name: Name, given: Asked<Name>): Promise<Answered<Name>> {
    const { number, asks, answers } = operations[name];
    const body = await new Promise<Uint8Array>((resolve, reject) => {
      if (!this.#link.isOpen) {
        reject(new DeliveryError("unreachable"));
        return;
      }
      this.#queue.push({ operation: number, body: encode(asks, given), waiting: { resolve, reject } });
      this.#send();
    });
    try {
      return decode(answers, body);
    } catch (cause) {
      if (!(cause instanceof CopseError)) throw cause;
      this.#link.end(); // it speaks another language
      throw new DeliveryError("unreachable", { cause });
    }
  }

  answered(frame: Extract<ServerFrame, { kind: "answer" | "refusal" }>): void {
    const waiting = this.#asked.get(frame.number);
    this.#asked.delete(frame.number);
    if (frame.kind === "answer") waiting?.resolve(frame.body);
    else waiting?.reject(refused(frame));
    this.#send();
  }

  /** Nothing is answered any more. */
  end(): void {
    const all = [...this.#asked.values(), ...this.#queue.map(({ waiting }) => waiting)];
    this.#asked.clear();
    this.#queue.length = 0;
    for (const { reject } of all) reject(new DeliveryError("unreachable"));
  }

  #send(): void {
    while (this.#asked.size < mostAsked && !(this.#link.isFull && this.#asked.size > 0)) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      do this.#number = this.#number === lastNumber ? 1 : this.#number + 1;
      while (this.#asked.has(this.#number));
      this.#asked.set(this.#number, next.waiting);
      this.#link.send({ kind: "request", number: this.#number, operation: next.operation, body: next.body });
    }
  }
}
