/**
 * What the parts of a call's group have in common: time, the way out, and one thing at a time.
 */

import { outsideTurns } from "../../public-group/turns/turns.ts";
import type { Scheduler } from "../clock.ts";
import type { Timing, Transport } from "./transport.ts";

/** Given to each part by the call's group. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly timing: Timing;
  readonly transport: Transport;
  /** Run something behind whatever is under way. */
  readonly enqueue: (run: () => Promise<void> | void) => void;
  /** Something was refused, or could not be made: the application is told. */
  readonly refused: (error: unknown) => void;
}

/** A scheduler whose timers belong to no operation's turn, whatever sets them. */
export function outsideOfTurns(scheduler: Scheduler): Scheduler {
  return {
    now: () => scheduler.now(),
    after: (delay, run) => outsideTurns(() => scheduler.after(delay, run)),
  };
}
