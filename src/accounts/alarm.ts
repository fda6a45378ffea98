/**
 * The evidence that an account contradicts itself.
 */

import type { Bytes } from "../bytes/bytes.ts";

/**
 * Two statements that contradict each other though the account's keys have signed both: somebody else has a key, or the service shows
 * different things to different people. Both are kept as evidence: `isAlarm` verifies it for anybody.
 */
export interface AccountAlarm {
  /**
   * "fork": two lists of one number, or one that follows another list than the known one. "back": an older list was shown as the
   * latest. "key": two account keys of one number. "root": another root.
   */
  readonly kind: "fork" | "back" | "key" | "root";
  readonly user: string;
  /** The statement that was accepted, and the one that came. */
  readonly known: Bytes;
  readonly other: Bytes;
}
