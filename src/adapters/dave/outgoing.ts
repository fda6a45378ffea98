/**
 * A track of ours: frames of the encoder, sealed or dropped. In clear only in a session of protocol version 0.
 */

import type { OutgoingTrack, TrackOptions } from "../../call/engine/frame-engine.ts";
import type { DropCause, TrackStatistics } from "../../call/engine/protocol.ts";
import { OutgoingRecord } from "../../call/engine/records.ts";
import type { MediaFrame } from "../../call/media.ts";
import { codecNamed, isTransportable, layoutOf, type DaveCodec } from "./codecs.ts";
import type { FrameSender } from "./cryptors.ts";
import { fits, partsOf, writeFrame } from "./frame.ts";
import type { DaveHost, DaveTrackSetup } from "./host.ts";

/** A frame of an encoder: as `MediaFrame`, and of H265 too. */
export interface DaveMediaFrame extends Omit<MediaFrame, "codec"> {
  readonly codec: DaveCodec;
}

/** A track of ours. */
export interface DaveOutgoingTrack extends OutgoingTrack {
  seal(frame: DaveMediaFrame): Promise<Uint8Array | undefined>;
  /** The same, at once. */
  sealNow(frame: DaveMediaFrame): Uint8Array | undefined;
}

/** How often a frame is sealed anew where its ciphertext holds a start code: each time with the next nonce. */
const maxAttempts = 10;

/** An outgoing track. */
export class OutgoingDave implements DaveOutgoingTrack {
  readonly #options: TrackOptions;
  readonly #host: DaveHost;
  readonly #isOverLimit: boolean;
  readonly #onClose: () => void;
  readonly #record: OutgoingRecord;
  #isClosed = false;

  constructor({ options, host, isOverLimit, onClose }: DaveTrackSetup<TrackOptions>) {
    this.#options = options;
    this.#host = host;
    this.#isOverLimit = isOverLimit;
    this.#onClose = onClose;
    this.#record = new OutgoingRecord(options, host);
  }

  seal(frame: DaveMediaFrame): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.sealNow(frame));
  }

  sealNow({ data, codec: name }: DaveMediaFrame): Uint8Array | undefined {
    try {
      const sealed = this.#seal(data, name);
      if (typeof sealed !== "string") return sealed;
      this.#record.drop(sealed);
    } catch (error) {
      this.#record.drop("failed", error);
    }
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#onClose();
  }

  get statistics(): TrackStatistics {
    return this.#record.statistics;
  }

  /** The frame as it is sent, or why it is dropped. */
  #seal(data: Uint8Array, name: string): Uint8Array | DropCause {
    const codec = codecNamed(name);
    const refusal = this.#refusal(data, codec);
    if (refusal !== undefined || codec === undefined) return refusal ?? "codec";
    const sending = this.#host.keys.sending();
    if (sending === "clear") {
      this.#record.count("clear");
      return data.slice();
    }
    if (sending?.sender === undefined) return "no-key";
    const sealed = seal(sending.sender, codec, data);
    if (sealed === undefined) return "limit";
    this.#record.count("passed");
    return sealed;
  }

  #refusal({ length }: Uint8Array, codec: DaveCodec | undefined): DropCause | undefined {
    const { refusal, maxFrameBytes } = this.#host;
    if (refusal !== undefined || this.#isClosed) return refusal ?? "closed";
    if (this.#isOverLimit) return "limit";
    if (length === 0) return "empty";
    if (length > maxFrameBytes) return "oversized";
    return this.#options.codecs?.includes(codec as MediaFrame["codec"]) === false ? "codec" : undefined;
  }
}

/** Undefined where the ranges of what is clear do not fit, or no ciphertext would pass through a packetizer. */
function seal(sender: FrameSender, codec: DaveCodec, frame: Uint8Array): Uint8Array | undefined {
  const { body, ranges } = layoutOf(codec, frame);
  if (!fits(ranges)) return undefined;
  const { clear, secret } = partsOf(body, ranges);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const sealed = writeFrame(ranges, clear, sender.seal(clear, secret));
    if (isTransportable(codec, sealed, ranges)) return sealed;
  }
  return undefined;
}
