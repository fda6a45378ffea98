/**
 * What a caller must pass: the checks that several parts share.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { checkCount, checkUint64 } from "../bytes/numbers.ts";

/** The eight bytes of a value, big-endian. */
export function uint64(value: bigint): Bytes {
  const bytes = new Uint8Array(8);
  xorUint64(bytes, 8, value);
  return bytes;
}

/**
 * XOR the last `length` bytes of a value, big-endian, into those before `end`. Every frame takes this way, and numbers
 * are many times faster than bigints.
 */
export function xorUint64(bytes: Uint8Array, end: number, value: bigint, length = 8): void {
  let rest = Number(BigInt.asUintN(32, value));
  for (let i = 1; i <= length; i++) {
    bytes[end - i]! ^= rest;
    rest = i === 4 ? Number(value >> 32n) : rest >>> 8;
  }
}

/** @throws TypeError where a value is not a byte string, or its length is not within its bounds. */
export function checkBytes(name: string, bytes: Uint8Array, lengths?: readonly [least: number, most: number]): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
  if (lengths !== undefined) checkCount(`${name}.length`, bytes.length, lengths);
}

/**
 * @throws TypeError where this is no base key: a byte string of 16 bytes, the shortest that carries the strength of any
 * suite's AES key, to 1024.
 */
export function checkBaseKey(baseKey: Uint8Array): void {
  checkBytes("baseKey", baseKey, [16, 1024]);
}

/**
 * An object of a caller's, that has these names where they are given. What is not known would be passed over, a misspelt limit as well.
 *
 * @throws TypeError where it is no object, or has another name.
 */
export function checkOptions(options: object, names?: string): void {
  if (options !== Object(options)) throw new TypeError("options must be an object");
  for (const name of names ? Object.keys(options) : []) {
    if (!names?.split(" ").includes(name)) throw new TypeError(`no option ${name}, but ${names}`);
  }
}

/** @throws TypeError where a KID is not a bigint of 0 to 2^64 - 1. */
export function checkKid(kid: bigint): void {
  checkUint64("kid", kid);
}

/** @throws TypeError where this is no function. */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== "function") throw new TypeError(`${name} must be a function`);
}
