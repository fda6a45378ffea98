/**
 * The engine of a call that speaks DAVE: it seals and opens frames where they are, as every call's engine does.
 */

import { checkCount } from "../../bytes/numbers.ts";
import { hook, oneOf, options as optionsOf, text, uint64, list, type Shape } from "../../bytes/takes.ts";
import { aScheduler, platformScheduler, type Scheduler } from "../../call/clock.ts";
import { EngineCore, type EngineParts } from "../../call/engine/core.ts";
import { defaultCounts, defaultDelays } from "../../call/engine/defaults.ts";
import type { FrameEngine, IncomingOptions, IncomingTrack, TrackOptions } from "../../call/engine/frame-engine.ts";
import type { Participants } from "../../call/engine/participants.ts";
import type { DropCause, EngineEvent, EngineStatistics } from "../../call/engine/protocol.ts";
import type { TrackPlace } from "../../call/engine/tracks.ts";
import type { DaveCommand, DaveModeCommand, DaveSourceCommand } from "./commands.ts";
import type { DaveHost } from "./host.ts";
import { IncomingDave } from "./incoming.ts";
import { DaveKeys } from "./keys.ts";
import { OutgoingDave, type DaveOutgoingTrack } from "./outgoing.ts";

/** What an engine is made of. */
export interface DaveEngineOptions {
  /** Bytes of one frame. Default 4 MiB. */
  readonly maxFrameBytes?: number;
  /** Tracks open at once, in each direction; those beyond pass nothing. Default 1024. */
  readonly maxTracks?: number;
  /** Default: the platform's. */
  readonly scheduler?: Scheduler;
  /** Hears what the engine reports. What it throws is ignored. */
  readonly onEvent?: (event: EngineEvent) => void;
}

/** An incoming track's options. */
export interface DaveIncomingOptions<T> extends IncomingOptions<T> {
  /** Whose track it is: the gateway says whose frames come on which SSRC. Without it nothing opens, until `assign`. */
  readonly userId?: bigint;
}

/** Seals and opens the frames of all tracks of a call. */
export interface DaveEngine extends FrameEngine {
  handle(command: DaveCommand): void;
  outgoing(options: TrackOptions): DaveOutgoingTrack;
  incoming<T>(options: DaveIncomingOptions<T>): IncomingTrack<T>;
}

const count = (place: string, value: unknown): void => {
  checkCount(place, value as number, [1, 2 ** 32]);
};
/** Of an engine's options, the limits. */
export const engineLimits: Shape<Pick<DaveEngineOptions, "maxFrameBytes" | "maxTracks">> = {
  maxFrameBytes: count,
  maxTracks: count,
};
const shape: Shape<DaveEngineOptions> = { ...engineLimits, scheduler: aScheduler, onEvent: hook };
const takenOptions = optionsOf(shape);
const track = { track: text, kind: oneOf("audio", "video"), codecs: list(text) };
const anOutgoing = optionsOf(track, "track", "kind");
const anIncoming = optionsOf(
  { ...track, deliver: hook, drop: hook, requestKeyFrame: hook, userId: uint64 },
  "track",
  "kind",
  "deliver",
);

/** An engine, without keys until it is told of an epoch. @throws TypeError where an option is not what it must be. */
export function createDaveEngine(options: DaveEngineOptions = {}): DaveEngine {
  takenOptions("createDaveEngine", options);
  return new Engine(options);
}

class Engine implements DaveEngine, DaveHost, EngineParts {
  readonly scheduler: Scheduler;
  readonly maxFrameBytes: number;
  readonly keyFrameInterval: number = defaultDelays.keyFrameInterval;
  readonly maxKeyFrameInterval: number = defaultDelays.maxKeyFrameInterval;
  readonly keys: DaveKeys;
  readonly emit: (event: EngineEvent) => void;
  readonly #maxTracks: number;
  readonly #core: EngineCore<OutgoingDave, IncomingDave<unknown>>;
  /** Whose tracks are, whether or not they have been made. */
  readonly #sources = new Map<string, bigint>();

  constructor({ maxFrameBytes, maxTracks, scheduler = platformScheduler, onEvent }: DaveEngineOptions) {
    this.scheduler = scheduler;
    this.maxFrameBytes = maxFrameBytes ?? defaultCounts.maxFrameBytes;
    this.#maxTracks = maxTracks ?? defaultCounts.maxTracks;
    this.#core = new EngineCore({ maxOutgoing: this.#maxTracks, maxIncoming: this.#maxTracks, onEvent });
    this.emit = this.#core.emit;
    this.keys = new DaveKeys(scheduler, {
      emit: this.emit,
      onChange: (participants, hasNewKey) => {
        for (const track of this.#core.incoming) track.changed(participants, hasNewKey);
      },
    });
  }

  get refusal(): DropCause | undefined {
    return this.#core.refusal;
  }

  get participants(): Participants {
    return this.keys.participants;
  }

  handle(command: DaveCommand): void {
    this.#core.handle(command, this);
  }

  outgoing(options: TrackOptions): DaveOutgoingTrack {
    anOutgoing("outgoing", options);
    return this.#core.outgoing.open(options.track, (place) => new OutgoingDave({ options, host: this, ...place }));
  }

  incoming<T>({ userId, ...options }: DaveIncomingOptions<T>): IncomingTrack<T> {
    anIncoming("incoming", { ...options, ...(userId !== undefined && { userId }) });
    const make = (place: TrackPlace): IncomingDave<T> => {
      const made = new IncomingDave({ options, host: this, ...place });
      made.userId = userId ?? this.#sources.get(options.track);
      return made;
    };
    return this.#core.incoming.open(options.track, make as (place: TrackPlace) => IncomingDave<unknown>);
  }

  close(): void {
    this.#core.end("closed", this);
  }

  takeOther(command: { readonly kind: string }): boolean {
    const { kind } = command;
    if (kind === "dave-mode") {
      if (this.refusal === undefined) this.keys.follow((command as DaveModeCommand).mode);
    } else if (kind === "dave-source") this.#assign(command as DaveSourceCommand);
    else return false;
    return true;
  }

  keyStatistics(): Omit<EngineStatistics, "tracks"> {
    const { keys } = this;
    const now = this.scheduler.now();
    const sending = this.refusal === undefined ? keys.sending() : undefined;
    const epoch = typeof sending === "object" ? sending : undefined;
    return {
      epoch: keys.newest,
      sendingEpoch: epoch?.epoch,
      keyAge: epoch === undefined ? undefined : now - epoch.keyedAt,
      epochs: keys.epochs.map(({ epoch: number }) => number),
      waiting: { frames: 0, bytes: 0 },
      participants: keys.participants.statistics(now),
    };
  }

  #assign({ track, userId }: DaveSourceCommand): void {
    const made = this.#core.incoming.find(track);
    if (made !== undefined) made.userId = userId;
    this.#sources.delete(track);
    if (userId === undefined) return;
    this.#sources.set(track, userId);
    // in a long call SSRCs come and go: who was assigned first goes, and a track that is open keeps its user
    for (const oldest of this.#sources.keys()) {
      if (this.#sources.size <= this.#maxTracks) break;
      this.#sources.delete(oldest);
    }
  }
}
