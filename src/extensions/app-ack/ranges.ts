/**
 * Sets of generations, as ranges in order: a range takes as much room as one number, however long it is.
 */

/** From the first to the last, inclusive. */
export type Range = readonly [first: number, last: number];

/** Ranges in order, of which no two touch. */
export type Ranges = readonly Range[];

/** The ranges that hold what these hold, whatever their order. What ends before it begins holds nothing. */
export function united(ranges: readonly Range[]): Ranges {
  const sorted = ranges.filter(([first, last]) => first <= last).sort(([a], [b]) => a - b);
  const whole: [number, number][] = [];
  for (const [first, last] of sorted) {
    const before = whole.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else whole.push([first, last]);
  }
  return whole;
}

/** What is in the first and not in the second. */
export function without(ranges: Ranges, others: Ranges): Ranges {
  const rest: Range[] = [];
  let next = 0;
  for (const [first, last] of ranges) {
    let from = first;
    while (next < others.length && others[next]![1] < from) next++;
    for (let at = next; at < others.length && others[at]![0] <= last; at++) {
      const [start, end] = others[at]!;
      if (start > from) rest.push([from, start - 1]);
      from = Math.max(from, end + 1);
    }
    if (from <= last) rest.push([from, last]);
  }
  return rest;
}
