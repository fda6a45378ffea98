/**
 * Looking things up in sorted lists of leaf indexes.
 */

/** The number of entries below a value. */
export function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a value is in the list. */
export function isIn(sorted: readonly number[], value: number): boolean {
  return sorted[lowerBound(sorted, value)] === value;
}

/** The entries from `from` up to, but without, `to`. */
export function between(sorted: readonly number[], from: number, to: number): readonly number[] {
  if (sorted.length === 0) return sorted;
  return sorted.slice(lowerBound(sorted, from), lowerBound(sorted, to));
}
