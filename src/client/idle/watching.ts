/**
 * What a device knows in memory of its user's others, to find those that are idle.
 */

export interface Watching {
  /** After so long a device that was not there is taken out of rooms, in milliseconds; 0: never. */
  readonly after: number;
  readonly seen: Set<string>;
}

/** Ninety days, in milliseconds. */
const idlePeriod = 90 * 24 * 60 * 60 * 1000;

/** As the option `removeIdle` says. */
export function watching(after: number = idlePeriod): Watching {
  return { after, seen: new Set() };
}
