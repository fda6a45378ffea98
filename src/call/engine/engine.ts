/**
 * The engine itself: its life, its tracks, and what it reports.
 */

import { CopseError } from "../../errors.ts";
import { hook, list, oneOf, options, text } from "../../bytes/takes.ts";
import { TrackNumbers } from "./contexts.ts";
import type {
  FrameEngine,
  FrameEngineOptions,
  IncomingOptions,
  IncomingTrack,
  OutgoingTrack,
  TrackOptions,
} from "./frame-engine.ts";
import { AllOpening, HeldBudget } from "./holding.ts";
import { IncomingFrames } from "./incoming.ts";
import { EngineKeys } from "./keys.ts";
import { OutgoingFrames } from "./outgoing.ts";
import type { DropCause, EngineCommand, EngineEvent, EngineStatistics } from "./protocol.ts";
import { engineSettingsOf, type EngineSettings } from "./settings.ts";
import { kindOf, type TrackHost } from "./track.ts";

const track = { track: text, kind: oneOf("audio", "video"), codecs: list(text) };
const anOutgoing = options(track, "track", "kind");
const anIncoming = options({ ...track, deliver: hook, drop: hook, requestKeyFrame: hook }, "track", "kind", "deliver");

/**
 * An engine, without keys until it is told of an epoch.
 *
 * @throws TypeError where an option is not what it must be; CopseError "random-source".
 */
export function createFrameEngine(options: FrameEngineOptions): FrameEngine {
  return new Engine(options);
}

/** What the engine needs of an incoming track, whatever its frames are. */
type AnyIncoming = Pick<IncomingFrames<unknown>, "resume" | "close" | "statistics">;

class Engine implements FrameEngine, TrackHost {
  readonly settings: EngineSettings;
  readonly keys: EngineKeys;
  readonly #onEvent: ((event: EngineEvent) => void) | undefined;
  readonly #outgoing = new Map<string, OutgoingFrames>();
  readonly #incoming = new Map<string, AnyIncoming>();
  readonly #numbers: TrackNumbers;
  readonly #waiting: HeldBudget;
  readonly #opening: AllOpening;
  #refusal: DropCause | undefined;

  constructor(options: FrameEngineOptions) {
    this.settings = engineSettingsOf(options);
    this.#onEvent = options.onEvent;
    this.#numbers = new TrackNumbers(this.settings.maxContexts);
    const { maxHeldFramesInAll: frames, maxHeldBytesInAll: bytes } = this.settings;
    this.#waiting = new HeldBudget({ frames, bytes });
    this.#opening = new AllOpening({ frames, bytes });
    this.keys = new EngineKeys(this.settings, {
      emit: this.emit,
      onChange: (change) => {
        for (const track of [...this.#incoming.values()]) track.resume(change);
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

  handle(command: EngineCommand): void {
    try {
      this.#carryOut(command);
    } catch (error) {
      this.#fail(error);
    }
  }

  outgoing(options: TrackOptions): OutgoingTrack {
    anOutgoing("outgoing", options);
    const { track } = options;
    this.#outgoing.get(track)?.close();
    const number = this.#numbers.take();
    const onClose = (): void => {
      if (number !== undefined) this.#numbers.giveBack(number);
      if (this.#outgoing.get(track) === made) this.#outgoing.delete(track);
    };
    const made = new OutgoingFrames({ options, host: this, onClose }, number);
    if (this.#refusal === undefined && number !== undefined) this.#outgoing.set(track, made);
    return made;
  }

  incoming<T>(options: IncomingOptions<T>): IncomingTrack<T> {
    anIncoming("incoming", options);
    const { track } = options;
    this.#incoming.get(track)?.close();
    const onClose = (): void => {
      if (this.#incoming.get(track) === made) this.#incoming.delete(track);
    };
    const isOverLimit = this.#incoming.size >= this.settings.maxTracks;
    const budgets = { waiting: this.#waiting, opening: this.#opening };
    const made = new IncomingFrames({ options, host: this, isOverLimit, onClose }, budgets);
    if (this.#refusal === undefined && !isOverLimit) this.#incoming.set(track, made);
    return made;
  }

  close(): void {
    this.#end("closed");
  }

  #carryOut(command: EngineCommand): void {
    switch (command.kind) {
      case "epoch":
        if (this.#refusal === undefined) this.keys.begin(command);
        else command.baseKey?.fill(0);
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

  /** Without a key or a state that can be trusted, nothing passes. */
  #fail(error: unknown): void {
    if (this.#refusal !== undefined) return;
    this.#end("failed");
    this.emit({ kind: "failed", detail: kindOf(error) });
  }

  #end(refusal: DropCause): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = refusal;
    for (const track of [...this.#outgoing.values(), ...this.#incoming.values()]) track.close();
    this.keys.close();
  }

  #statistics(): EngineStatistics {
    const { keys } = this;
    const now = this.settings.scheduler.now();
    const sending = this.#refusal === undefined ? keys.sending() : undefined;
    return {
      epoch: keys.epochs.at(-1)?.epoch,
      sendingEpoch: sending?.epoch,
      keyAge: sending?.keyedAt === undefined ? undefined : now - sending.keyedAt,
      epochs: keys.epochs.filter(({ keyedAt }) => keyedAt !== undefined).map(({ epoch }) => epoch),
      waiting: { frames: this.#waiting.frames, bytes: this.#waiting.bytes },
      tracks: [...this.#outgoing.values(), ...this.#incoming.values()].map(({ statistics }) => statistics),
      participants: keys.participants.statistics(now),
    };
  }
}
