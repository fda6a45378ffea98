/**
 * AES-128-GCM with a tag of 8 bytes in plain JavaScript, for every platform without `node:crypto`. What @noble/ciphers calls
 * `gcm` opens nothing without all 16 bytes of a tag, so opening is put together from its parts, GHASH and CTR, as NIST SP
 * 800-38D section 7.2 does: first the tag, then the plaintext.
 */

import { ghash } from "@noble/ciphers/_polyval.js";
import { ctr, gcm } from "@noble/ciphers/aes.js";
import { constantTimeEqual } from "../bytes/compare.ts";
import { shortTagLength, type ShortSealed } from "./short-gcm.ts";

const blockLength = 16;

export function shortGcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): ShortSealed {
  const sealed = gcm(key, nonce, associatedData).encrypt(plaintext);
  const { length } = plaintext;
  return { ciphertext: sealed.subarray(0, length), tag: sealed.subarray(length, length + shortTagLength) };
}

export function shortGcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  { ciphertext, tag }: ShortSealed,
): Uint8Array | undefined {
  const expected = tagOf(key, nonce, associatedData, ciphertext);
  if (!constantTimeEqual(expected.subarray(0, shortTagLength), tag)) return undefined;
  return ctr(key, counterBlock(nonce, 2)).decrypt(ciphertext);
}

/** GHASH_H(A, C, lengths) XOR E(K, J0), where H = E(K, 0) and J0 = nonce, 1. SP 800-38D section 7.1 */
function tagOf(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const zeros = new Uint8Array(blockLength);
  const hashKey = ctr(key, zeros).encrypt(zeros);
  const lengths = new Uint8Array(blockLength);
  const view = new DataView(lengths.buffer);
  view.setUint32(4, 8 * associatedData.length); // frames have less than 2^29 bytes
  view.setUint32(12, 8 * ciphertext.length);
  // noble fills each of these up with zeros to whole blocks, and wants to read words
  const tag = ghash.create(hashKey, associatedData.length + ciphertext.length);
  for (const part of [associatedData, ciphertext, lengths]) tag.update(aligned(part));
  const bytes = tag.digest();
  const mask = ctr(key, counterBlock(nonce, 1)).encrypt(zeros);
  for (let i = 0; i < blockLength; i++) bytes[i]! ^= mask[i]!;
  hashKey.fill(0);
  return bytes;
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}

/** A nonce of 12 bytes and a counter: no frame is so long that it would wrap. */
function counterBlock(nonce: Uint8Array, counter: number): Uint8Array {
  const block = new Uint8Array(blockLength);
  block.set(nonce);
  block[blockLength - 1] = counter;
  return block;
}
