/**
 * What snapshots are wrapped in: a mark, a version, a checksum, and msgpack. The checksum is checked before anything is
 * decoded; it finds damage, and is no protection against a forger.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { hash } from "#symmetric";
import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { concat } from "../../bytes/concat.ts";
import { utf8 } from "../../bytes/text.ts";
import { CopseError } from "../../errors.ts";
import { packBetween, unpack } from "./msgpack.ts";

/** What a stored byte string is. */
export type StoredKind = "group" | "pending" | "observer";

const marks: Readonly<Record<StoredKind, Uint8Array>> = {
  group: utf8("copse-group"),
  pending: utf8("copse-pending"),
  observer: utf8("copse-observer"),
};
const checksumLength = 32;

/** What stored bytes say that they are, by their first bytes. */
export function markOf(bytes: Uint8Array): StoredKind | undefined {
  const kinds = Object.keys(marks) as StoredKind[];
  return kinds.find((kind) => bytesEqual(bytes.subarray(0, marks[kind].length), marks[kind]));
}

/** Wrap a plain value: numbers, strings, booleans, null, byte strings, arrays and objects of these. */
export function wrap(kind: StoredKind, version: number, value: unknown): Bytes {
  const whole = packBetween(concat(marks[kind], new Uint8Array([version])), value, checksumLength);
  const end = whole.length - checksumLength;
  whole.set(hash("sha256", whole.subarray(0, end)), end);
  return whole;
}

/**
 * The value inside. Its byte strings are copies.
 *
 * @throws CopseError "snapshot-damaged", or "snapshot-version" for a version that is newer than `newest`.
 */
export function unwrap(
  kind: StoredKind,
  newest: number,
  bytes: Uint8Array,
): { readonly version: number; readonly value: unknown } {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("a snapshot is a Uint8Array");
  const mark = marks[kind];
  const version = bytes[mark.length];
  const end = bytes.length - checksumLength;
  if (version === undefined || end <= mark.length || !bytesEqual(bytes.subarray(0, mark.length), mark)) {
    throw new CopseError("snapshot-damaged", { detail: `not a stored ${kind}` });
  }
  const body = copyBytes(bytes.subarray(0, end));
  if (!bytesEqual(hash("sha256", body), bytes.subarray(end))) throw new CopseError("snapshot-damaged");
  if (version > newest) throw new CopseError("snapshot-version", { got: version, expected: newest });
  try {
    return { version, value: unpack(body.subarray(mark.length + 1)) };
  } finally {
    body.fill(0);
  }
}
