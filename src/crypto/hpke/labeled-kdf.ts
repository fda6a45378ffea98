/**
 * The key derivation of HPKE: every use names the suite and the purpose. RFC 9180 section 4.
 */

import { concat } from "../../bytes/concat.ts";
import { utf8 } from "../../bytes/text.ts";

const version = utf8("HPKE-v1");

/** HKDF with one hash: what a suite has, and what its KEM is given. */
export interface Kdf {
  extract(salt: Uint8Array, ikm: Uint8Array): Uint8Array;
  expand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array;
}

/** LabeledExtract(salt, label, ikm) under this suite_id. */
export function labeledExtract(
  kdf: Kdf,
  suiteId: Uint8Array,
  salt: Uint8Array,
  label: Uint8Array,
  ikm: Uint8Array,
): Uint8Array {
  const labeled = concat(version, suiteId, label, ikm);
  const prk = kdf.extract(salt, labeled);
  labeled.fill(0);
  return prk;
}

/** LabeledExpand(prk, label, info, L) under this suite_id. */
export function labeledExpand(
  kdf: Kdf,
  suiteId: Uint8Array,
  prk: Uint8Array,
  label: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const size = new Uint8Array([length >> 8, length & 0xff]);
  return kdf.expand(prk, concat(size, version, suiteId, label, info), length);
}
