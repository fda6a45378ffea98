/**
 * Values that come again: the members of a group mostly say the same about themselves, a thousand times in one tree.
 */

import { nothing } from "../bytes/nothing.ts";
import type { Codec } from "./codec.ts";
import type { Limits } from "./limits.ts";

/** Bytes of a value that is kept: a longer one is somebody's mistake or somebody's attack, and would stay here for good. */
const most = 1_024;

/**
 * A codec of lists of numbers that gives its latest value again where the same bytes come again, instead of another one like
 * it. What is read is frozen, for it may be many values' part.
 */
export function shared<T extends { readonly [K in keyof T]: readonly number[] }>(codec: Codec<T>): Codec<T> {
  let latest: T | undefined;
  let bytes: Uint8Array = nothing;
  let limits: Limits | undefined; // within others it may be too long
  return {
    write: codec.write,
    read: (input) => {
      if (latest !== undefined && limits === input.limits && input.skip(bytes)) return latest;
      const start = input.offset;
      const value = codec.read(input);
      if (input.offset - start > most) return value;
      for (const list of Object.values<readonly number[]>(value)) Object.freeze(list);
      [latest, bytes, limits] = [Object.freeze(value), input.bytes.slice(start, input.offset), input.limits];
      return value;
    },
  };
}
