import { checkKid, checkOptions } from "./arguments.ts";
/**
 * KIDs and base keys of the sender keys scheme: a key generation and a ratchet step. RFC 9605 section 5.1.
 */

import { utf8 } from "../bytes/text.ts";
import { hkdfExpand } from "../crypto/hkdf.ts";
import { checkCount, checkUint64 } from "../bytes/numbers.ts";
import { joinFields, splitFields } from "./kid.ts";
import { sframeSecret, type SFrameSymmetric } from "./key.ts";
import type { SFrameSuite } from "./suites.ts";

/** The most step bits that this library works with; the RFC leaves R to the application. */
export const maxStepBits = 16;

/** The two parts of a KID. */
export interface RatchetKid {
  /** The key generation, 0 to 2^(64 - stepBits) - 1. */
  readonly generation: bigint;
  /** The ratchet step. A KID carries its low `stepBits` bits only. */
  readonly step: bigint;
}

/**
 * `(key_generation << R) + (ratchet_step % (1 << R))`, with R as `stepBits`.
 *
 * @throws CopseError "sframe-kid-range" where the generation does not fit.
 * @throws TypeError where an argument is not what it must be.
 */
export function ratchetKid(parts: RatchetKid & { readonly stepBits: number }): bigint {
  checkOptions(parts);
  const { generation, step, stepBits } = parts;
  checkCount("stepBits", stepBits, [0, maxStepBits]);
  checkUint64("generation", generation);
  checkUint64("step", step);
  return joinFields(generation, step, stepBits);
}

/**
 * The parts of a KID; of the step, its low `stepBits` bits.
 *
 * @throws TypeError where an argument is not what it must be.
 */
export function splitRatchetKid(kid: bigint, stepBits: number): RatchetKid {
  checkKid(kid);
  checkCount("stepBits", stepBits, [0, maxStepBits]);
  const [generation, step] = splitFields(kid, stepBits);
  return { generation, step };
}

/** The base key one step on: Hash.Nh bytes. The caller wipes both. */
export function ratchetBaseKey(symmetric: SFrameSymmetric, suite: SFrameSuite, baseKey: Uint8Array): Uint8Array {
  const secret = sframeSecret(symmetric, suite, baseKey);
  const next = hkdfExpand(symmetric, suite.hash, secret, utf8("SFrame 1.0 Ratchet"), suite.hashLength);
  secret.fill(0);
  return next;
}
