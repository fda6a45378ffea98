/**
 * Calls between two processes, both ways, over the channel of `fork`: each call has a number, and its answer has the same one.
 */

import type { DeliveryErrorCode } from "../../../src/delivery/errors.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";

/** What the two sides send each other. */
type Packet =
  | { readonly call: number; readonly name: string; readonly given: unknown }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly failed: { readonly code: string; readonly message: string } };

/** One end of the channel: `process`, or a child of it. */
interface End {
  readonly send?: ((packet: Packet, done: (error: Error | null) => void) => unknown) | undefined;
  on(event: "message", listener: (packet: unknown) => void): unknown;
}

type Answerer = (given: never) => unknown;

export class Channel {
  readonly #end: End;
  readonly #answerers: Readonly<Record<string, Answerer>>;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #calls = 0;

  /** What the other side may call stands in `answerers`. */
  constructor(end: End, answerers: Readonly<Record<string, Answerer>>) {
    this.#end = end;
    this.#answerers = answerers;
    end.on("message", (packet) => void this.#take(packet as Packet));
  }

  call<Value>(name: string, given?: unknown): Promise<Value> {
    const call = ++this.#calls;
    return new Promise<Value>((resolve, reject) => {
      this.#waiting.set(call, { resolve: resolve as (value: unknown) => void, reject });
      this.#post({ call, name, given });
    });
  }

  /** Call without waiting for anything: whoever is dead hears nothing. */
  tell(name: string, given?: unknown): void {
    this.#post({ call: 0, name, given });
  }

  async #take(packet: Packet): Promise<void> {
    if ("answer" in packet) {
      const waiting = this.#waiting.get(packet.answer);
      this.#waiting.delete(packet.answer);
      if ("value" in packet) waiting?.resolve(packet.value);
      else waiting?.reject(errorOf(packet.failed));
      return;
    }
    const { call, name, given } = packet;
    try {
      const answerer = this.#answerers[name];
      if (answerer === undefined) throw new Error(`nobody answers ${name}`);
      const value = await answerer(given as never);
      if (call > 0) this.#post({ answer: call, value });
    } catch (error) {
      const { code = "", message } = error as { readonly code?: string; readonly message: string };
      if (call > 0) this.#post({ answer: call, failed: { code, message } });
      else throw error;
    }
  }

  #post(packet: Packet): void {
    try {
      this.#end.send?.(packet, () => undefined);
    } catch {
      // the other side has died
    }
  }
}

function errorOf({ code, message }: { readonly code: string; readonly message: string }): Error {
  return message.startsWith(`${code}: `) ? new DeliveryError(code as DeliveryErrorCode) : new Error(message);
}
