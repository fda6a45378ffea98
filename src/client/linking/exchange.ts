/**
 * One linking under way on a device: messages that have come, and whatever ends it, the person's signal, its time, or the other side.
 */

import type { PlatformClass } from "../../bytes/platform.ts";
import { AccountError } from "../../accounts/errors.ts";
import { linkTimeout } from "../../accounts/linking/life.ts";
import type { LinkOptions, LinkStep } from "./options.ts";

/** What one device says to the other when it gives up. Nobody can be held to it: each looks at its own time. */
export const goodbye: Uint8Array = new Uint8Array(0);

/** Messages that wait. More are dropped: a linking has five. */
const mostWaiting = 16;

/** What ends something after so many milliseconds, unless the returned function is called before. */
export type After = (milliseconds: number, run: () => void) => () => void;

/** A message, and the device that the service says it is from. */
export interface LinkMessage {
  readonly from: string;
  readonly bytes: Uint8Array;
}

export class Exchange {
  readonly timeout: number;
  readonly #waiting: LinkMessage[] = [];
  readonly #onProgress: ((step: LinkStep) => void) | undefined;
  readonly #signal: PlatformClass<"AbortSignal"> | undefined;
  readonly #abort = (): void => {
    this.end(this.#signal?.reason);
  };
  readonly #cancel: () => void;
  #end: { readonly reason: unknown } | undefined;
  #wake: (() => void)[] = [];
  /** The other device, once it is known: only it can end this. */
  other: string | undefined;

  constructor({ signal, timeout = linkTimeout, onProgress }: LinkOptions, after: After) {
    this.timeout = timeout;
    this.#onProgress = onProgress;
    this.#signal = signal;
    this.#cancel = after(timeout, () => {
      this.end(new AccountError("link-expired"));
    });
    if (signal?.aborted === true) this.#abort();
    else signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** A message has come. */
  put(message: LinkMessage): void {
    if (this.other !== undefined && message.from !== this.other) return;
    if (message.bytes.length === goodbye.length) {
      if (message.from === this.other) this.end(new AccountError("link-ended"));
      return;
    }
    if (this.#waiting.length < mostWaiting) this.#waiting.push(message);
    this.#woken();
  }

  /** It is over, for this reason. The first one counts. */
  end(reason: unknown): void {
    this.#end ??= { reason };
    this.#woken();
  }

  /** Nothing more is to come. */
  close(): void {
    this.#cancel();
    this.#signal?.removeEventListener("abort", this.#abort);
  }

  /** @throws whatever has ended it */
  check(): void {
    if (this.#end !== undefined) throw this.#end.reason;
  }

  progress(step: LinkStep): void {
    this.#onProgress?.(step);
  }

  /** The next message that is `read`: one that is none of this linking is passed over. */
  async next<Read>(read: (bytes: Uint8Array) => Read | Promise<Read>): Promise<Read> {
    for (;;) {
      this.check();
      const message = this.#waiting.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => this.#wake.push(resolve));
        continue;
      }
      if (this.other !== undefined && message.from !== this.other) continue;
      try {
        const taken = await read(message.bytes);
        this.other ??= message.from;
        return taken;
      } catch (error) {
        if (!(error instanceof AccountError) || error.code !== "link-message") throw error;
      }
    }
  }

  /** What the person says, unless it ends before. */
  async asked(answer: boolean | PromiseLike<boolean>): Promise<boolean> {
    const said = Promise.resolve(answer);
    const state = { isSaid: false };
    const done = said.then(
      () => (state.isSaid = true),
      () => (state.isSaid = true),
    );
    while (!state.isSaid) {
      this.check();
      await Promise.race([done, new Promise<void>((resolve) => this.#wake.push(resolve))]);
    }
    this.check();
    return said;
  }

  /** After a while, or when it ends. */
  async pause(milliseconds: number, after: After): Promise<void> {
    const state = { isOver: false };
    const cancel = after(milliseconds, () => {
      state.isOver = true;
      this.#woken();
    });
    while (!state.isOver && this.#end === undefined) await new Promise<void>((resolve) => this.#wake.push(resolve));
    cancel();
    this.check();
  }

  #woken(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const each of wake) each();
  }
}
