/**
 * Structs that keep the bytes they were read from. What is hashed or signed is never encoded again: the bytes that a
 * peer signed are the bytes that are verified.
 */

import { encode, type Codec } from "./codec.ts";

const encodings = new WeakMap<object, Uint8Array>();

/** A codec whose values remember their encoding, from reading or from the first writing. Values must not change. */
export function retained<T extends object>(codec: Codec<T>): Codec<T> {
  return {
    write: (out, value) => out.raw(encodingOf(codec, value)),
    read: (input) => {
      const start = input.offset;
      const value = codec.read(input);
      encodings.set(value, input.bytes.subarray(start, input.offset));
      return value;
    },
  };
}

/** The encoding of a value: the bytes that it was read from, or else the codec's, made once. */
export function encodingOf<T extends object>(codec: Codec<T>, value: T): Uint8Array {
  let bytes = encodings.get(value);
  if (bytes === undefined) {
    bytes = encode(codec, value);
    encodings.set(value, bytes);
  }
  return bytes;
}
