/**
 * HKDF over the platform's HMAC. RFC 5869.
 */

import { checkCount } from "../bytes/numbers.ts";
import type { HashName, Symmetric } from "./symmetric.ts";

/** The output lengths of the hash functions, in bytes. */
const hashLengths: Readonly<Record<HashName, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/** HKDF-Extract: an empty salt stands for a string of zeros. */
export function hkdfExtract(
  symmetric: Pick<Symmetric, "hmac">,
  hash: HashName,
  salt: Uint8Array,
  ikm: Uint8Array,
): Uint8Array {
  return symmetric.hmac(hash, salt, ikm); // HMAC pads its key with zeros: an empty one is already HashLen zeros
}

/**
 * HKDF-Expand. Up to the hash's length it is a single HMAC.
 *
 * @throws TypeError where `length` is more than 255 times the hash's length.
 */
export function hkdfExpand(
  symmetric: Pick<Symmetric, "hmac">,
  hash: HashName,
  prk: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const hashLength = hashLengths[hash];
  checkCount("length", length, [0, 255 * hashLength]);
  let block: Uint8Array = new Uint8Array(0);
  const okm = new Uint8Array(length);
  for (let done = 0, counter = 1; done < length; counter++) {
    const input = new Uint8Array(block.length + info.length + 1);
    input.set(block);
    input.set(info, block.length);
    input[input.length - 1] = counter;
    block.fill(0);
    block = symmetric.hmac(hash, prk, input);
    input.fill(0);
    if (length === hashLength) return block;
    okm.set(block.subarray(0, length - done), done);
    done += hashLength;
  }
  block.fill(0);
  return okm;
}
