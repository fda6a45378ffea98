/**
 * Single-stage KDFs, an extendable output function each, and LabeledDerive over one. The post-quantum KEMs derive their key
 * pairs with SHAKE256. draft-ietf-hpke-hpke section 4; draft-ietf-hpke-pq section 5.
 */

import { shake256 } from "@noble/hashes/sha3.js";
import { concat } from "../../bytes/concat.ts";
import { utf8 } from "../../bytes/text.ts";

/** Derive(ikm, L). */
export type Derive = (ikm: Uint8Array, length: number) => Uint8Array;

/** What LabeledDerive names its output by. */
export interface DerivedFor {
  /** "KEM" or "HPKE" and the numbers of the algorithms. */
  readonly suiteId: Uint8Array;
  readonly label: string;
  readonly context?: Uint8Array;
}

/** SHAKE256.Derive */
export const shake256Derive: Derive = (ikm, length) => shake256(ikm, { dkLen: length });

/** LabeledDerive(ikm, label, context, L) */
export function labeledDerive(
  derive: Derive,
  ikm: Uint8Array,
  { suiteId, label, context = new Uint8Array(0) }: DerivedFor,
  length: number,
): Uint8Array {
  const name = utf8(label);
  // concat(ikm, "HPKE-v1", suite_id, lengthPrefixed(label), I2OSP(L, 2), context)
  const labeled = concat(ikm, utf8("HPKE-v1"), suiteId, uint16(name.length), name, uint16(length), context);
  try {
    return derive(labeled, length);
  } finally {
    labeled.fill(0);
  }
}

/** SHAKE256.LabeledDerive(ikm, "DeriveKeyPair", "", L), where the suite_id is "KEM" and the number of the KEM. */
export function deriveKeySeed(kem: number, ikm: Uint8Array, length: number): Uint8Array {
  const suiteId = concat(utf8("KEM"), uint16(kem));
  return labeledDerive(shake256Derive, ikm, { suiteId, label: "DeriveKeyPair" }, length);
}

/** I2OSP(value, 2) */
export function uint16(value: number): Uint8Array {
  return new Uint8Array([value >> 8, value & 0xff]);
}
