/**
 * What protects a connection's tracks: a call's backend that can also give a sender or a receiver its transform.
 */

import type { PlatformClass } from "../../bytes/platform.ts";
import type { CallBackend } from "../backend.ts";
import type { PayloadTypes, TrackDescription } from "./messages.ts";

/** A sender or a receiver of a connection. */
export type TrackEnd = PlatformClass<"RTCRtpSender"> | PlatformClass<"RTCRtpReceiver">;

/** A backend that protects tracks. */
export interface TransformBackend extends CallBackend {
  /** Put the engine between a sender's encoder, or a receiver's decoder, and the network. */
  attach(end: TrackEnd, description: TrackDescription): void;
  /** What a track's payload types stand for, once they are negotiated. */
  negotiated(track: string, payloadTypes: PayloadTypes): void;
  /** Make the encoder of an outgoing track give a key frame, where the browser can. */
  generateKeyFrame(track: string): void;
}
