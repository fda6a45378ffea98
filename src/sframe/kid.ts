/**
 * KIDs as applications build them: bit fields, one behind another. RFC 9605 section 5.
 */

import { CopseError } from "../errors.ts";

/**
 * `(high << bits) + (low % (1 << bits))`.
 *
 * @throws CopseError "sframe-kid-range" where the result has more than 64 bits.
 */
export function joinFields(high: bigint, low: bigint, bits: number): bigint {
  if (high >> BigInt(64 - bits) !== 0n) throw new CopseError("sframe-kid-range");
  return (high << BigInt(bits)) | BigInt.asUintN(bits, low);
}

/** The two fields of a value. */
export function splitFields(value: bigint, bits: number): readonly [high: bigint, low: bigint] {
  return [value >> BigInt(bits), BigInt.asUintN(bits, value)];
}
