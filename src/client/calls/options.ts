/**
 * How calls are started and joined, and what they need of a room.
 */

import type { CallBackend } from "../../call/backend.ts";
import type { Signal } from "../../content/ephemeral.ts";
import type { MimiContent } from "../../content/mimi.ts";
import type { RoomCore } from "../room/core.ts";

/** Options of `room.startCall`. */
export interface StartCallOptions {
  /** Whether it rings for pictures too. Default false. */
  readonly video?: boolean;
  /** For how many seconds it rings. Default 60. */
  readonly ringFor?: number;
  /** Where the frames are, as `localBackend` or `workerBackend` of copse/call gives: `call.media` is there where it is given. */
  readonly backend?: CallBackend;
}

/** Options of `room.joinCall`. */
export type JoinCallOptions = Pick<StartCallOptions, "backend">;

/** A room, as calls need it. */
export interface CallRoom {
  readonly core: RoomCore;
  readonly wake: () => void;
  readonly send: (content: MimiContent) => Promise<unknown>;
  /** Past the log. */
  readonly whisper: (said: Signal) => Promise<unknown>;
}
