/**
 * Plain values as msgpack bytes: numbers, strings, booleans, null, byte strings, arrays and maps of these.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { Packr } from "#msgpack";
import { CopseError } from "../../errors.ts";

/** `variableMapSize`: without it, a map ends at 65,535 entries. */
const packr = new Packr({ useRecords: false, structuredClone: false, variableMapSize: true });

/** A value's bytes, the caller's own. */
export function pack(value: unknown): Bytes {
  const packed = packr.pack(value);
  const own = new Uint8Array(packed);
  packed.fill(0);
  return own;
}

/** The same behind one byte more, without a second copy. */
export function packBehind(first: number, value: unknown): Bytes {
  const packed = packr.pack(value);
  const own = new Uint8Array(1 + packed.length);
  own[0] = first;
  own.set(packed, 1);
  packed.fill(0);
  return own;
}

/** The same behind other bytes, with room for so many behind it. */
export function packBetween(first: Uint8Array, value: unknown, room: number): Bytes {
  const packed = packr.pack(value);
  const own = new Uint8Array(first.length + packed.length + room);
  own.set(first);
  own.set(packed, first.length);
  packed.fill(0);
  return own;
}

/**
 * The value of some bytes. Its byte strings are copies.
 *
 * @throws CopseError "snapshot-damaged".
 */
export function unpack(bytes: Uint8Array): unknown {
  try {
    return owned(packr.unpack(bytes));
  } catch {
    // Without its cause: where bytes are left over, msgpackr's error shows what it has read, and that is secret.
    throw new CopseError("snapshot-damaged");
  }
}

/**
 * msgpackr hands out views of buffers that it uses again: copy every byte string. What it can't have from `pack` is
 * refused: dates, sets and other classes of its extension types.
 */
function owned(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    throw new CopseError("snapshot-damaged");
  }
  // In its place: arrays and maps are msgpackr's no more.
  const inner = value as Record<string, unknown>;
  for (const key of Object.keys(inner)) if (typeof inner[key] === "object") inner[key] = owned(inner[key]);
  return value;
}
