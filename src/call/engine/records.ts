/**
 * What is counted and told of a track, whatever its frames are: how many met which fate, who was seen on it, and when a key frame is
 * needed.
 */

import type { Scheduler } from "../clock.ts";
import { Counter, CountersByParticipant, type Fate } from "./counts.ts";
import type { IncomingOptions, TrackOptions } from "./frame-engine.ts";
import { KeyFrameRequests } from "./key-frames.ts";
import type { Participants } from "./participants.ts";
import type { DropCause, EngineEvent, TrackStatistics } from "./protocol.ts";
import { reportDrop } from "./track.ts";

/** Where records are told. */
interface Reporting {
  readonly emit: (event: EngineEvent) => void;
}

/** The record of a track of ours. */
export class OutgoingRecord {
  readonly #options: TrackOptions;
  readonly #host: Reporting;
  readonly #counter = new Counter();

  constructor(options: TrackOptions, host: Reporting) {
    this.#options = options;
    this.#host = host;
  }

  count(fate: Fate): void {
    this.#counter.count(fate);
  }

  drop(cause: DropCause, error?: unknown): void {
    if (!this.#counter.count(cause)) return;
    reportDrop(this.#host, this.#options, { direction: "outgoing", cause, error });
  }

  get statistics(): TrackStatistics {
    const { track, kind } = this.#options;
    const idle = { waiting: 0, keyFrameRequests: 0, sources: [] };
    return { track, kind, direction: "outgoing", ...idle, ...this.#counter.counts };
  }
}

/** What a drop says besides its cause. */
export interface DropDetail {
  readonly participant?: number | undefined;
  readonly error?: unknown;
}

/** An incoming track's engine, as its record sees it. */
export interface IncomingReporting extends Reporting {
  readonly scheduler: Scheduler;
  readonly participants: Participants;
  readonly keyFrameInterval: number;
  readonly maxKeyFrameInterval: number;
}

/** The record of a track of others. */
export class IncomingRecord<T> {
  readonly #options: IncomingOptions<T>;
  readonly #host: IncomingReporting;
  /** A frame that was dropped for one of these causes was probably the sender's own, so that the decoder misses it. */
  readonly #losses: ReadonlySet<DropCause>;
  readonly #counter = new Counter();
  readonly #sources = new CountersByParticipant();
  /** The newest epoch of each participant that was seen here. */
  readonly #seen = new Map<number, bigint>();
  readonly #keyFrames: KeyFrameRequests | undefined;

  constructor(options: IncomingOptions<T>, host: IncomingReporting, losses: ReadonlySet<DropCause>) {
    this.#options = options;
    this.#host = host;
    this.#losses = losses;
    if (options.kind !== "video") return;
    const { keyFrameInterval, maxKeyFrameInterval, scheduler } = host;
    const now = (): number => scheduler.now();
    const request = (): void => {
      contain(() => options.requestKeyFrame?.());
      host.emit({ kind: "keyFrameNeeded", track: options.track });
    };
    this.#keyFrames = new KeyFrameRequests({ now, keyFrameInterval, maxKeyFrameInterval, request });
  }

  count(fate: Fate): void {
    this.#counter.count(fate);
  }

  /** Count a frame that names a participant, as one of that participant's. */
  countFor(participant: number, fate: Fate): void {
    this.#sources.of(participant).count(fate);
    this.#host.participants.count(participant, fate);
  }

  /** A frame of a participant has opened, and is with the decoder. */
  passed(participant: number, epoch: bigint, isKeyFrame: boolean): void {
    this.#counter.count("passed");
    this.countFor(participant, "passed");
    if (epoch > (this.#seen.get(participant) ?? -1n)) {
      this.#seen.set(participant, epoch);
      this.#host.emit({ kind: "seen", track: this.#options.track, participant, epoch });
    }
    this.#keyFrames?.passed(isKeyFrame);
  }

  /** A frame never reaches the decoder. */
  drop(frame: T, cause: DropCause, { participant, error }: DropDetail = {}): void {
    if (participant !== undefined) this.countFor(participant, cause);
    const isFirst = this.#counter.count(cause);
    contain(() => this.#options.drop?.(frame));
    if (isFirst) reportDrop(this.#host, this.#options, { direction: "incoming", cause, participant, error });
    if (this.#losses.has(cause)) this.#keyFrames?.lost();
  }

  /** Epochs have come or gone: who is in none of them is forgotten. */
  changed(participants: ReadonlySet<number>, hasNewKey: boolean): void {
    this.#sources.keep(participants);
    for (const participant of this.#seen.keys()) if (!participants.has(participant)) this.#seen.delete(participant);
    if (hasNewKey) this.#keyFrames?.keyed();
  }

  /** @param waiting How many frames are waiting now. */
  statistics(waiting: number): TrackStatistics {
    const { track, kind } = this.#options;
    return {
      track,
      kind,
      direction: "incoming",
      waiting,
      keyFrameRequests: this.#keyFrames?.requests ?? 0,
      sources: Array.from(this.#sources, ([participant, counts]) => ({ participant, ...counts })),
      ...this.#counter.counts,
    };
  }
}

/** What a pipeline's callback throws is not ours to pass on: the frame's fate is settled already. */
function contain(call: () => void): void {
  try {
    call();
  } catch {
    // see above
  }
}
