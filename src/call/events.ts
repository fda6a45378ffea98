/**
 * What a call tells the application.
 */

import type { DropCause, Direction } from "./engine/protocol.ts";
import type { Participant } from "./participants.ts";

/** What happens in a call. Branch on `kind`. */
export type CallEvent =
  /** The group has begun an epoch: who is in the call now. Verification codes have changed. */
  | {
      readonly kind: "epoch";
      readonly epoch: bigint;
      readonly participants: readonly Participant[];
      readonly joined: readonly Participant[];
      readonly left: readonly Participant[];
    }
  /** Frames are sent with this epoch from now on; undefined: with none, nothing is sent. */
  | { readonly kind: "sending"; readonly epoch: bigint | undefined }
  /** An epoch's keys are gone: its frames don't open any more. */
  | { readonly kind: "erased"; readonly epoch: bigint }
  /** The first frame of a participant on a track in an epoch: whose track it is. */
  | { readonly kind: "seen"; readonly track: string; readonly participant: Participant; readonly epoch: bigint }
  /** The first frame that a track dropped for this cause. Later ones are counted: see `Call.statistics`. */
  | {
      readonly kind: "dropped";
      readonly track: string;
      readonly direction: Direction;
      readonly cause: DropCause;
      /** Whom the frame names, where it could be read that far: it need not be from there. */
      readonly participant?: Participant;
      /** For logs: the code of an error. */
      readonly detail?: string;
    }
  /** A track has a gap that only a key frame closes: the pipeline has asked for one. */
  | { readonly kind: "keyFrameNeeded"; readonly track: string }
  /** Half of the frames that a key may seal are sealed: commit something, so that another epoch begins. */
  | { readonly kind: "rekeyNeeded"; readonly epoch: bigint }
  /** The key of an epoch could not be exported. When the epoch is due, nothing is sent any more until the next. */
  | { readonly kind: "keyMissing"; readonly epoch: bigint; readonly error: unknown }
  /** The call is over: the group has ended for us. */
  | { readonly kind: "ended" }
  /** The engine has failed, and neither sends nor opens anything: make a new call. */
  | { readonly kind: "failed"; readonly detail: string };

/** The event of a kind. */
export type CallEventOf<Kind extends CallEvent["kind"]> = Extract<CallEvent, { readonly kind: Kind }>;
