/**
 * Whether a message is read as it was meant.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { isObject } from "../../bytes/takes.ts";

/** Whether two values say the same. Numbers may have been rounded: degrees are. */
export function isSame(meant: unknown, read: unknown): boolean {
  if (typeof meant === "number" && typeof read === "number") return Math.abs(meant - read) < 1e-6;
  if (meant instanceof Uint8Array && read instanceof Uint8Array) return bytesEqual(meant, read);
  if (Array.isArray(meant) && Array.isArray(read)) {
    return meant.length === read.length && meant.every((each, i) => isSame(each, read[i]));
  }
  if (!isObject(meant) || !isObject(read)) return meant === read;
  const names = new Set([...Object.keys(meant), ...Object.keys(read)]);
  return Array.from(names).every((name) => isSame(meant[name], read[name]));
}
