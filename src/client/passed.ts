/**
 * Waits that are counted from marks in the store. A mark is this device's time when it was set, so one that lies ahead was set by a clock
 * that was wrong, and has been set right since: it holds nothing up for longer than twice the wait.
 */

/** Whether so many milliseconds lie between a mark and now, in either direction. */
export function hasPassed(wait: number, since: number, now: number): boolean {
  return Math.abs(now - since) >= wait;
}

/** Whether something is due that was put off to this time, by so many milliseconds at the most. */
export function isDue(at: number, longest: number, now: number): boolean {
  return at <= now || hasPassed(longest, at - longest, now);
}
