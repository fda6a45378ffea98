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

/** @throws TypeError where a value is not a byte string, or not of this length. */
export function checkBytes(name: string, bytes: Uint8Array, length?: number): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
  if (length !== undefined && bytes.length !== length) throw new TypeError(`${name} must be ${length} bytes long`);
}

/**
 * @throws TypeError where this is no base key: a byte string of at least 16 bytes, the shortest that carries the
 * strength of any suite's AES key.
 */
export function checkBaseKey(baseKey: Uint8Array): void {
  checkBytes("baseKey", baseKey);
  if (baseKey.length < 16) throw new TypeError("baseKey must be at least 16 bytes long");
}
