/**
 * A track of ours: frames of the encoder, sealed or dropped, never in clear.
 */

import type { Form } from "../../sframe/form.ts";
import type { SFrameSender } from "../../sframe/sender.ts";
import type { FrameParts, MediaFrame } from "../media.ts";
import type { OutgoingTrack, TrackOptions } from "./frame-engine.ts";
import type { DropCause, TrackStatistics } from "./protocol.ts";
import { OutgoingRecord } from "./records.ts";
import { causeOf, codecOf, type TrackHost, type TrackSetup } from "./track.ts";

/** An outgoing track. */
export class OutgoingFrames implements OutgoingTrack {
  readonly #options: TrackOptions;
  readonly #host: TrackHost;
  readonly #onClose: () => void;
  /** Undefined where there are too many tracks. */
  readonly #number: number | undefined;
  readonly #record: OutgoingRecord;
  #isClosed = false;

  constructor({ options, host, onClose }: Omit<TrackSetup<TrackOptions>, "isOverLimit">, number: number | undefined) {
    this.#options = options;
    this.#host = host;
    this.#onClose = onClose;
    this.#number = number;
    this.#record = new OutgoingRecord(options, host);
  }

  async seal(frame: MediaFrame): Promise<Uint8Array | undefined> {
    try {
      const prepared = this.#prepare(frame);
      if (typeof prepared === "string") this.#record.drop(prepared);
      else {
        const { sender, parts } = prepared;
        const sealed = parts.compose(await sender.encrypt(parts.secret, parts.metadata));
        this.#record.count("passed");
        return sealed;
      }
    } catch (error) {
      this.#record.drop(causeOf(error), error);
    }
    return undefined;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClose();
  }

  get statistics(): TrackStatistics {
    return this.#record.statistics;
  }

  /** What a frame needs to be sealed, or why it is dropped. */
  #prepare(frame: MediaFrame): { readonly sender: SFrameSender<Form>; readonly parts: FrameParts } | DropCause {
    const { keys, refusal, settings } = this.#host;
    if (refusal !== undefined || this.#isClosed) return refusal ?? "closed";
    if (this.#number === undefined) return "limit";
    const codec = codecOf(frame, this.#options, settings);
    if (typeof codec === "string") return codec;
    const epoch = keys.sending();
    if (epoch === undefined) return "no-key";
    const parts = codec.split(frame.data, frame.isKeyFrame);
    if (parts === undefined) return "foreign";
    const sender = keys.sender(epoch, this.#number);
    if (2n * sender.nextCounter >= settings.maxFramesPerKey) keys.wear(epoch.epoch);
    return sender.nextCounter < settings.maxFramesPerKey ? { sender, parts } : "limit";
  }
}
