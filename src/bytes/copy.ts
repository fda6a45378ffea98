/**
 * Copies of what a caller hands in. Never with `slice`: that of a Node Buffer is a view of the same memory, which the
 * caller would then change under the engine, or the engine wipe under the caller.
 */

import type { Bytes } from "./bytes.ts";

/**
 * The same bytes in memory of their own, as a plain Uint8Array.
 *
 * @throws TypeError where the value is none.
 */
export function copyBytes(bytes: Uint8Array): Bytes {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("expected a Uint8Array");
  return new Uint8Array(bytes);
}
