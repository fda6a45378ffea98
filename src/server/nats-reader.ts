/**
 * What a NATS server says, as it comes: lines, and messages of so many bytes.
 */

import { utf8Decode } from "../bytes/text.ts";

/** The NATS server can't be reached, does not let it in, or says what is not its protocol. */
export class NatsError extends Error {
  override readonly name = "NatsError";
}

/** What is done with what comes. */
export interface Heard {
  readonly info: (info: { readonly needsTls: boolean }) => void;
  readonly message: (payload: string) => void;
  readonly ping: () => void;
  readonly pong: () => void;
  readonly error: (words: string) => void;
}

/** The longest line that is waited for, and the longest message that is read: a longer one is none of a service's, and is passed over. */
const mostLine = 64 * 1024;
const mostPayload = 16 * 1024;

export class NatsReader {
  readonly #heard: Heard;
  #rest: Uint8Array = new Uint8Array(0);
  /** How long the message is whose line has come. */
  #payload: number | undefined;
  /** Bytes of a message that is passed over, which are still to come. */
  #passedOver = 0;
  #isOver = false;

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  /** Nothing of what has come, or comes, is read any more. */
  end(): void {
    this.#isOver = true;
    this.#rest = new Uint8Array(0);
  }

  /** More has come. @throws NatsError for what is no NATS */
  take(data: Uint8Array): void {
    let bytes = data;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + data.length);
      bytes.set(this.#rest);
      bytes.set(data, this.#rest.length);
    }
    let at = 0;
    while (!this.#isOver) {
      const passed = Math.min(this.#passedOver, bytes.length - at);
      this.#passedOver -= passed;
      at += passed;
      if (this.#payload !== undefined) {
        const end = at + this.#payload;
        if (bytes.length < end + 2) break;
        if (bytes[end] !== 0x0d || bytes[end + 1] !== 0x0a)
          throw new NatsError("the server says no NATS: a message is not as long as it says");
        this.#payload = undefined;
        const payload = utf8Decode(bytes.subarray(at, end));
        at = end + 2;
        if (payload !== undefined) this.#heard.message(payload);
        continue;
      }
      const end = bytes.indexOf(0x0a, at);
      if (end < 0) {
        if (bytes.length - at > mostLine) throw new NatsError("the server says no NATS: a line is too long");
        break;
      }
      const line = utf8Decode(bytes.subarray(at, end))?.trimEnd() ?? "";
      at = end + 1;
      this.#line(line);
    }
    this.#rest = this.#isOver ? new Uint8Array(0) : bytes.slice(at);
  }

  #line(line: string): void {
    const [, verb = "", rest = ""] = /^([A-Za-z+-]+)(?:\s+(.*))?$/.exec(line) ?? [];
    switch (verb.toUpperCase()) {
      case "INFO":
        this.#heard.info({ needsTls: /"tls_required"\s*:\s*true/.test(rest) });
        return;
      case "MSG": {
        const length = Number(/^\S+\s+\S+\s+(?:\S+\s+)?(\d{1,15})$/.exec(rest)?.[1] ?? Number.NaN);
        if (Number.isNaN(length)) throw new NatsError("the server says no NATS: a message without a length");
        if (length > mostPayload) this.#passedOver = length + 2;
        else this.#payload = length;
        return;
      }
      case "PING":
        this.#heard.ping();
        return;
      case "PONG":
        this.#heard.pong();
        return;
      case "+OK":
        return;
      case "-ERR":
        this.#heard.error(rest);
        return;
      default:
        throw new NatsError("the server says no NATS");
    }
  }
}
