/**
 * Plain arrays out of the Buffers that `node:crypto` gives.
 */

/** The bytes as a Uint8Array that is no Buffer: the same memory where it is this one's alone, and a copy of a pool's. */
export function plain(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}
