/**
 * Calls: media frames end to end encrypted with keys that follow the epochs of a group.
 */

export { CopseError, type ErrorCode } from "../errors.ts";
export type { PlatformClass } from "../bytes/platform.ts";
export type { CallBackend } from "./backend.ts";
export { Call, type CallOptions } from "./call.ts";
export { platformScheduler, type Scheduler } from "./clock.ts";
export { codecOfMimeType, frameCodec } from "./codecs/codecs.ts";
export { createFrameEngine } from "./engine/engine.ts";
export type {
  EngineDelays,
  EngineLimits,
  FrameEngine,
  FrameEngineOptions,
  IncomingOptions,
  IncomingTrack,
  OutgoingTrack,
  TrackOptions,
} from "./engine/frame-engine.ts";
export type {
  Direction,
  DropCause,
  EngineCommand,
  EngineEvent,
  EngineMember,
  EngineStatistics,
  EpochCommand,
  FrameCounts,
  ParticipantStatistics,
  SourceStatistics,
  TrackStatistics,
} from "./engine/protocol.ts";
export type { EpochMember, EpochSource } from "./epoch-source.ts";
export type { CallEvent, CallEventOf } from "./events.ts";
export { localBackend, type LocalBackend } from "./local-backend.ts";
export type { CodecName, FrameCodec, FrameParts, MediaFrame } from "./media.ts";
export type { Participant } from "./participants.ts";
export type { TrackEnd, TransformBackend } from "./transforms/backend.ts";
export type { PayloadTypes, TrackDescription, WorkerEngineOptions } from "./transforms/messages.ts";
export { protect, type ProtectedTrack, type Protection, type ProtectOptions } from "./transforms/protect.ts";
export {
  transformApi,
  workerBackend,
  type TransformApi,
  type WorkerBackendOptions,
} from "./transforms/worker-backend.ts";
export { isSameVerification, verificationOf, type Verification } from "./verification.ts";
