/**
 * The type of bytes that leave copse.
 */

/**
 * Bytes that WebSocket.send, fetch and crypto.subtle take, which refuse shared memory: `Uint8Array<ArrayBuffer>`. Written so that
 * TypeScript before 5.7, where Uint8Array has no parameter, reads it too. What copse is given may be any Uint8Array.
 */
export type Bytes = ReturnType<Uint8Array["slice"]>;

/** The same bytes. What a provider made in shared memory is copied out of it. */
export function asBytes(bytes: Uint8Array): Bytes {
  return isUnshared(bytes) ? bytes : new Uint8Array(bytes);
}

function isUnshared(bytes: Uint8Array): bytes is Bytes {
  return bytes.buffer instanceof ArrayBuffer;
}
