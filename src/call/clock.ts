/**
 * Time, injected: delays and timers run on the platform's by default, and on a virtual clock in tests and simulations.
 */

import { having, type Takes } from "../bytes/takes.ts";

/** A clock with timers. */
export interface Scheduler {
  /** Milliseconds since some moment, never backwards. */
  readonly now: () => number;
  /** Run something once, so many milliseconds from now, unless the returned function is called before. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
}

/** The platform's monotonic clock and timers. */
export const platformScheduler: Scheduler = {
  now: () => performance.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

export const aScheduler: Takes = /* @__PURE__ */ having("a Scheduler", "now", "after");
