/**
 * What a client finds of each recovery server.
 */

/**
 * What a server did: its part; nothing ("down": it did not answer); "refused" to let this one ask; it knows nothing of the account
 * ("unknown"), or of the newest registration ("behind"); its guesses are used up ("exhausted"); or it "lies".
 */
export type ServerState = "well" | "down" | "refused" | "unknown" | "behind" | "exhausted" | "lies";

/**
 * How a server lies: its answer's "proof" does not verify under its public key; its "record" is not the one that a threshold of
 * servers has; its bytes are of another "format" than an answer's.
 */
export type ServerLie = "proof" | "record" | "format";

/** What was found of a server. */
export interface ServerFinding {
  /** The name that the caller gave it. */
  readonly name: string;
  readonly state: ServerState;
  /** Of one that lies. */
  readonly lie?: ServerLie;
  /** How many guesses it says are left. */
  readonly guessesLeft?: number;
}

/**
 * How many whole recoveries are left where each server has so many guesses and each recovery takes so many servers: the greatest
 * m for which the servers, each used at most m times, give m thresholds.
 */
export function wholeTries(guessesLeft: readonly number[], threshold: number): number {
  let tries = 0;
  while (guessesLeft.reduce((sum, left) => sum + Math.min(left, tries + 1), 0) >= threshold * (tries + 1)) tries++;
  return tries;
}
