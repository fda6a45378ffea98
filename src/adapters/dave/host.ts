/**
 * An engine as its tracks see it.
 */

import type { Scheduler } from "../../call/clock.ts";
import type { TrackOptions } from "../../call/engine/frame-engine.ts";
import type { DropCause, EngineEvent } from "../../call/engine/protocol.ts";
import type { DaveKeys } from "./keys.ts";
import type { Peers } from "./peers.ts";

/** A track's engine. */
export interface DaveHost {
  readonly scheduler: Scheduler;
  readonly maxFrameBytes: number;
  readonly keys: DaveKeys;
  readonly peers: Peers;
  /** Why nothing passes any more, where the engine is closed or has failed. */
  readonly refusal: DropCause | undefined;
  readonly emit: (event: EngineEvent) => void;
}

/** A track as its engine made it. */
export interface DaveTrackSetup<Options extends TrackOptions> {
  readonly options: Options;
  readonly host: DaveHost;
  /** Whether there are too many tracks: this one passes nothing. */
  readonly isOverLimit: boolean;
  readonly onClose: () => void;
}
