/**
 * The map: a binary tree over indexes in which each has one place, so that one path proves what the newest version of an index is, or
 * that there is none. A leaf stands at the least depth where its index is alone. Like the prefix tree of draft-ietf-keytrans-protocol.
 */

import { hash } from "#symmetric";
import { bytesEqual } from "../bytes/compare.ts";
import { concat } from "../bytes/concat.ts";
import { encode, optional, struct, type Codec } from "../codec/codec.ts";
import { hashLength, LogEntry } from "./formats.ts";

const leafPrefix = Uint8Array.of(2);
const branchPrefix = Uint8Array.of(3);
/** The hash where nothing is. */
export const nowhere: Uint8Array = new Uint8Array(hashLength);
/** The bits of an index. */
const depthLimit = 8 * hashLength;

/** The hash of a leaf. */
export function mapLeaf(entry: LogEntry): Uint8Array {
  return hash("sha256", concat(leafPrefix, encode(LogEntry, entry)));
}

/** The hash of a branch. */
export function mapBranch(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash("sha256", concat(branchPrefix, left, right));
}

/** A bit of an index: 0 is left. */
export function bitOf(index: Uint8Array, depth: number): number {
  return (index[depth >> 3]! >> (7 - (depth & 7))) & 1;
}

/** The hashes beside a path, from the root down. */
const Siblings: Codec<readonly Uint8Array[]> = {
  write: (out, siblings) => {
    out.u16(siblings.length);
    const present = new Uint8Array(Math.ceil(siblings.length / 8));
    const written = siblings.filter((sibling, depth) => {
      if (bytesEqual(sibling, nowhere)) return false;
      present[depth >> 3]! |= 0x80 >> (depth & 7);
      return true;
    });
    out.raw(present);
    for (const sibling of written) out.raw(sibling);
  },
  read: (input) => {
    const depth = input.u16();
    if (depth > depthLimit) throw input.fail("decode-value");
    const present = input.take(Math.ceil(depth / 8));
    return Array.from({ length: depth }, (_, i) => (bitOf(present, i) === 1 ? input.take(hashLength) : nowhere));
  },
};

/** A path, and who else stands at its end where the index itself doesn't. */
export interface MapProof {
  readonly siblings: readonly Uint8Array[];
  readonly other: LogEntry | undefined;
}
export const MapProof: Codec<MapProof> = struct<MapProof>({ siblings: Siblings, other: optional(LogEntry) });

/** Whether the map with this root holds exactly this of an index: an entry, or nothing. */
export function isInMap(
  root: Uint8Array,
  { index, entry }: { readonly index: Uint8Array; readonly entry: LogEntry | undefined },
  { siblings, other }: MapProof,
): boolean {
  if (entry !== undefined && other !== undefined) return false;
  if (other !== undefined && !standsFor(other.index, index, siblings.length)) return false;
  const atEnd = entry ?? other;
  let reached = atEnd === undefined ? nowhere : mapLeaf(atEnd);
  for (let depth = siblings.length - 1; depth >= 0; depth--) {
    const sibling = siblings[depth]!;
    reached = bitOf(index, depth) === 0 ? mapBranch(reached, sibling) : mapBranch(sibling, reached);
  }
  return bytesEqual(reached, root);
}

/** Whether another index is at the place where this one would be. */
function standsFor(other: Uint8Array, index: Uint8Array, depth: number): boolean {
  for (let i = 0; i < depth; i++) if (bitOf(other, i) !== bitOf(index, i)) return false;
  return !bytesEqual(other, index);
}

/** The root over entries of different indexes, in any order. */
export function mapRootOf(entries: readonly LogEntry[], depth = 0): Uint8Array {
  if (entries.length === 0) return nowhere;
  if (entries.length === 1) return mapLeaf(entries[0]!);
  const [left, right] = [0, 1].map((bit) => entries.filter(({ index }) => bitOf(index, depth) === bit));
  return mapBranch(mapRootOf(left!, depth + 1), mapRootOf(right!, depth + 1));
}
