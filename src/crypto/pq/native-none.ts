/**
 * Where `node:crypto` is not, noble's implementations do everything.
 */

import type { Primitives } from "./primitives.ts";

/** noble's. */
export function nativeOr(noble: Primitives): Primitives {
  return noble;
}
