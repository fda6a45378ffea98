/**
 * Randomness: the platform's source, and the check that every source is held to.
 */

import { CopseError } from "../errors.ts";
import type { Random } from "./provider.ts";

/** The most that `crypto.getRandomValues` gives at once, in bytes. */
const quota = 65_536;

/**
 * The platform's cryptographic random source, `crypto.getRandomValues`.
 *
 * @throws CopseError "random-source" where the platform has none (React Native): inject a source of your own there.
 */
export const platformRandom: Random = (length) => {
  const source = (globalThis as { readonly crypto?: Partial<Crypto> }).crypto;
  if (typeof source?.getRandomValues !== "function") {
    throw new CopseError("random-source", { detail: "the platform has no crypto.getRandomValues" });
  }
  const bytes = new Uint8Array(length);
  if (length <= quota) return source.getRandomValues(bytes);
  for (let start = 0; start < length; start += quota) source.getRandomValues(bytes.subarray(start, start + quota));
  return bytes;
};

/**
 * Bytes of a source, checked to be as many as were asked for.
 *
 * @throws CopseError "random-source" where the source fails or gives another number of bytes.
 */
export function randomBytes(random: Random, length: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = random(length);
  } catch (cause) {
    throw cause instanceof CopseError ? cause : new CopseError("random-source", { cause });
  }
  if (!(bytes instanceof Uint8Array) || bytes.length !== length) throw new CopseError("random-source");
  return bytes;
}

/** A source whose every answer is checked. @throws TypeError where it is no function. */
export function checkedRandom(random: Random): Random {
  if (typeof random !== "function") throw new TypeError("a random source is a function");
  if (random === platformRandom) return random; // it is as checked as can be, and some platforms know it again
  return (length) => randomBytes(random, length);
}
