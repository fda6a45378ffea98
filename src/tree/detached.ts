/**
 * Values that stand alone: a leaf that enters the tree must not keep the whole message that it came in alive.
 */

import { copyBytes } from "../bytes/copy.ts";
import { decode, type Codec } from "../codec/codec.ts";
import { encodingOf } from "../codec/retained.ts";
import { unlimited } from "../codec/limits.ts";

/** The same value over a copy of its own bytes, unless it already has them to itself. */
export function detached<T extends object>(codec: Codec<T>, value: T): T {
  const bytes = encodingOf(codec, value);
  if (bytes.buffer.byteLength <= 2 * bytes.length) return value;
  return decode(codec, copyBytes(bytes), { limits: unlimited });
}
