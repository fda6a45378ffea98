/**
 * An engine as its tracks see it.
 */

import type { TrackOptions } from "../../call/engine/frame-engine.ts";
import type { DropCause } from "../../call/engine/protocol.ts";
import type { IncomingReporting } from "../../call/engine/records.ts";
import type { TrackPlace } from "../../call/engine/tracks.ts";
import type { DaveKeys } from "./keys.ts";

/** A track's engine. */
export interface DaveHost extends IncomingReporting {
  readonly maxFrameBytes: number;
  readonly keys: DaveKeys;
  /** Why nothing passes any more, where the engine is closed or has failed. */
  readonly refusal: DropCause | undefined;
}

/** A track as its engine made it. */
export interface DaveTrackSetup<Options extends TrackOptions> extends TrackPlace {
  readonly options: Options;
  readonly host: DaveHost;
}
