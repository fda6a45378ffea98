/**
 * Base keys and KIDs of an MLS group's epochs. RFC 9605 section 5.2.
 *
 *      64-S-E bits   S bits   E bits
 *     <-----------> <------> <------>
 *     +-------------+--------+-------+
 *     | Context ID  | Index  | Epoch |
 *     +-------------+--------+-------+
 */

import { nothing } from "../bytes/nothing.ts";
import { CopseError } from "../errors.ts";
import { checkBytes, checkFunction, checkKid, checkOptions } from "./arguments.ts";
import { checkCount, checkUint64 } from "../bytes/numbers.ts";
import { joinFields, splitFields } from "./kid.ts";
import type { SFrameSuite } from "./suites.ts";

/** The most epoch bits that this library works with, so that the epochs held are bounded; the RFC leaves E open. */
export const maxEpochBits = 16;

/** MLS-Exporter of one epoch, RFC 9420 section 8.5: `length` bytes. A group's `exportSecret` is one. */
export type MlsExporter = (label: string, context: Uint8Array, length: number) => Uint8Array;

/** The three parts of a KID. */
export interface MlsKid {
  /** Chosen by the sender, one for each of its uncoordinated streams: 0 gives the shortest KIDs. */
  readonly context: bigint;
  /** The sender's leaf index. */
  readonly leafIndex: number;
  /** The epoch. A KID carries its low `epochBits` bits only. */
  readonly epoch: bigint;
}

/** How a KID is divided. */
export interface MlsKidLayout {
  /** E: how many bits of the epoch a KID carries, 0 to 16. */
  readonly epochBits: number;
  /** The width of the ratchet tree: the number of its leaves, blank ones included. It gives S: see `leafBits`. */
  readonly treeWidth: number;
}

/** The exporter's label for base keys; the context is empty. */
export const baseKeyLabel = "SFrame 1.0 Base Key";

/**
 * `base_key` of an epoch: MLS-Exporter("SFrame 1.0 Base Key", "", AEAD.Nk).
 *
 * @returns The exporter's own array. The caller wipes it.
 * @throws TypeError where the exporter gives something else than AEAD.Nk bytes.
 */
export function sframeBaseKey(exporter: MlsExporter, suite: SFrameSuite): Uint8Array {
  checkFunction("exporter", exporter);
  checkOptions(suite);
  const baseKey = exporter(baseKeyLabel, nothing, suite.keyLength);
  checkBytes("exporter()", baseKey, [suite.keyLength, suite.keyLength]);
  return baseKey;
}

/**
 * S, "the smallest value such that group_size <= (1 << S)".
 *
 * The RFC's "group size" is ambiguous where leaves are blank: members may have an index beyond their number. Here it is
 * the width of the ratchet tree (RFC 9420 section 4.1.1: a power of two), which bounds every index and which all
 * members of an epoch know.
 *
 * @throws TypeError where the width is not a whole number of 1 to 2^31.
 */
export function leafBits(treeWidth: number): number {
  checkCount("treeWidth", treeWidth, [1, 2 ** 31]);
  return Math.ceil(Math.log2(treeWidth));
}

/**
 * `(context << (S + E)) + (sender_index << E) + (epoch % (1 << E))`.
 *
 * @throws CopseError "sframe-kid-range" where the leaf is outside the tree, or the context does not fit.
 * @throws TypeError where an argument is not what it must be.
 */
export function mlsKid(parts: MlsKid & MlsKidLayout): bigint {
  checkOptions(parts);
  const { context, leafIndex, epoch, epochBits, treeWidth } = parts;
  checkCount("epochBits", epochBits, [0, maxEpochBits]);
  checkUint64("context", context);
  checkUint64("epoch", epoch);
  checkCount("leafIndex", leafIndex, [0, 2 ** 32 - 1]);
  const s = leafBits(treeWidth);
  if (leafIndex >= treeWidth) throw new CopseError("sframe-kid-range");
  return joinFields(joinFields(context, BigInt(leafIndex), s), epoch, epochBits);
}

/**
 * The parts of a KID; of the epoch, its low `epochBits` bits. Any KID has them: whether there is such a member is for
 * the group to say.
 *
 * @throws TypeError where an argument is not what it must be.
 */
export function splitMlsKid(kid: bigint, layout: MlsKidLayout): MlsKid {
  checkKid(kid);
  checkOptions(layout);
  const { epochBits, treeWidth } = layout;
  checkCount("epochBits", epochBits, [0, maxEpochBits]);
  const [contextAndIndex, low] = splitFields(kid, epochBits);
  const [context, index] = splitFields(contextAndIndex, leafBits(treeWidth));
  return { context, leafIndex: Number(index), epoch: low };
}
