/**
 * The empty byte string, once: a salt, a context, associated data, a hash or a parent hash that there is none of.
 */

/** No bytes. It has none to change, so that all may share it. */
export const nothing: Uint8Array = new Uint8Array(0);
