/**
 * The time. Injected, so that tests and simulations have a time of their own.
 */

/** The time in milliseconds since the Unix epoch. */
export type Clock = () => number;

/** The platform's clock: the default. */
export const platformClock: Clock = () => Date.now();
