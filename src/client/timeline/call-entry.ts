/**
 * A call as a timeline has it: who rang, and what came of it for this user. It is folded from the notices of the room's log, so that
 * all devices of a user show the same.
 */

import { bool } from "../../rooms/formats/parts.ts";
import { enumeration, opaque, optional, struct, u32, u8, vector, type Codec } from "../../codec/codec.ts";
import type { CallMessage } from "../../content/messages/message.ts";
import { integer, text } from "../store/entry.ts";

/**
 * "ringing": nobody has answered yet. "accepted": this user is or was in it. "declined": this user does not want to, or, of a call of
 * one's own, somebody who was called. "missed": it rang until it was over, and this user did not answer. "unanswered": one's own, that
 * nobody answered. "ended": one that this user was in is over. "failed": so is this one, but nobody who was in it said that it has ended.
 */
export type CallState = "ringing" | "accepted" | "declined" | "missed" | "unanswered" | "ended" | "failed";

/** A call in a timeline. */
export interface CallEntry {
  /** Its id. */
  readonly call: Uint8Array;
  readonly state: CallState;
  /** Whether this user rang. */
  readonly outgoing: boolean;
  readonly video: boolean;
  /** How long it rings, in milliseconds since 1970. */
  readonly until: number;
  /** The users who have accepted it. */
  readonly joined: readonly string[];
  /** How long it took, in seconds, as whoever ended it says. */
  readonly duration: number | undefined;
}

/** Users of a call that are remembered. */
const mostJoined = 64;

/** How long a call rings at the most, in milliseconds, whatever its caller says. */
const longestRinging = 60 * 60 * 1000;

/** How long a call goes on after its ringing at the most, where nobody says that it has ended, in milliseconds: a day. */
export const longestCall: number = 24 * 60 * 60 * 1000;

/** A call that begins to ring, said at this time, in milliseconds since 1970. */
export function ringingCall({ call, video, expires }: CallMessage, outgoing: boolean, at: number): CallEntry {
  const until = Math.min((expires?.time ?? 0) * 1000, at + longestRinging);
  return { call, state: "ringing", outgoing, video: video === true, until, joined: [], duration: undefined };
}

/** A call after a notice; undefined where that changes nothing, or its sender may not say it. */
export function afterNotice(
  before: CallEntry,
  { event, duration }: CallMessage,
  { caller, user, me }: { readonly caller: string; readonly user: string; readonly me: string },
): CallEntry | undefined {
  const { state, joined, outgoing } = before;
  const isOver = state === "ended" || state === "failed" || before.duration !== undefined;
  const isIn = user === caller || joined.includes(user);
  switch (event) {
    case "ringing":
      return undefined;
    case "accepted": {
      if (isOver) return undefined;
      const all = joined.includes(user) || joined.length >= mostJoined ? joined : [...joined, user];
      // One's own call is answered by somebody else; another's, by any of one's own devices.
      const isMine = outgoing ? user !== me : user === me;
      if (all === joined && (!isMine || state === "accepted")) return undefined;
      return { ...before, joined: all, state: isMine ? "accepted" : state };
    }
    case "declined":
    case "busy":
      if (state !== "ringing" || (user !== me && !outgoing) || (user === me && outgoing)) return undefined;
      return { ...before, state: "declined" };
    case "cancelled":
      return user === caller && state === "ringing" ? afterRinging(before) : undefined;
    case "ended": {
      // The last one who was in it says so. Who is not the caller ends nobody's ringing: any member can say that it came and went.
      if (isOver || !isIn || (user !== caller && state !== "accepted")) return undefined;
      const over = { ...before, duration: duration ?? 0 };
      if (state === "accepted") return { ...over, state: "ended" };
      return state === "ringing" ? { ...over, state: unansweredOf(before) } : over;
    }
  }
}

/** A call that has rung until its time was over. */
export function afterRinging(before: CallEntry): CallEntry {
  return before.state === "ringing" ? { ...before, state: unansweredOf(before) } : before;
}

/** A call of which nobody has said for too long that it goes on or has ended: how long it took is not known. */
export function afterSilence(before: CallEntry): CallEntry {
  return before.state === "accepted" ? { ...before, state: "failed" } : afterRinging(before);
}

function unansweredOf({ outgoing }: CallEntry): CallState {
  return outgoing ? "unanswered" : "missed";
}

export const callStates: Codec<CallState> = enumeration<CallState>(u8, {
  ringing: 1,
  accepted: 2,
  declined: 3,
  missed: 4,
  unanswered: 5,
  ended: 6,
  failed: 7,
});

/** How a call of a timeline is stored. */
export const CallEntry: Codec<CallEntry> = struct<CallEntry>({
  call: opaque,
  state: callStates,
  outgoing: bool,
  video: bool,
  until: integer,
  joined: vector(text, "proposals"),
  duration: optional(u32),
});
