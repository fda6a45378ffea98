/**
 * What wake-ups have in common over whatever they go: who listens, pieces that become wake-ups again, and a connection that comes back.
 */

import { hex } from "../../bytes/text.ts";
import type { Timers } from "../../bytes/timers.ts";
import type { Random } from "../../crypto/provider.ts";
import type { Wakeup } from "../../delivery/wakeups.ts";
import { Pieces, piecesOf } from "./wakeup-bytes.ts";

/** How long to wait before the next connection is tried, in milliseconds: twice as long each time, and none waits for longer. */
const shortestPause = 1_000;
const longestPause = 30_000;

export class WakeupChannel {
  readonly #timers: Timers;
  readonly #random: Random;
  readonly #process: string;
  readonly #pieces: Pieces;
  readonly #listeners = new Set<(wakeup: Wakeup) => void>();
  readonly #lost = new Set<() => void>();
  #isClosed = false;
  #cancel: (() => void) | undefined;
  #cancelCalm: (() => void) | undefined;
  #pause = shortestPause;

  constructor(timers: Timers, random: Random) {
    this.#timers = timers;
    this.#random = random;
    this.#process = hex(random(8));
    this.#pieces = new Pieces(this.#process);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The pieces in which other processes are told of these. */
  pieces(wakeups: readonly Wakeup[]): readonly string[] {
    return piecesOf(this.#process, wakeups);
  }

  /** A piece has come. */
  take(piece: string): void {
    for (const wakeup of this.#pieces.take(piece)) for (const listener of this.#listeners) listener(wakeup);
  }

  hear(listener: (wakeup: Wakeup) => void, lost?: () => void): () => void {
    this.#listeners.add(listener);
    if (lost !== undefined) this.#lost.add(lost);
    return () => {
      this.#listeners.delete(listener);
      if (lost !== undefined) this.#lost.delete(lost);
    };
  }

  /**
   * The connection has ended: connect again and again until there is one, and tell that something may have been missed. Where one after the
   * other ends soon, the next is waited for longer; and processes that have lost theirs at the same time do not all come back at once.
   */
  comeBack(connect: () => Promise<void>): void {
    this.#cancel?.();
    this.#cancelCalm?.();
    if (this.#isClosed) return;
    const [byte = 0] = this.#random(1);
    const pause = Math.round((this.#pause * (256 + byte)) / 512);
    this.#pause = Math.min(longestPause, 2 * this.#pause);
    this.#cancel = this.#timers.after(pause, () => {
      if (this.#isClosed) return;
      connect().then(
        () => {
          this.#cancelCalm = this.#timers.after(longestPause, () => {
            this.#pause = shortestPause;
          });
          for (const listener of this.#lost) listener();
        },
        () => {
          this.comeBack(connect);
        },
      );
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#cancelCalm?.();
  }
}
