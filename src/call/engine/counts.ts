/**
 * Counting: how many frames of a track or a participant met which fate.
 */

import type { DropCause, FrameCounts } from "./protocol.ts";

/** What becomes of a frame. */
export type Fate = "passed" | "held" | "clear" | DropCause;

/** Counts frames. What it holds is bounded by the number of causes. */
export class Counter {
  #passed = 0;
  #held = 0;
  #clear = 0;
  readonly #dropped = new Map<DropCause, number>();

  /** Count a frame. Says whether it is the first one that was dropped for its cause. */
  count(fate: Fate): boolean {
    if (fate === "passed") this.#passed++;
    else if (fate === "held") this.#held++;
    else if (fate === "clear") this.#clear++;
    else {
      const before = this.#dropped.get(fate) ?? 0;
      this.#dropped.set(fate, before + 1);
      return before === 0;
    }
    return false;
  }

  get counts(): FrameCounts {
    const clear = this.#clear > 0 ? { clear: this.#clear } : {};
    return { passed: this.#passed, held: this.#held, dropped: Object.fromEntries(this.#dropped), ...clear };
  }
}

/** A counter for each participant. */
export class CountersByParticipant {
  readonly #counters = new Map<number, Counter>();

  of(participant: number): Counter {
    let counter = this.#counters.get(participant);
    if (counter === undefined) this.#counters.set(participant, (counter = new Counter()));
    return counter;
  }

  /** The participants that were counted and their counts. */
  *[Symbol.iterator](): IterableIterator<readonly [participant: number, counts: FrameCounts]> {
    for (const [participant, { counts }] of this.#counters) yield [participant, counts];
  }

  /** Forget everybody who is gone. */
  keep(participants: ReadonlySet<number>): void {
    for (const participant of this.#counters.keys()) {
      if (!participants.has(participant)) this.#counters.delete(participant);
    }
  }
}
