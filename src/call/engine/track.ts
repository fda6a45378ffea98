/**
 * What tracks of both directions share: their engine as they see it, and the checks before any cryptography.
 */

import { CopseError } from "../../errors.ts";
import type { FrameCodec, MediaFrame } from "../media.ts";
import type { TrackOptions } from "./frame-engine.ts";
import type { EngineKeys } from "./keys.ts";
import type { Direction, DropCause, EngineEvent } from "./protocol.ts";
import type { EngineSettings } from "./settings.ts";

/** A track's engine. */
export interface TrackHost {
  readonly settings: EngineSettings;
  readonly keys: EngineKeys;
  /** Why nothing passes any more, where the engine is closed or has failed. */
  readonly refusal: DropCause | undefined;
  readonly emit: (event: EngineEvent) => void;
}

/** A track as its host made it. */
export interface TrackSetup<Options extends TrackOptions> {
  readonly options: Options;
  readonly host: TrackHost;
  /** Whether there are too many tracks: this one passes nothing. */
  readonly isOverLimit: boolean;
  readonly onClose: () => void;
}

/** The codec of a frame, or why the frame can be none of this track. */
export function codecOf(
  { data, codec }: MediaFrame,
  { codecs }: TrackOptions,
  { maxFrameBytes, codecs: find }: EngineSettings,
): FrameCodec | DropCause {
  if (data.length === 0) return "empty";
  if (data.length > maxFrameBytes) return "oversized";
  if (codecs !== undefined && !codecs.includes(codec)) return "codec";
  return find(codec) ?? "codec";
}

/** What an error means for a frame. */
export function causeOf(error: unknown): DropCause {
  switch (error instanceof CopseError ? error.code : undefined) {
    case "sframe-header":
      return "header";
    case "sframe-unknown-kid":
      return "unknown-key"; // erased in the meantime
    case "sframe-kid-role":
      return "own";
    case "sframe-replay":
      return "replayed";
    case "sframe-open":
      return "not-authentic";
    case "limit-exceeded":
    case "sframe-kid-range":
    case "sframe-counter-overflow":
      return "limit";
    default:
      return "failed";
  }
}

/** A drop, as it is reported. */
export interface Drop {
  readonly direction: Direction;
  readonly cause: DropCause;
  readonly participant?: number | undefined;
  readonly error?: unknown;
}

/** Report the first drop of a track for its cause. Of an error, its code or its kind is told, never its message. */
export function reportDrop(
  { emit }: Pick<TrackHost, "emit">,
  { track }: Pick<TrackOptions, "track">,
  { participant, error, ...drop }: Drop,
): void {
  emit({
    kind: "dropped",
    track,
    ...drop,
    ...(participant === undefined ? {} : { participant }),
    ...(error === undefined ? {} : { detail: kindOf(error) }),
  });
}

/** The code of an error of ours, or what kind of error another is. */
export function kindOf(error: unknown): string {
  if (error instanceof CopseError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
