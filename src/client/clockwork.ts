/**
 * When what is to be done next. Nothing here is needed for anything to be right: what is late is done late. `tick` does what is due;
 * the platform's timers call it, or the application does.
 */

import type { Timers } from "../bytes/timers.ts";
import type { Scheduler } from "../call/clock.ts";

/** Longer waits overflow the platform's timers, and are cut into several. */
const longest = 2 ** 31 - 1;

export class Clockwork {
  readonly #clock: () => number;
  readonly #timers: Timers | undefined;
  readonly #due = new Map<string, { at: number; readonly run: () => void }>();
  #cancel: (() => void) | undefined;
  /** When it was looked at last. */
  #now = -Infinity;

  /** Without timers, only `tick` does what is due. */
  constructor(clock: () => number, timers: Timers | undefined) {
    this.#clock = () => {
      const now = clock();
      if (now < this.#now) this.#setBack(this.#now - now);
      return (this.#now = now);
    };
    this.#timers = timers;
  }

  /** Do something after so many milliseconds, in place of what had this name. */
  set(name: string, delay: number, run: () => void): void {
    this.#due.set(name, { at: this.#clock() + delay, run });
    this.#arm();
  }

  /** The same, where nothing has this name yet. */
  setOnce(name: string, delay: number, run: () => void): void {
    if (!this.#due.has(name)) this.set(name, delay, run);
  }

  /** What has this name is done after so many milliseconds at the latest. */
  sooner(name: string, delay: number): void {
    const latest = this.#clock() + delay; // first: it may shift what is due
    const due = this.#due.get(name);
    if (due !== undefined && due.at > latest) this.set(name, delay, due.run);
  }

  clear(name: string): void {
    this.#due.delete(name);
    this.#arm();
  }

  /** When something is due next, in milliseconds since 1970. */
  get next(): number | undefined {
    let next: number | undefined;
    for (const { at } of this.#due.values()) if (next === undefined || at < next) next = at;
    return next;
  }

  /** Do what is due. */
  tick(): void {
    const now = this.#clock();
    for (const [name, { at, run }] of [...this.#due]) {
      if (at > now) continue;
      this.#due.delete(name);
      run();
    }
    this.#arm();
  }

  stop(): void {
    this.#due.clear();
    this.#arm();
  }

  /** What waits for an hour waits for no longer because the clock was set back. */
  #setBack(by: number): void {
    for (const due of this.#due.values()) due.at -= by;
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const now = this.#clock();
    const { next } = this;
    if (next === undefined || this.#timers === undefined) return;
    const delay = Math.min(longest, Math.max(0, next - now));
    this.#cancel = this.#timers.after(delay, () => {
      this.#cancel = undefined;
      this.tick();
    });
  }
}

/** A clock that never goes back, and goes on where it was when the other one is set back; and waits that are named one by one. */
export function schedulerOf(clock: () => number, clockwork: Clockwork): Scheduler {
  let last = -Infinity;
  let setBack = 0;
  let timers = 0;
  return {
    now: () => {
      const now = clock();
      setBack += Math.max(0, last - now);
      last = now;
      return now + setBack;
    },
    after: (delay, run) => {
      const name = `after ${String(timers++)}`;
      clockwork.set(name, delay, run);
      return () => {
        clockwork.clear(name);
      };
    },
  };
}
