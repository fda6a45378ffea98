/**
 * What is counted of a track whose frames the browser seals or opens: those that it drops, by cause.
 */

import { Counter, CountersByParticipant } from "../engine/counts.ts";
import type { DropCause, EngineEvent, TrackStatistics } from "../engine/protocol.ts";
import { reportDrop, type Drop } from "../engine/track.ts";
import type { TrackDescription } from "../transforms/messages.ts";

/** The counts of a track. */
export class NativeTrack {
  readonly #description: TrackDescription;
  readonly #emit: (event: EngineEvent) => void;
  readonly #counter = new Counter();
  readonly #sources = new CountersByParticipant();

  constructor(description: TrackDescription, emit: (event: EngineEvent) => void) {
    this.#description = description;
    this.#emit = emit;
  }

  /** Count a frame that was dropped, or a key that was not taken, and report the first for its cause. */
  drop(cause: DropCause, { participant, error }: Pick<Drop, "participant" | "error"> = {}): void {
    if (participant !== undefined) this.#sources.of(participant).count(cause);
    if (!this.#counter.count(cause)) return;
    const { direction } = this.#description;
    reportDrop({ emit: this.#emit }, this.#description, { direction, cause, participant, error });
  }

  /** Forget who is gone. */
  keep(participants: ReadonlySet<number>): void {
    this.#sources.keep(participants);
  }

  get statistics(): TrackStatistics {
    const sources = Array.from(this.#sources, ([participant, counts]) => ({ participant, ...counts }));
    return { ...this.#description, waiting: 0, keyFrameRequests: 0, sources, ...this.#counter.counts };
  }
}
