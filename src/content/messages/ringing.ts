/**
 * Whether a call rings, and no longer.
 */

import { checkCount } from "../../bytes/numbers.ts";
import type { Message } from "./message.ts";

/**
 * Whether a message rings now: it says so, and has not expired. A device that was asleep asks this when it wakes up.
 *
 *     if (isRinging(message, Date.now())) ring(message.call);
 */
export function isRinging(message: Message, now: number): boolean {
  checkCount("now", now, [0, Number.MAX_SAFE_INTEGER]);
  return message.kind === "call" && message.event === "ringing" && now < (message.expires?.time ?? 0) * 1000;
}
