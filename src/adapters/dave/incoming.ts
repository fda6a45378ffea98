/**
 * A track of another: frames of the network, opened or dropped at once. Who sends on it the application knows, by the SSRC.
 */

import type { IncomingOptions, IncomingTrack } from "../../call/engine/frame-engine.ts";
import type { DropCause, TrackStatistics } from "../../call/engine/protocol.ts";
import { IncomingRecord } from "../../call/engine/records.ts";
import type { MediaFrame } from "../../call/media.ts";
import { readFrame, type ProtocolFrame } from "./frame.ts";
import type { DaveHost, DaveTrackSetup } from "./host.ts";

/** What the SFU may send in anybody's place ("Silence Packets"): nothing is heard. */
const silence: readonly number[] = [0xf8, 0xff, 0xfe];

/** After which drops a decoder needs a key frame: those of frames that the sender may have meant for us. */
const losses: ReadonlySet<DropCause> = new Set(["unknown-key", "not-authentic", "limit"]);

/** An incoming track. */
export class IncomingDave<T> implements IncomingTrack<T> {
  readonly #options: IncomingOptions<T>;
  readonly #host: DaveHost;
  readonly #isOverLimit: boolean;
  readonly #onClose: () => void;
  readonly #record: IncomingRecord<T>;
  #isClosed = false;
  /** Whose frames these are. */
  userId: bigint | undefined;

  constructor({ options, host, isOverLimit, onClose }: DaveTrackSetup<IncomingOptions<T>>) {
    this.#options = options;
    this.#host = host;
    this.#isOverLimit = isOverLimit;
    this.#onClose = onClose;
    this.#record = new IncomingRecord(options, host, losses);
  }

  push(frame: T, { data, isKeyFrame, codec }: MediaFrame): void {
    try {
      const cause = this.#refusal(data, codec);
      if (cause !== undefined) this.#record.drop(frame, cause);
      else if (this.#options.kind === "audio" && isSilence(data)) this.#pass(frame, data);
      else {
        const read = readFrame(data);
        if (typeof read !== "string") this.#open(frame, read, isKeyFrame);
        else if (this.#host.keys.hearsClear) this.#pass(frame, data);
        else this.#record.drop(frame, read);
      }
    } catch (error) {
      this.#record.drop(frame, "failed", { error });
    }
  }

  /** Epochs have come or gone. */
  changed(participants: ReadonlySet<number>, hasNewKey: boolean): void {
    this.#record.changed(participants, hasNewKey);
  }

  close(): void {
    this.#isClosed = true;
    this.#onClose();
  }

  get statistics(): TrackStatistics {
    return this.#record.statistics(0);
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
    const { keys } = this.#host;
    if (this.userId === undefined) {
      this.#record.drop(frame, "unknown-key");
      return;
    }
    const opened = keys.open(this.userId, read);
    if (opened.kind === "refused") {
      this.#record.drop(frame, opened.cause, opened);
      return;
    }
    const { participant, epoch, secret } = opened;
    try {
      this.#options.deliver(frame, read.compose(secret));
    } catch (error) {
      this.#record.drop(frame, "failed", { participant, error });
      return;
    }
    this.#record.passed(participant, epoch.epoch, isKeyFrame);
    keys.show(participant, epoch);
  }

  /** Hand over a frame as it is, where the protocol says so. */
  #pass(frame: T, data: Uint8Array): void {
    this.#record.count("clear");
    try {
      this.#options.deliver(frame, data.slice());
    } catch (error) {
      this.#record.drop(frame, "failed", { error });
    }
  }
}

function isSilence(data: Uint8Array): boolean {
  return data.length === silence.length && silence.every((byte, place) => data[place] === byte);
}
