/**
 * What a page says to the worker that its call's engine lives in, and what it hears. Each message is the value of a
 * field `copse`, so that an application's own messages can share the worker.
 */

import type { EngineCommand, EngineEvent } from "../engine/protocol.ts";
import type { EngineDelays, EngineLimits } from "../engine/frame-engine.ts";
import type { EncodedStreams } from "./encoded-frame.ts";

/** Which track a pipeline carries. Also the options of its `RTCRtpScriptTransform`. */
export interface TrackDescription {
  /** Names the track in events and statistics. */
  readonly track: string;
  readonly kind: "audio" | "video";
  readonly direction: "outgoing" | "incoming";
}

/** What an engine in a worker is made of. Everybody in a call must agree on `suite` and `epochBits`. */
export interface WorkerEngineOptions extends EngineDelays, EngineLimits {
  /** The SFrame suite's number. Default 4, AES_128_GCM_SHA256_128. */
  readonly suite?: number;
  /** How many bits of the epoch a KID carries. Default 8. */
  readonly epochBits?: number;
}

/** Media types by payload type, as they were negotiated. */
export type PayloadTypes = readonly (readonly [payloadType: number, mimeType: string])[];

/** From the page. */
export type ToWorker =
  /** The first message: make the engine. */
  | { readonly kind: "open"; readonly options: WorkerEngineOptions }
  | { readonly kind: "command"; readonly command: EngineCommand }
  /** A track whose frames come as transferred streams. */
  | { readonly kind: "streams"; readonly description: TrackDescription; readonly streams: EncodedStreams }
  /** What a track's payload types stand for, for frames that do not name their media type. */
  | { readonly kind: "payloadTypes"; readonly track: string; readonly payloadTypes: PayloadTypes }
  /** Make the encoder of an outgoing track give a key frame. */
  | { readonly kind: "generateKeyFrame"; readonly track: string }
  | { readonly kind: "close" };

/** To the page. */
export interface FromWorker {
  readonly kind: "event";
  readonly event: EngineEvent;
}

/** A message as it is posted. */
export interface Envelope<T> {
  readonly copse: T;
}

/** The message in what was posted; undefined where it is none of ours. */
export function opened<T>(data: unknown): T | undefined {
  return (data as Partial<Envelope<T>> | null | undefined)?.copse;
}
