/**
 * AES-128-GCM with a tag of 8 bytes by `node:crypto`, in Node, Deno and Bun: `authTagLength` is one of GCM's own parameters.
 */

import { createCipheriv, createDecipheriv } from "node:crypto";
import { plain } from "./plain.ts";
import { shortTagLength, type ShortSealed } from "./short-gcm.ts";

const tagOption = { authTagLength: shortTagLength } as const;

export function shortGcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): ShortSealed {
  const cipher = createCipheriv("aes-128-gcm", key, nonce, tagOption);
  if (associatedData.length > 0) cipher.setAAD(associatedData);
  const ciphertext = plaintext.length > 0 ? cipher.update(plaintext) : plaintext;
  cipher.final();
  return { ciphertext, tag: cipher.getAuthTag() };
}

export function shortGcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  { ciphertext, tag }: ShortSealed,
): Uint8Array | undefined {
  if (tag.length !== shortTagLength) return undefined; // else a tag of 4 bytes, which GCM has too, is asked for
  const decipher = createDecipheriv("aes-128-gcm", key, nonce, tagOption);
  if (associatedData.length > 0) decipher.setAAD(associatedData);
  decipher.setAuthTag(tag);
  const plaintext = ciphertext.length > 0 ? decipher.update(ciphertext) : new Uint8Array(0);
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return undefined;
  }
  return plain(plaintext);
}
