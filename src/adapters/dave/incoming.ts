/**
 * A track of another: frames of the network, opened or dropped at once. Who sends on it the application knows, by the SSRC.
 */

import { Counter, CountersByParticipant, type Fate } from "../../call/engine/counts.ts";
import type { IncomingOptions, IncomingTrack } from "../../call/engine/frame-engine.ts";
import { KeyFrameRequests } from "../../call/engine/key-frames.ts";
import type { DropCause, TrackStatistics } from "../../call/engine/protocol.ts";
import { reportDrop } from "../../call/engine/track.ts";
import type { MediaFrame } from "../../call/media.ts";
import { readFrame, type ProtocolFrame } from "./frame.ts";
import type { DaveHost, DaveTrackSetup } from "./host.ts";

/** What the SFU may send in anybody's place ("Silence Packets"): nothing is heard. */
const silence: readonly number[] = [0xf8, 0xff, 0xfe];

/** After which drops a decoder needs a key frame: those of frames that the sender may have meant for us. */
const losses: ReadonlySet<DropCause> = new Set(["unknown-key", "not-authentic", "limit"]);

/** As calls everywhere: the first request at once, the next ones less and less often. */
const keyFrameInterval = 250;
const maxKeyFrameInterval = 8000;

/** An incoming track. */
export class IncomingDave<T> implements IncomingTrack<T> {
  readonly #options: IncomingOptions<T>;
  readonly #host: DaveHost;
  readonly #isOverLimit: boolean;
  readonly #onClose: () => void;
  readonly #counter = new Counter();
  readonly #sources = new CountersByParticipant();
  readonly #keyFrames: KeyFrameRequests | undefined;
  /** The newest epoch that each participant has shown here. */
  readonly #seen = new Map<number, bigint>();
  #clear = 0;
  #isClosed = false;
  /** Whose frames these are. */
  userId: bigint | undefined;

  constructor({ options, host, isOverLimit, onClose }: DaveTrackSetup<IncomingOptions<T>>) {
    this.#options = options;
    this.#host = host;
    this.#isOverLimit = isOverLimit;
    this.#onClose = onClose;
    if (options.kind !== "video") return;
    const now = (): number => host.scheduler.now();
    const request = (): void => {
      contain(() => options.requestKeyFrame?.());
      host.emit({ kind: "keyFrameNeeded", track: options.track });
    };
    this.#keyFrames = new KeyFrameRequests({ now, keyFrameInterval, maxKeyFrameInterval, request });
  }

  push(frame: T, { data, isKeyFrame, codec }: MediaFrame): void {
    try {
      const cause = this.#refusal(data, codec);
      if (cause !== undefined) this.#drop(frame, cause);
      else if (this.#options.kind === "audio" && isSilence(data)) this.#pass(frame, data);
      else {
        const read = readFrame(data);
        if (typeof read !== "string") this.#open(frame, read, isKeyFrame);
        else if (this.#host.keys.hearsClear) this.#pass(frame, data);
        else this.#drop(frame, read);
      }
    } catch (error) {
      this.#drop(frame, "failed", { error });
    }
  }

  /** Epochs have come or gone. */
  changed(participants: ReadonlySet<number>, hasNewKey: boolean): void {
    this.#sources.keep(participants);
    for (const participant of this.#seen.keys()) if (!participants.has(participant)) this.#seen.delete(participant);
    if (hasNewKey) this.#keyFrames?.keyed();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClose();
  }

  get statistics(): TrackStatistics {
    const { track, kind } = this.#options;
    const clear = this.#clear > 0 ? { clear: this.#clear } : {};
    return {
      track,
      kind,
      direction: "incoming",
      waiting: 0,
      keyFrameRequests: this.#keyFrames?.requests ?? 0,
      sources: Array.from(this.#sources, ([participant, counts]) => ({ participant, ...counts })),
      ...this.#counter.counts,
      ...clear,
    };
  }

  #refusal(data: Uint8Array, codec: MediaFrame["codec"]): DropCause | undefined {
    const { refusal, maxFrameBytes } = this.#host;
    if (refusal !== undefined || this.#isClosed) return refusal ?? "closed";
    if (this.#isOverLimit) return "limit";
    if (data.length === 0) return "empty";
    if (data.length > maxFrameBytes) return "oversized";
    return this.#options.codecs?.includes(codec) === false ? "codec" : undefined;
  }

  #open(frame: T, read: ProtocolFrame, isKeyFrame: boolean): void {
    const { keys, peers, emit } = this.#host;
    if (this.userId === undefined) {
      this.#drop(frame, "unknown-key");
      return;
    }
    const opened = keys.open(this.userId, read);
    if (opened.kind === "refused") {
      this.#drop(frame, opened.cause, opened);
      return;
    }
    const { participant, epoch, secret } = opened;
    try {
      this.#options.deliver(frame, read.compose(secret));
    } catch (error) {
      this.#drop(frame, "failed", { participant, error });
      return;
    }
    this.#counter.count("passed");
    this.#countFor(participant, "passed");
    peers.show(participant, epoch);
    if (epoch.epoch > (this.#seen.get(participant) ?? -1n)) {
      this.#seen.set(participant, epoch.epoch);
      emit({ kind: "seen", track: this.#options.track, participant, epoch: epoch.epoch });
    }
    this.#keyFrames?.passed(isKeyFrame);
  }

  /** Hand over a frame as it is, where the protocol says so. */
  #pass(frame: T, data: Uint8Array): void {
    this.#clear++;
    try {
      this.#options.deliver(frame, data.slice());
    } catch (error) {
      this.#drop(frame, "failed", { error });
    }
  }

  #countFor(participant: number, fate: Fate): void {
    this.#sources.of(participant).count(fate);
    this.#host.peers.count(participant, fate);
  }

  #drop(
    frame: T,
    cause: DropCause,
    { participant, error }: { readonly participant?: number | undefined; readonly error?: unknown } = {},
  ): void {
    if (participant !== undefined) this.#countFor(participant, cause);
    const isFirst = this.#counter.count(cause);
    contain(() => this.#options.drop?.(frame));
    if (isFirst) reportDrop(this.#host, this.#options, { direction: "incoming", cause, participant, error });
    if (losses.has(cause)) this.#keyFrames?.lost();
  }
}

function isSilence(data: Uint8Array): boolean {
  return data.length === silence.length && silence.every((byte, place) => data[place] === byte);
}

/** What a pipeline's callback throws is not ours to pass on. */
function contain(call: () => void): void {
  try {
    call();
  } catch {
    // the frame's fate is settled already
  }
}
