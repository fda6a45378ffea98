/**
 * The engine of a call that speaks DAVE: it seals and opens frames where they are, as every call's engine does.
 */

import { checkCount } from "../../bytes/numbers.ts";
import { hook, oneOf, options as optionsOf, text, uint64, list, type Shape } from "../../bytes/takes.ts";
import { aScheduler, platformScheduler, type Scheduler } from "../../call/clock.ts";
import { defaultCounts } from "../../call/engine/defaults.ts";
import type { FrameEngine, IncomingOptions, IncomingTrack, TrackOptions } from "../../call/engine/frame-engine.ts";
import type { DropCause, EngineEvent, EngineStatistics } from "../../call/engine/protocol.ts";
import { kindOf } from "../../call/engine/track.ts";
import { CopseError } from "../../errors.ts";
import type { DaveCommand } from "./commands.ts";
import { IncomingDave } from "./incoming.ts";
import { DaveKeys } from "./keys.ts";
import { OutgoingDave, type DaveOutgoingTrack } from "./outgoing.ts";
import { Peers } from "./peers.ts";
import type { DaveHost } from "./host.ts";

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

class Engine implements DaveEngine, DaveHost {
  readonly scheduler: Scheduler;
  readonly maxFrameBytes: number;
  readonly keys: DaveKeys;
  readonly peers = new Peers();
  readonly #maxTracks: number;
  readonly #onEvent: ((event: EngineEvent) => void) | undefined;
  readonly #outgoing = new Map<string, OutgoingDave>();
  readonly #incoming = new Map<string, IncomingDave<unknown>>();
  /** Whose tracks are that have not been made yet, or are closed. */
  readonly #sources = new Map<string, bigint>();
  #refusal: DropCause | undefined;

  constructor({ maxFrameBytes, maxTracks, scheduler = platformScheduler, onEvent }: DaveEngineOptions) {
    this.scheduler = scheduler;
    this.maxFrameBytes = maxFrameBytes ?? defaultCounts.maxFrameBytes;
    this.#maxTracks = maxTracks ?? defaultCounts.maxTracks;
    this.#onEvent = onEvent;
    this.keys = new DaveKeys(scheduler, {
      emit: this.emit,
      onChange: (hasNewKey) => {
        const participants = this.peers.follow(this.keys.epochs);
        for (const track of this.#incoming.values()) track.changed(participants, hasNewKey);
      },
    });
  }

  get refusal(): DropCause | undefined {
    return this.#refusal;
  }

  readonly emit = (event: EngineEvent): void => {
    try {
      this.#onEvent?.(event);
    } catch {
      // a listener's failure must not stop the media
    }
  };

  handle(command: DaveCommand): void {
    try {
      this.#carryOut(command);
    } catch (error) {
      if (this.#refusal !== undefined) return;
      this.#end("failed");
      this.emit({ kind: "failed", detail: kindOf(error) });
    }
  }

  outgoing(options: TrackOptions): DaveOutgoingTrack {
    anOutgoing("outgoing", options);
    const { track } = options;
    this.#outgoing.get(track)?.close();
    const isOverLimit = this.#outgoing.size >= this.#maxTracks;
    const onClose = (): void => {
      if (this.#outgoing.get(track) === made) this.#outgoing.delete(track);
    };
    const made = new OutgoingDave({ options, host: this, isOverLimit, onClose });
    if (this.#refusal === undefined && !isOverLimit) this.#outgoing.set(track, made);
    return made;
  }

  incoming<T>({ userId, ...options }: DaveIncomingOptions<T>): IncomingTrack<T> {
    anIncoming("incoming", { ...options, ...(userId !== undefined && { userId }) });
    const { track } = options;
    this.#incoming.get(track)?.close();
    const isOverLimit = this.#incoming.size >= this.#maxTracks;
    const onClose = (): void => {
      if (this.#incoming.get(track) === (made as IncomingDave<unknown>)) this.#incoming.delete(track);
    };
    const made = new IncomingDave<T>({ options, host: this, isOverLimit, onClose });
    made.userId = userId ?? this.#sources.get(track);
    if (this.#refusal === undefined && !isOverLimit) this.#incoming.set(track, made as IncomingDave<unknown>);
    return made;
  }

  close(): void {
    this.#end("closed");
  }

  #carryOut(command: DaveCommand): void {
    switch (command.kind) {
      case "epoch":
        if (this.#refusal === undefined) this.keys.begin(command);
        else command.baseKey?.fill(0);
        return;
      case "dave-mode":
        if (this.#refusal === undefined) this.keys.follow(command.mode);
        return;
      case "dave-source":
        this.#assign(command);
        return;
      case "end":
        this.#end("closed");
        return;
      case "statistics":
        this.emit({ kind: "statistics", id: command.id, statistics: this.#statistics() });
        return;
      default:
        throw new CopseError("decode-value", { detail: "command" });
    }
  }

  #assign({ track, userId }: Extract<DaveCommand, { readonly kind: "dave-source" }>): void {
    const made = this.#incoming.get(track);
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

  #end(refusal: DropCause): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = refusal;
    for (const track of [...this.#outgoing.values(), ...this.#incoming.values()]) track.close();
    this.keys.close();
    this.#sources.clear();
  }

  #statistics(): EngineStatistics {
    const { keys } = this;
    const now = this.scheduler.now();
    const sending = this.#refusal === undefined ? keys.sending() : undefined;
    const epoch = typeof sending === "object" ? sending : undefined;
    return {
      epoch: keys.newest,
      sendingEpoch: epoch?.epoch,
      keyAge: epoch === undefined ? undefined : now - epoch.keyedAt,
      epochs: keys.epochs.map(({ epoch: number }) => number),
      waiting: { frames: 0, bytes: 0 },
      tracks: [...this.#outgoing.values(), ...this.#incoming.values()].map(({ statistics }) => statistics),
      participants: this.peers.statistics(now),
    };
  }
}
