/**
 * Timers for tests of the server and of its clients: no test waits for the clock.
 */

import type { Timers } from "../../src/bytes/timers.ts";

/** Timers that go off when the test says so. */
export class SetTimers implements Timers {
  #all: { readonly milliseconds: number; readonly run: () => void }[] = [];

  readonly after = (milliseconds: number, run: () => void): (() => void) => {
    const timer = { milliseconds, run };
    this.#all.push(timer);
    return () => {
      this.#all = this.#all.filter((each) => each !== timer);
    };
  };

  /** All that wait for so long. */
  fire(milliseconds: number): void {
    const due = this.#all.filter((each) => each.milliseconds === milliseconds);
    this.#all = this.#all.filter((each) => each.milliseconds !== milliseconds);
    for (const { run } of due) run();
  }
}
