/**
 * The empty byte string, once: a salt, a context, associated data, a hash or a parent hash that there is none of.
 */

import type { Bytes } from "./bytes.ts";

/** No bytes. It has none to change, so that all may share it. */
export const nothing: Bytes = new Uint8Array(0);
