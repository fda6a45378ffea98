/**
 * The other participants: what was counted of each, and how far in the epochs it has come.
 */

import { Counter, type Fate } from "./counts.ts";
import type { EngineEpoch, Senders } from "./epochs.ts";
import type { ParticipantStatistics } from "./protocol.ts";

/** Of an epoch, what is said of whoever has sent a frame of it. */
type ShownEpoch = Pick<EngineEpoch, "epoch" | "keyedAt">;

interface Participant {
  readonly counter: Counter;
  /** The newest epoch that it has sent a frame of, and when its last frame came. */
  shown: { readonly epoch: ShownEpoch; readonly at: number } | undefined;
}

/** The participants of the epochs that are held. */
export class Participants implements Senders {
  readonly #byNumber = new Map<number, Participant>();
  /** For how long, in milliseconds, someone counts as a sender after a frame. */
  readonly #memory: number;

  constructor(memory: number) {
    this.#memory = memory;
  }

  /**
   * Count a frame that names a participant. A frame that names somebody who is in no epoch that is held is not counted.
   */
  count(number: number, fate: Fate): void {
    this.#byNumber.get(number)?.counter.count(fate);
  }

  /** A frame of a participant has opened. Says whether it is the first of this epoch or a newer one. */
  show(number: number, epoch: ShownEpoch, at: number): boolean {
    const participant = this.#byNumber.get(number);
    if (participant === undefined) return false;
    const before = participant.shown?.epoch;
    const isFirst = before === undefined || before.epoch < epoch.epoch;
    participant.shown = { epoch: isFirst ? epoch : before, at };
    return isFirst;
  }

  epochShownBy(number: number, now: number): bigint | undefined {
    const shown = this.#byNumber.get(number)?.shown;
    return shown === undefined || now - shown.at > this.#memory ? undefined : shown.epoch.epoch;
  }

  /** Know the members of these epochs and nobody else. Ourselves are not among them. */
  follow(epochs: readonly Pick<EngineEpoch, "members" | "leafIndex">[]): ReadonlySet<number> {
    const present = new Set<number>();
    for (const { members, leafIndex } of epochs) {
      for (const [leaf, number] of members) if (leaf !== leafIndex) present.add(number);
    }
    for (const number of this.#byNumber.keys()) if (!present.has(number)) this.#byNumber.delete(number);
    for (const number of present) {
      if (!this.#byNumber.has(number)) this.#byNumber.set(number, { counter: new Counter(), shown: undefined });
    }
    return present;
  }

  statistics(now: number): readonly ParticipantStatistics[] {
    return Array.from(this.#byNumber, ([participant, { counter, shown }]) => ({
      participant,
      epoch: shown?.epoch.epoch,
      keyAge: shown?.epoch.keyedAt === undefined ? undefined : now - shown.epoch.keyedAt,
      ...counter.counts,
    }));
  }
}
