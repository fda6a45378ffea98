/**
 * Counting votes, and what reports say together.
 */

import { is, list, options, text, type Takes } from "../../bytes/takes.ts";
import type { PollMessage, Vote } from "./message.ts";
import type { Status } from "./records.ts";

/** A vote that was accepted. */
export interface CountedVote {
  readonly senderUri: string;
  readonly vote: Pick<Vote, "options">;
}

/** How a poll stands. */
export interface Tally {
  /** For each option, in order. */
  readonly counts: readonly number[];
  /** How many users have chosen something. */
  readonly voters: number;
}

/**
 * Count votes, in the order of the log: of each user the last one counts.
 *
 *     const { counts } = tally(poll, votes);
 */
export function tally(poll: Pick<PollMessage, "options">, votes: readonly CountedVote[]): Tally {
  takesPoll("poll", poll);
  list(counted)("votes", votes);
  const last = new Map(votes.map(({ senderUri, vote }) => [senderUri, new Set(vote.options)]));
  return {
    counts: poll.options.map((_option, i) => Array.from(last.values()).filter((chosen) => chosen.has(i)).length),
    voters: Array.from(last.values()).filter(({ size }) => size > 0).length,
  };
}

/**
 * What is to be remembered of a message's status at somebody, after one more report: what comes late or out of order takes nothing
 * back. draft-mahy-mimi-message-status: "it does not make sense to transition from any one state to any other state."
 */
export function nextStatus(known: Status["status"] | undefined, reported: Status["status"]): Status["status"] {
  takesStatus("reported", reported);
  if (known === undefined) return reported;
  takesStatus("known", known);
  if (known === "deleted" || (known === "expired" && reported !== "deleted")) return known; // it is gone for good
  // Whoever has read a message, hidden it or marked it as unread has got it.
  if (reported === "delivered" && known !== "error") return known;
  return reported;
}

const takesPoll: Takes = (place, value) => {
  is("a poll", (poll) => Array.isArray((poll as { options?: unknown } | undefined)?.options))(place, value);
};

const counted: Takes = /* @__PURE__ */ options(
  { senderUri: text, vote: /* @__PURE__ */ is("a vote", (vote) => Array.isArray((vote as Vote | undefined)?.options)) },
  "senderUri",
  "vote",
);

const takesStatus: Takes = /* @__PURE__ */ is(
  "a status",
  (value) =>
    typeof value === "string" || (Number.isInteger(value) && (value as number) <= 255 && (value as number) >= 0),
);
