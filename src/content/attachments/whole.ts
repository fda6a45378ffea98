/**
 * Attachments of other MIMI clients: encrypted whole, under an AEAD of IANA's registry. draft-ietf-mimi-content section 3.5:
 * "Implementations of this specification MUST implement the AES-128-GCM algorithm."
 */

import { attempt } from "../../bytes/attempt.ts";
import { aesGcmOpen, chacha20Poly1305Open, hash } from "#symmetric";
import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { CopseError } from "../../errors.ts";
import { ContentError } from "../errors.ts";
import { takesFile } from "./encrypt.ts";
import type { EncryptedFile } from "./format.ts";

interface Aead {
  readonly keyLength: number;
  readonly open: typeof aesGcmOpen;
}

/** IANA's AEAD algorithms. */
const aeads: ReadonlyMap<number, Aead> = /* @__PURE__ */ new Map([
  [1, { keyLength: 16, open: aesGcmOpen }],
  [2, { keyLength: 32, open: aesGcmOpen }],
  [29, { keyLength: 32, open: chacha20Poly1305Open }],
]);

/** IANA's Named Information hash algorithms. */
const hashes: ReadonlyMap<number, "sha256" | "sha384" | "sha512"> = /* @__PURE__ */ new Map([
  [1, "sha256"],
  [7, "sha384"],
  [8, "sha512"],
]);

/** As much as is held in memory by default. */
const longestWhole = 64 * 2 ** 20;

/**
 * The plaintext of an attachment of another client, which has to be in memory whole. Its AEAD commits to no key: of two contents that a
 * report and a reader see, both can be authentic, unless it has a hash.
 *
 * @throws ContentError "attachment-unsupported", "attachment-limit", "attachment-damaged".
 */
export function decryptWhole(file: EncryptedFile, ciphertext: Uint8Array, limit: number = longestWhole): Bytes {
  takesFile("file", file);
  checkCount("limit", limit, [0, Number.MAX_SAFE_INTEGER]);
  if (!(ciphertext instanceof Uint8Array)) throw new TypeError("ciphertext must be a Uint8Array");
  const { encAlg, key, nonce, aad, hashAlg, contentHash } = file;
  if (ciphertext.length > limit) throw new ContentError("attachment-limit");
  const name = hashes.get(hashAlg);
  if (name === undefined && hashAlg !== 0) throw new ContentError("attachment-unsupported");
  if (name !== undefined && !bytesEqual(hash(name, ciphertext), contentHash)) {
    throw new ContentError("attachment-damaged");
  }
  if (encAlg === 0) return copyBytes(ciphertext);
  const aead = aeads.get(encAlg);
  if (aead?.keyLength !== key.length || nonce.length !== 12) throw new ContentError("attachment-unsupported");
  const plaintext = attempt(CopseError, () => aead.open(key, nonce, aad, ciphertext));
  if (plaintext === undefined) throw new ContentError("attachment-damaged");
  return asBytes(plaintext);
}
