/**
 * A track of others: frames of the network, opened in order, held while their key is on its way, or dropped.
 */

import { readSFrameHeader } from "../../sframe/header.ts";
import type { FrameCodec, FrameParts, MediaFrame } from "../media.ts";
import type { EngineEpoch } from "./epochs.ts";
import type { IncomingOptions, IncomingTrack } from "./frame-engine.ts";
import { HeldFrames, Opening, type AllOpening, type HeldBudget } from "./holding.ts";
import type { KeyChange } from "./keys.ts";
import type { DropCause, TrackStatistics } from "./protocol.ts";
import { IncomingRecord } from "./records.ts";
import { causeOf, codecOf, type TrackHost, type TrackSetup } from "./track.ts";
import { VainKids } from "./vain.ts";

/** A frame on its way through a track. */
interface Passage<T> {
  readonly frame: T;
  readonly isKeyFrame: boolean;
  /** As it came: it is taken apart when its key is there, and not before. */
  data: Uint8Array;
  readonly codec: FrameCodec;
  readonly kid: bigint;
  /** Bytes. */
  readonly size: number;
  /** Until when it waits for its key. */
  readonly deadline: number;
  wasHeld?: boolean;
}

/** What came of opening a frame. */
type Outcome =
  { readonly data: Uint8Array; readonly error?: undefined } | { readonly data?: undefined; readonly error: unknown };

/** What all tracks share. */
export interface Budgets {
  readonly waiting: HeldBudget;
  readonly opening: AllOpening;
}

/** A frame that was dropped for one of these causes was probably the sender's own, so that the decoder misses it. */
const losses: ReadonlySet<DropCause> = new Set<DropCause>([
  "unknown-key",
  "overflow",
  "not-authentic",
  "limit",
  "failed",
]);

/** An incoming track. */
export class IncomingFrames<T> implements IncomingTrack<T> {
  readonly #options: IncomingOptions<T>;
  readonly #host: TrackHost;
  readonly #onClose: () => void;
  readonly #record: IncomingRecord<T>;
  readonly #isOverLimit: boolean;
  readonly #waiting: HeldFrames<Passage<T>>;
  /** The KIDs for whose keys this track has waited in vain. */
  readonly #vain = new VainKids();
  /** Frames that are being opened, and the promise that the last of them has been delivered. */
  readonly #opening: Opening;
  #delivered: Promise<void> = Promise.resolve();
  #cancelDeadline: () => void = () => undefined;
  #isClosed = false;

  constructor({ options, host, isOverLimit, onClose }: TrackSetup<IncomingOptions<T>>, { waiting, opening }: Budgets) {
    const { settings } = host;
    this.#options = options;
    this.#host = host;
    this.#onClose = onClose;
    this.#isOverLimit = isOverLimit;
    const limits = { frames: settings.maxHeldFrames, bytes: settings.maxHeldBytes };
    this.#waiting = new HeldFrames(limits, waiting);
    this.#opening = new Opening(limits, opening, () => {
      this.#advance();
    });
    const { emit, keys } = host;
    this.#record = new IncomingRecord(options, { ...settings, emit, participants: keys.participants }, losses);
  }

  push(frame: T, media: MediaFrame): void {
    try {
      const codec = this.#codecOf(media);
      if (typeof codec === "string") {
        this.#record.drop(frame, codec);
        return;
      }
      const { data, isKeyFrame } = media;
      const front = frontOf(codec, media);
      if (front === undefined) {
        this.#record.drop(frame, "foreign");
        return;
      }
      const { scheduler, holdTime } = this.#host.settings;
      this.#take({
        frame,
        isKeyFrame,
        data,
        codec,
        kid: readSFrameHeader(front).kid,
        size: data.length,
        deadline: scheduler.now() + holdTime,
      });
    } catch (error) {
      this.#record.drop(frame, causeOf(error), { error });
    }
  }

  /** Keys or members have changed. */
  resume({ participants, hasNewKey, hasBegun }: KeyChange): void {
    if (hasBegun) this.#vain.clear();
    this.#record.changed(participants, hasNewKey);
    this.#advance();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelDeadline();
    this.#opening.close();
    for (let held = this.#waiting.shift(); held !== undefined; held = this.#waiting.shift()) {
      this.#record.drop(held.frame, "closed");
    }
    this.#onClose();
  }

  get statistics(): TrackStatistics {
    return this.#record.statistics(this.#waiting.length);
  }

  /** What costs nothing comes first: whether anything passes, how large the frame is, and whether we know its codec. */
  #codecOf(media: MediaFrame): FrameCodec | DropCause {
    const { refusal, settings } = this.#host;
    if (refusal !== undefined || this.#isClosed) return refusal ?? "closed";
    return this.#isOverLimit ? "limit" : codecOf(media, this.#options, settings);
  }

  /** Open a frame now, or let it wait: for its key, or behind others that do. */
  #take(passage: Passage<T>): void {
    if (this.#waiting.length === 0 && this.#begin(passage)) return;
    this.#record.count("held");
    passage.wasHeld = true;
    passage.data = owned(passage.data);
    const gone = this.#waiting.push(passage);
    for (const { frame } of gone) this.#record.drop(frame, "overflow");
    if (gone.length > 0 || this.#waiting.length === 1) this.#advance();
  }

  /** Go on with what waits, as far as keys are there or patience is over. */
  #advance(): void {
    this.#cancelDeadline();
    for (let first = this.#waiting.first; first !== undefined; first = this.#waiting.first) {
      if (!this.#begin(first)) {
        this.#awaitDeadline(first);
        return;
      }
      this.#waiting.shift();
    }
  }

  /** Open or drop a frame. False where it must wait. */
  #begin(passage: Passage<T>): boolean {
    const { keys, settings } = this.#host;
    if (!this.#opening.hasRoomFor(passage.size)) return false;
    const found = keys.find(passage.kid);
    if (found.kind === "ready") {
      this.#open(passage, found);
      return true;
    }
    if (found.kind === "awaited") {
      if (settings.scheduler.now() < passage.deadline && !this.#vain.has(passage.kid)) return false;
      this.#vain.add(passage.kid);
    }
    this.#record.drop(passage.frame, found.kind === "refused" ? found.cause : "unknown-key");
    return true;
  }

  #awaitDeadline({ deadline }: Passage<T>): void {
    const { scheduler } = this.#host.settings;
    const rest = deadline - scheduler.now();
    if (rest <= 0) return; // it waits for others to be opened, not for a key
    this.#cancelDeadline = scheduler.after(rest, () => {
      this.#advance();
    });
  }

  /** Take a frame apart and open it, and hand it over behind all that were begun before it. */
  #open(passage: Passage<T>, source: { readonly epoch: EngineEpoch; readonly participant: number }): void {
    const parts = this.#join(passage);
    if (parts === undefined) return;
    const { secret, metadata } = parts;
    const outcome = this.#host.keys.open(secret, metadata).then(
      (data): Outcome => ({ data }),
      (error: unknown): Outcome => ({ error }),
    );
    const before = this.#delivered;
    this.#opening.add(passage.size);
    this.#delivered = (async () => {
      await before;
      const opened = await outcome;
      this.#opening.remove(passage.size);
      if (passage.wasHeld) this.#record.countFor(source.participant, "held");
      this.#finish({ ...passage, parts }, source, opened);
      this.#advance();
    })();
  }

  /** Undefined where it is none of ours, and dropped. */
  #join({ frame, codec, data, isKeyFrame }: Passage<T>): FrameParts | undefined {
    try {
      const parts = codec.join(data, isKeyFrame);
      if (parts === undefined) this.#record.drop(frame, "foreign");
      return parts;
    } catch (error) {
      this.#record.drop(frame, causeOf(error), { error });
      return undefined;
    }
  }

  #finish(
    { frame, isKeyFrame, parts }: Passage<T> & { readonly parts: FrameParts },
    { epoch, participant }: { readonly epoch: EngineEpoch; readonly participant: number },
    { data, error }: Outcome,
  ): void {
    const { keys, refusal } = this.#host;
    if (refusal !== undefined || this.#isClosed) this.#record.drop(frame, refusal ?? "closed", { participant });
    else if (data === undefined) this.#record.drop(frame, causeOf(error), { participant, error });
    else {
      try {
        this.#options.deliver(frame, parts.compose(data));
      } catch (failure) {
        this.#record.drop(frame, "failed", { participant, error: failure });
        return;
      }
      this.#record.passed(participant, epoch.epoch, isKeyFrame);
      keys.show(participant, epoch);
    }
  }
}

/** The ciphertext's first bytes. Undefined where the frame is none of ours. */
function frontOf(codec: FrameCodec, { data, isKeyFrame }: MediaFrame): Uint8Array | undefined {
  return codec.front === undefined ? codec.join(data, isKeyFrame)?.secret : codec.front(data, isKeyFrame);
}

/** What is kept is counted, so it must not keep a larger buffer alive, such as that of many packets. */
function owned(data: Uint8Array): Uint8Array {
  return data.length === data.buffer.byteLength ? data : data.slice();
}
