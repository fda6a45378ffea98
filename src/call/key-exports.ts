/**
 * Base keys on their way from the group to the engine. Exporters may take their time, and epochs pass meanwhile: keys
 * arrive in the order of their epochs, and one that doesn't come holds up the next ones only for a while.
 */

import type { Bytes } from "../bytes/bytes.ts";
import type { Awaitable } from "../crypto/provider.ts";
import type { Scheduler } from "./clock.ts";
import type { EpochCommand } from "./engine/protocol.ts";

/** What becomes of exported keys. */
export interface KeyExportsOptions {
  /** Undefined where the backend knows. */
  readonly keyLength: number | undefined;
  readonly scheduler: Scheduler;
  /** For how many milliseconds a key that is there waits for an older one. */
  readonly patience: number;
  /** The key of an epoch, in an array of its own that is the receiver's. */
  readonly onKey: (epoch: EpochCommand, baseKey: Bytes) => void;
  /** The key of an epoch does not come. */
  readonly onFailure: (epoch: bigint, error: unknown) => void;
}

type Outcome = { readonly key: Bytes } | { readonly error: unknown };

interface Export {
  readonly epoch: EpochCommand;
  outcome?: Outcome;
}

/** The exports that are under way. */
export class KeyExports {
  readonly #options: KeyExportsOptions;
  #queue: Export[] = [];
  #cancelPatience: (() => void) | undefined;

  constructor(options: KeyExportsOptions) {
    this.#options = options;
  }

  /**
   * Export the key of the current epoch.
   *
   * @param epoch What the engine is told of it, without a key.
   * @param exporter Asked before this returns. The array that it gives is wiped.
   * @returns The key, where it is there at once and none is before it; else it goes to `onKey`.
   */
  add(epoch: EpochCommand, exporter: () => Awaitable<Uint8Array>): Bytes | undefined {
    const started: Export = { epoch };
    this.#queue.push(started);
    let exported: Awaitable<Uint8Array>;
    try {
      exported = exporter();
    } catch (error) {
      this.#finish(started, { error });
      return undefined;
    }
    if (!(exported instanceof Uint8Array)) {
      Promise.resolve(exported).then(
        (key) => {
          this.#finish(started, this.#own(key));
        },
        (error: unknown) => {
          this.#finish(started, { error });
        },
      );
      return undefined;
    }
    const outcome = this.#own(exported);
    if ("key" in outcome && this.#queue[0] === started) {
      this.#queue.shift();
      return outcome.key;
    }
    this.#finish(started, outcome);
    return undefined;
  }

  /** Wait for nothing any more. */
  close(): void {
    this.#cancelPatience?.();
    for (const { outcome } of this.#queue) if (outcome !== undefined && "key" in outcome) outcome.key.fill(0);
    this.#queue = [];
  }

  /** A copy of our own: the exporter's array may be part of a larger one. */
  #own(key: Uint8Array): Outcome {
    if (!(key instanceof Uint8Array)) return { error: new TypeError("an exporter gives a Uint8Array") };
    const owned = new Uint8Array(key);
    key.fill(0);
    if (owned.length === (this.#options.keyLength ?? owned.length)) return { key: owned };
    owned.fill(0);
    return { error: new TypeError("an exporter gives as many bytes as it is asked for") };
  }

  /** The outcome of an export, whose turn may have come. */
  #finish(ended: Export, outcome: Outcome): void {
    ended.outcome = outcome;
    if (this.#queue.includes(ended)) this.#flush();
    else if ("key" in outcome) outcome.key.fill(0); // given up, or closed
  }

  /** Hand over the keys that have come, up to the first that has not: that one may take `patience` from now on. */
  #flush(): void {
    const { onKey, onFailure, scheduler, patience } = this.#options;
    for (let first = this.#queue[0]; first?.outcome !== undefined; first = this.#queue[0]) {
      this.#queue.shift();
      this.#cancelPatience?.();
      this.#cancelPatience = undefined;
      if ("key" in first.outcome) onKey(first.epoch, first.outcome.key);
      else onFailure(first.epoch.epoch, first.outcome.error);
    }
    if (this.#queue.some(({ outcome }) => outcome !== undefined)) {
      this.#cancelPatience ??= scheduler.after(patience, () => {
        this.#skip();
      });
    }
  }

  /** Give up the oldest exports, up to the first that is done. */
  #skip(): void {
    this.#cancelPatience = undefined;
    const next = this.#queue.findIndex(({ outcome }) => outcome !== undefined);
    for (const { epoch } of this.#queue.splice(0, next)) {
      this.#options.onFailure(epoch.epoch, new Error("the exporter took too long"));
    }
    this.#flush();
  }
}
