/**
 * What a room's calls give for what was asked for.
 */

import type { Bytes } from "../../bytes/bytes.ts";

/** What was asked for. */
export interface Asked {
  /** By which the events "done" and "failed" name it. */
  readonly intent: Bytes;
}

/** A message that was asked to be sent. */
export interface AskedMessage extends Asked {
  /** The message's id, by which it is edited, answered and reacted to. */
  readonly id: Bytes;
  /** Its place in the timeline; of a message that changes another, that one's. */
  readonly entry: bigint;
}
