/**
 * What a NATS server says, as it comes: lines, and messages of so many bytes.
 */

import { utf8Decode } from "../bytes/text.ts";

/** The NATS server can't be reached, does not let it in, or says what is not its protocol. */
export class NatsError extends Error {
  override readonly name = "NatsError";
}

/** What is done with what comes. */
interface Heard {
  readonly info: (info: { readonly needsTls: boolean }) => void;
  readonly message: (payload: string) => void;
  readonly ping: () => void;
  readonly pong: () => void;
  readonly error: (words: string) => void;
}

/** The longest line, and the longest message, that is waited for. */
const mostLine = 64 * 1024;
const mostPayload = 1024 * 1024;

export class NatsReader {
  readonly #heard: Heard;
  #rest: Uint8Array = new Uint8Array(0);
  /** Of a message whose line has come. */
  #payload: number | undefined;

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  /** More has come. @throws NatsError for what is no NATS */
  take(data: Uint8Array): void {
    const bytes = new Uint8Array(this.#rest.length + data.length);
    bytes.set(this.#rest);
    bytes.set(data, this.#rest.length);
    let at = 0;
    for (;;) {
      if (this.#payload !== undefined) {
        const end = at + this.#payload;
        if (bytes.length < end + 2) break;
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
    this.#rest = bytes.slice(at);
  }

  #line(line: string): void {
    const [, verb = "", rest = ""] = /^([A-Za-z+-]+)(?:\s+(.*))?$/.exec(line) ?? [];
    switch (verb.toUpperCase()) {
      case "INFO":
        this.#heard.info({ needsTls: /"tls_required"\s*:\s*true/.test(rest) });
        return;
      case "MSG": {
        const length = Number(/\s(\d+)$/.exec(rest)?.[1] ?? Number.NaN);
        if (!(length <= mostPayload)) throw new NatsError("the server says no NATS: a message is too long");
        this.#payload = length;
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
