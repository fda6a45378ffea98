/**
 * DAVE, Discord's protocol for encrypted calls (version 1.1): a session that speaks with the voice gateway, and a backend that
 * seals and opens frames, for a `Call` of `copse/call`.
 *
 *     const session = await DaveSession.create({ userId, channelId });
 *     const backend = daveBackend({ session });
 *     const call = new Call({ source: session, backend });
 */

export { CopseError, type ErrorCode } from "../../errors.ts";
export {
  daveBackend,
  daveWorkerBackend,
  type DaveBackend,
  type DaveBackendOptions,
  type DaveSources,
  type DaveWorkerBackend,
  type DaveWorkerBackendOptions,
} from "./backend.ts";
export { displayableCode, pairwiseCode, pairwiseFingerprint, voicePrivacyCode, type DaveUser } from "./codes.ts";
export type { DaveCodec } from "./codecs.ts";
export type { DaveCommand, DaveMode, DaveModeCommand, DaveSourceCommand, Sending } from "./commands.ts";
export { createDaveEngine, type DaveEngine, type DaveEngineOptions, type DaveIncomingOptions } from "./engine.ts";
export type { DaveMediaFrame, DaveOutgoingTrack } from "./outgoing.ts";
export {
  daveProtocolVersion,
  readDaveMessage,
  readDaveReply,
  writeDaveMessage,
  writeDaveReply,
  type DaveJson,
  type DaveMessage,
  type DaveReply,
} from "./payloads.ts";
export {
  DaveSession,
  type DaveMember,
  type DaveRefused,
  type DaveSessionEvent,
  type DaveSessionOptions,
} from "./session.ts";
