/**
 * A virtual clock: time passes only from one event to the next, and everything that an event has set going is done before
 * the next one happens.
 */

import type { Scheduler } from "../../src/call/clock.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => unknown;
}

/** A scheduler whose time is the test's. */
export class VirtualClock implements Scheduler {
  #now = 0;
  #order = 0;
  readonly #timers: Timer[] = [];

  readonly now = (): number => this.#now;

  readonly after = (milliseconds: number, run: () => unknown): (() => void) => {
    const timer: Timer = { at: this.#now + Math.max(0, milliseconds), order: this.#order++, run };
    push(this.#timers, timer);
    return () => {
      cancelled.add(timer);
    };
  };

  /** Let time pass. What an event's function returns is waited for. */
  async run(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (let next = this.#timers[0]; next !== undefined && next.at <= end; next = this.#timers[0]) {
      pop(this.#timers);
      if (cancelled.has(next)) continue;
      this.#now = next.at;
      await next.run();
    }
    this.#now = end;
  }
}

const cancelled = new WeakSet<Timer>();

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A binary heap: the first timer is at 0. */
function push(heap: Timer[], timer: Timer): void {
  let at = heap.push(timer) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(timer, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
}
