/**
 * Time that passes only from one event to the next. Everything that an event has set going is done before the next one happens. What
 * waits for nothing but promises and this time needs no word for that; of work that waits for something else, as a database or a
 * socket, this time is told.
 */

import type { Timers } from "../../bytes/timers.ts";

interface Event {
  readonly at: number;
  readonly run: () => void;
}

/** Saturday, some time after the library was made, in milliseconds since 1970. */
const start = 1_800_000_000_000;

export class VirtualTime implements Timers {
  #now = start;
  /** Sorted: what comes next is at the end. Of what happens at one time, the earlier asked for comes first. */
  readonly #events: Event[] = [];
  readonly #settling: (() => Promise<boolean>)[] = [];
  #underWay = 0;
  #onNone: (() => void) | undefined;

  /** In milliseconds since 1970. */
  readonly now = (): number => this.#now;

  readonly after = (milliseconds: number, run: () => void): (() => void) => {
    const event = { at: this.#now + Math.max(0, milliseconds), run };
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.at > event.at) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
    return () => {
      const place = this.#events.indexOf(event);
      if (place >= 0) this.#events.splice(place, 1);
    };
  };

  /** Work that waits for something else than this time: none passes until it is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work;
    } finally {
      if (--this.#underWay === 0) this.#onNone?.();
    }
  }

  /**
   * Ask, whenever nothing is under way, whether anything else is still to come: time passes when all of those that are asked say
   * false, one after the other.
   */
  settle(comesMore: () => Promise<boolean>): void {
    this.#settling.push(comesMore);
  }

  /** Let so much time pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await this.#quiet();
    for (;;) {
      const next = this.#events.at(-1);
      if (next === undefined || next.at > end) break;
      this.#events.pop();
      this.#now = next.at;
      next.run();
      await this.#quiet();
    }
    this.#now = end;
  }

  /** Until all that was set going is done. */
  async #quiet(): Promise<void> {
    do {
      await untilStill();
      while (this.#underWay > 0) {
        await new Promise<void>((resolve) => {
          this.#onNone = resolve;
        });
        await untilStill();
      }
    } while (await this.#comesMore());
  }

  async #comesMore(): Promise<boolean> {
    for (const comesMore of this.#settling) if (await comesMore()) return true;
    return false;
  }
}

/** Until every promise that can go on has gone on. */
async function untilStill(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => void };
  await new Promise<void>((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0);
    else setImmediate(resolve);
  });
}
