/**
 * What a caller must pass: the checks that several parts share.
 */

/** The largest KID, counter, context and epoch: 2^64 - 1. */
export const maxUint64 = 0xffff_ffff_ffff_ffffn;

/** @throws TypeError where a value is not a bigint of 0 to 2^64 - 1. */
export function checkUint64(name: string, value: bigint): void {
  if (typeof value !== "bigint" || value < 0n || value > maxUint64) {
    throw new TypeError(`${name} must be a bigint of 0 to 2^64 - 1`);
  }
}

/** The eight bytes of a value, big-endian. */
export function uint64(value: bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/** @throws TypeError where a value is not a whole number within its bounds. */
export function checkCount(name: string, value: number, [least, most]: readonly [number, number]): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new TypeError(`${name} must be a whole number of ${least} to ${most}`);
  }
}

/** @throws TypeError where a value is not a byte string, or its length is not within its bounds. */
export function checkBytes(
  name: string,
  bytes: Uint8Array,
  lengths: readonly [least: number, most: number] = [0, Number.MAX_SAFE_INTEGER],
): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
  checkCount(`${name}.length`, bytes.length, lengths);
}

/**
 * @throws TypeError where this is no base key: a byte string of 16 bytes, the shortest that carries the strength of any
 * suite's AES key, to 1024.
 */
export function checkBaseKey(baseKey: Uint8Array): void {
  checkBytes("baseKey", baseKey, [16, 1024]);
}
