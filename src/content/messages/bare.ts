/**
 * What a message says, without what may be said of any message.
 */

import type { Said, Surroundings } from "./message.ts";
import { without } from "./without.ts";

/** A kind of message without its surroundings. */
export type Bare<T> = T extends Said ? Omit<T, keyof Surroundings> : never;

const surroundings: readonly string[] = [
  "inReplyTo",
  "topicId",
  "expires",
  "forwarded",
] satisfies (keyof Surroundings)[];

/** The message without its surroundings. */
export function bare(said: Said): Bare<Said> {
  return without(said, surroundings) as Bare<Said>;
}
