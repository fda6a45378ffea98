/**
 * Comparing byte strings: in constant time where either side is secret, in order where a list must be sorted.
 */

/**
 * Whether two byte strings are equal. The time depends on the lengths only, never on the contents: use it for tags,
 * MACs, keys and secrets.
 *
 * @throws TypeError where one is no byte string.
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  // Of strings, every two of one length would be equal.
  if (!(a instanceof Uint8Array && b instanceof Uint8Array)) throw new TypeError("a and b must be Uint8Arrays");
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Whether two public byte strings are equal. Stops at the first difference: never use it on a secret. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
