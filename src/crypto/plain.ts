/**
 * Plain arrays out of the Buffers that `node:crypto` gives.
 */

/**
 * The bytes as a Uint8Array that is no Buffer: over the same memory where the Buffer has it alone, and a copy where it
 * is a part of Node's pool.
 */
export function plain(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}
