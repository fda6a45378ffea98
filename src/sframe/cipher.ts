/**
 * AES-CTR with HMAC: an AEAD with short tags, encrypt-then-MAC. RFC 9605 section 4.5.1.
 */

import { constantTimeEqual } from "../bytes/compare.ts";
import { concat } from "../bytes/concat.ts";
import type { Secret } from "../bytes/secret.ts";
import { CopseError } from "../errors.ts";
import { uint64 } from "./arguments.ts";
import type { FrameCipher, SFrameCrypto } from "./crypto.ts";
import { perform, type Form } from "./form.ts";
import type { SFrameSuite } from "./suites.ts";

/** The AEAD of a suite under a key, which becomes the cipher's to wipe. */
export function frameCipher<F extends Form>(
  crypto: SFrameCrypto<F>,
  suite: SFrameSuite,
  key: Secret<"sframe key">,
): FrameCipher<F> {
  if (suite.aead === "gcm") return crypto.gcm(key);
  const { form } = crypto;
  const { tagLength } = suite;
  const { ctr, hmac, wipe } = crypto.ctrHmac(suite, key);
  return {
    seal: (nonce, aad, plaintext) =>
      perform<F, Uint8Array, Uint8Array>(form, {
        begin: () => ctr(initialCounter(nonce), plaintext),
        done: (ciphertext) =>
          perform(form, {
            begin: () => hmac(authData(tagLength, nonce, aad, ciphertext)),
            done: (mac: Uint8Array) => concat(ciphertext, mac.subarray(0, tagLength)),
          }),
      }),
    open: (nonce, aad, ciphertext) => {
      // A ciphertext that is shorter than a tag has no tag of that length at its end, and is refused like any other.
      const length = ciphertext.length - tagLength;
      const tag = new Uint8Array(ciphertext.subarray(length));
      const data = authData(tagLength, nonce, aad, ciphertext.subarray(0, length));
      return perform<F, Uint8Array, Uint8Array>(form, {
        begin: () => hmac(data),
        done: (mac) => {
          if (!constantTimeEqual(mac.subarray(0, tagLength), tag)) throw new CopseError("sframe-open");
          // What is decrypted is the copy that was verified: the caller's array may have changed since.
          return ctr(initialCounter(nonce), data.subarray(data.length - length));
        },
      });
    },
    wipe,
  };
}

/** `initial_counter`: the nonce and four zero bytes. */
function initialCounter(nonce: Uint8Array): Uint8Array {
  return concat(nonce, new Uint8Array(4));
}

/** `auth_data`, in an array of its own that ends in the ciphertext. */
function authData(tagLength: number, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const lengths = [aad.length, ciphertext.length, tagLength].map((length) => uint64(BigInt(length)));
  return concat(...lengths, nonce, aad, ciphertext);
}
