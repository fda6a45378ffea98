/**
 * A random source for tests: it repeats itself in every run.
 */

import type { Random } from "../../src/crypto/provider.ts";

/** Bytes that look random and are the same in every run. */
export function pseudorandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 11) & 0xff;
    });
}
