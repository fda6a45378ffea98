/**
 * The engine itself: its life, its tracks, and what it reports.
 */

import { hook, list, oneOf, options, text } from "../../bytes/takes.ts";
import { TrackNumbers } from "./contexts.ts";
import { EngineCore, type EngineParts } from "./core.ts";
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
import type { TrackHost } from "./track.ts";

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

class Engine implements FrameEngine, TrackHost, EngineParts {
  readonly settings: EngineSettings;
  readonly keys: EngineKeys;
  readonly emit: (event: EngineEvent) => void;
  readonly #core: EngineCore<OutgoingFrames, AnyIncoming>;
  readonly #numbers: TrackNumbers;
  readonly #waiting: HeldBudget;
  readonly #opening: AllOpening;

  constructor(options: FrameEngineOptions) {
    this.settings = engineSettingsOf(options);
    const { maxContexts, maxTracks, maxHeldFramesInAll: frames, maxHeldBytesInAll: bytes } = this.settings;
    this.#numbers = new TrackNumbers(maxContexts);
    const maxOutgoing = this.#numbers.most;
    this.#core = new EngineCore({ maxOutgoing, maxIncoming: maxTracks, onEvent: options.onEvent });
    this.emit = this.#core.emit;
    this.#waiting = new HeldBudget({ frames, bytes });
    this.#opening = new AllOpening({ frames, bytes });
    this.keys = new EngineKeys(this.settings, {
      emit: this.emit,
      onChange: (change) => {
        for (const track of this.#core.incoming) track.resume(change);
      },
    });
  }

  get refusal(): DropCause | undefined {
    return this.#core.refusal;
  }

  handle(command: EngineCommand): void {
    this.#core.handle(command, this);
  }

  outgoing(options: TrackOptions): OutgoingTrack {
    anOutgoing("outgoing", options);
    return this.#core.outgoing.open(options.track, ({ isOverLimit, onClose: leave }) => {
      const number = isOverLimit ? undefined : this.#numbers.take();
      const onClose = (): void => {
        if (number !== undefined) this.#numbers.giveBack(number);
        leave();
      };
      return new OutgoingFrames({ options, host: this, onClose }, number);
    });
  }

  incoming<T>(options: IncomingOptions<T>): IncomingTrack<T> {
    anIncoming("incoming", options);
    const budgets = { waiting: this.#waiting, opening: this.#opening };
    return this.#core.incoming.open(
      options.track,
      (place) => new IncomingFrames({ options, host: this, ...place }, budgets),
    );
  }

  close(): void {
    this.#core.end("closed", this);
  }

  keyStatistics(): Omit<EngineStatistics, "tracks"> {
    const { keys } = this;
    const now = this.settings.scheduler.now();
    const sending = this.refusal === undefined ? keys.sending() : undefined;
    return {
      epoch: keys.epochs.at(-1)?.epoch,
      sendingEpoch: sending?.epoch,
      keyAge: sending?.keyedAt === undefined ? undefined : now - sending.keyedAt,
      epochs: keys.epochs.filter(({ keyedAt }) => keyedAt !== undefined).map(({ epoch }) => epoch),
      waiting: { frames: this.#waiting.frames, bytes: this.#waiting.bytes },
      participants: keys.participants.statistics(now),
    };
  }
}
