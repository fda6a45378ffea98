/**
 * The engine of a call: it lives where the frames are, in a worker or on the page, and seals and opens them with the
 * keys that it is given. Whatever comes in, nothing is thrown into the pipeline, and nothing leaves in clear.
 */

import type { Random } from "../../crypto/provider.ts";
import type { SFrameCrypto } from "../../sframe/crypto.ts";
import type { SFrameSuite } from "../../sframe/suites.ts";
import type { Scheduler } from "../clock.ts";
import type { CodecName, FrameCodec, MediaFrame } from "../media.ts";
import type { EngineCommand, EngineEvent } from "./protocol.ts";

/** Seals and opens the frames of all tracks of a call. */
export interface FrameEngine {
  /** Take in what the call says. Never throws. */
  handle(command: EngineCommand): void;
  /** A track of ours. One of the same name takes the old one's place. */
  outgoing(options: TrackOptions): OutgoingTrack;
  /** A track of others. One of the same name takes the old one's place. */
  incoming<T>(options: IncomingOptions<T>): IncomingTrack<T>;
  /** Erase every key and drop what waits. Whatever comes afterwards is dropped. */
  close(): void;
}

/** What an engine knows of a track. */
export interface TrackOptions {
  /** Names the track in events and statistics. */
  readonly track: string;
  readonly kind: "audio" | "video";
  /** The codecs that it may carry; a frame of any other is dropped. Default: all that the engine knows. */
  readonly codecs?: readonly CodecName[];
}

/** Where an incoming track's frames go. `T` is what the pipeline calls a frame. */
export interface IncomingOptions<T> extends TrackOptions {
  /** A frame has opened: put `data` in it, and hand it to the decoder. In the order of `push`. */
  readonly deliver: (frame: T, data: Uint8Array) => void;
  /** A frame is dropped: it never reaches the decoder. */
  readonly drop?: (frame: T) => void;
  /** Ask the sender for a key frame. Seldom: see `EngineDelays.keyFrameInterval`. */
  readonly requestKeyFrame?: () => void;
}

/** A track of ours. */
export interface OutgoingTrack {
  /**
   * Seal a frame of the encoder, whose `data` must not change until the promise is kept. Undefined where the frame must
   * be dropped, and never clear data. The promise is never rejected.
   */
  seal(frame: MediaFrame): Promise<Uint8Array | undefined>;
  /** Send nothing more. */
  close(): void;
}

/** A track of others. */
export interface IncomingTrack<T> {
  /** Take in a frame of the network. It is delivered or dropped, now or later; until then `media.data` must not change. */
  push(frame: T, media: MediaFrame): void;
  /** Drop what waits. */
  close(): void;
}

/** The delays of turnover and holding, in milliseconds. */
export interface EngineDelays {
  /**
   * How long after an epoch began frames are still sent with the one before, so that the others have the new key when
   * they need it. It is also how long someone who was removed can go on reading. Default 1000.
   */
  readonly sendDelay?: number;
  /** How long after an epoch began frames of older ones still open. At least `sendDelay`. Default 10,000. */
  readonly eraseDelay?: number;
  /** How long a frame waits for its key. Default 1000. */
  readonly holdTime?: number;
  /** The least time between two requests for a key frame of a track; it doubles as long as none comes. Default 250. */
  readonly keyFrameInterval?: number;
  /** The most that it grows to. Default 8000. */
  readonly maxKeyFrameInterval?: number;
}

/** What strangers could make grow, and how far. */
export interface EngineLimits {
  /** Epochs held at once; older ones are erased. At most 2^epochBits. Default 16. */
  readonly maxEpochs?: number;
  /** Frames that one key seals, in each track. Default 2^24. */
  readonly maxFramesPerKey?: bigint;
  /** Contexts accepted of one sender in one epoch. Default 64. */
  readonly maxContexts?: number;
  /** Incoming tracks open at once; those beyond pass nothing. Outgoing ones are as many as `maxContexts`, at most 256. Default 1024. */
  readonly maxTracks?: number;
  /** Keys of senders held at once, in all epochs. Default 65,536. */
  readonly maxKeys?: number;
  /** Frames of one KID that are told apart by their counters: older ones are refused. Default 1024. */
  readonly replayWindow?: number;
  /** Frames that wait, on one track. Default 128. */
  readonly maxHeldFrames?: number;
  /** Their bytes. Default 2 MiB. */
  readonly maxHeldBytes?: number;
  /** Frames that wait, on all tracks. Default 2048. */
  readonly maxHeldFramesInAll?: number;
  /** Their bytes. Default 16 MiB. */
  readonly maxHeldBytesInAll?: number;
  /** Bytes of one frame. Default 4 MiB. */
  readonly maxFrameBytes?: number;
}

/** What an engine is made of. Everybody in a call must agree on `suite` and `epochBits`. */
export interface FrameEngineOptions extends EngineDelays, EngineLimits {
  /** Default: suite 4, AES_128_GCM_SHA256_128. */
  readonly suite?: SFrameSuite;
  /** How many bits of the epoch a KID carries, 1 to 16. RFC 9605 section 5.2. Default 8. */
  readonly epochBits?: number;
  /** Where the cryptography is done: `webCrypto()` or `syncCrypto()`. Default: synchronously, with the platform's. */
  readonly crypto?: SFrameCrypto<"sync"> | SFrameCrypto<"async">;
  /** What codecs there are. Undefined: none of that name, and its frames are dropped. Default: the five of `CodecName`. */
  readonly codecs?: (name: CodecName) => FrameCodec | undefined;
  /**
   * Tells this engine from every other of the same member in the same epoch, such as one in another worker or before a
   * reload: two that are alike would use keys and counters twice. Up to 40 bits. Default: random.
   */
  readonly session?: bigint;
  /** Default: the platform's. */
  readonly scheduler?: Scheduler;
  /** Default: the platform's. */
  readonly random?: Random;
  /** Hears what the engine reports. What it throws is ignored. */
  readonly onEvent?: (event: EngineEvent) => void;
}
