/**
 * Numbers that a caller gives, held to the type that they are written in. What does not fit is the caller's mistake, and a
 * mistake that was wrapped or rounded would come out as another member, another epoch or another suite.
 */

/** The largest uint64. */
export const maxUint64: bigint = 2n ** 64n - 1n;

const largest = { 8: 0xff, 16: 0xffff, 32: 0xffff_ffff } as const;

/** @throws TypeError, which names the value, where it is no whole number that fits into so many bits. */
export function checkUint(name: string, value: number, bits: keyof typeof largest): void {
  if (!Number.isInteger(value) || value < 0 || value > largest[bits]) {
    throw new TypeError(`${name} must be a whole number of 0 to 2^${String(bits)} - 1`);
  }
}

/** @throws TypeError, which names the list, where one of its numbers does not fit into so many bits. */
export function checkUints(name: string, values: readonly number[], bits: keyof typeof largest): void {
  for (const value of values) checkUint(name, value, bits);
}

/** @throws TypeError where a value is not a bigint of 0 to 2^64 - 1. */
export function checkUint64(name: string, value: bigint): void {
  if (typeof value !== "bigint" || BigInt.asUintN(64, value) !== value) {
    throw new TypeError(`${name} must be a uint64 bigint`);
  }
}

/** @throws TypeError where a value is not a whole number within its bounds. */
export function checkCount(name: string, value: number, [least, most]: readonly [number, number]): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new TypeError(`${name} must be a whole number, ${least} to ${most}`);
  }
}
