/**
 * The time. Injected, so that tests and simulations have a time of their own.
 */

/** The time in milliseconds since the Unix epoch. */
export type Clock = () => number;

/** The platform's clock: the default. */
export const platformClock: Clock = () => Date.now();

/**
 * A clock whose every answer is checked. Where it is before 1970, for a battery that ran out, it is 1970: the wire's times
 * are unsigned, and a key package made then must still be one.
 *
 * @throws TypeError where it is no function; each time that it gives no number of milliseconds up to 2^53.
 */
export function checkedClock(clock: Clock = platformClock): Clock {
  if (typeof clock !== "function") throw new TypeError("a clock is a function");
  return () => {
    const now: unknown = clock();
    if (typeof now !== "number" || !(now <= 2 ** 53) || now === -Infinity) {
      throw new TypeError("the clock must give a number of milliseconds, at most 2^53");
    }
    return Math.max(0, now);
  };
}
