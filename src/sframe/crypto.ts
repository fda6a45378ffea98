/**
 * Where SFrame's cryptography is done: an interface, and its synchronous form over the platform's symmetric primitives.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { aesCtr, aesGcmOpen, aesGcmSeal, sframeHmac as hmac } from "#symmetric";
import type { Secret } from "../bytes/secret.ts";
import { checkFunction } from "./arguments.ts";
import type { Form, Result } from "./form.ts";
import type { SFrameSymmetric } from "./key.ts";
import type { SFrameSuite } from "./suites.ts";

/** What a cipher has given, as an array. */
export function asArray(bytes: Uint8Array | ArrayBuffer): Bytes {
  return bytes instanceof Uint8Array ? (bytes as Bytes) : new Uint8Array(bytes); // ciphers make no shared memory
}

/**
 * An AEAD under one key. The plaintext and the ciphertext are read before the first wait; nonce and associated data do
 * not change before the result is there. WebCrypto's results are taken as they come: an array of each would be one more
 * promise on the way of every frame.
 */
export interface FrameCipher<F extends Form> {
  /**
   * The ciphertext with its tag behind it. An implementation may leave `room` bytes in front of it, for the header; one
   * that would have to copy the ciphertext for them leaves none.
   */
  readonly seal: (
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    room?: number,
  ) => Result<F, Uint8Array | ArrayBuffer>;
  /** The plaintext. @throws Error of any kind where the ciphertext is not authentic. */
  readonly open: (nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array) => Result<F, Uint8Array | ArrayBuffer>;
  /** Forget the key. */
  readonly wipe: () => void;
}

/** AES-CTR and HMAC under the two subkeys of one key. Inputs are read before the first wait. */
export interface CtrHmacKeys<F extends Form> {
  /** AES-CTR from a 16-byte initial counter block: its own inverse. */
  readonly ctr: (counterBlock: Uint8Array, data: Uint8Array) => Result<F, Uint8Array>;
  /** HMAC with the suite's hash, not truncated. */
  readonly hmac: (data: Uint8Array) => Result<F, Uint8Array>;
  /** Forget the keys. */
  readonly wipe: () => void;
}

/** Where SFrame's cryptography is done. Senders and receivers take one as an option. */
export interface SFrameCrypto<F extends Form> {
  /** Whether frames are sealed and opened at once or as promises. */
  readonly form: F;
  /** What keys are derived with: that is always synchronous. */
  readonly symmetric: SFrameSymmetric;
  /** AES-GCM under a key, which becomes the cipher's to wipe. */
  readonly gcm: (key: Secret<"sframe key">) => FrameCipher<F>;
  /** AES-CTR and HMAC under the parts of a key (section 4.5.1), which becomes the result's to wipe. */
  readonly ctrHmac: (suite: SFrameSuite, key: Secret<"sframe key">) => CtrHmacKeys<F>;
}

const platform: SFrameSymmetric = { aesCtr, aesGcmOpen, aesGcmSeal, hmac };

/**
 * The synchronous form: over the platform's primitives (node:crypto in Node, noble elsewhere), or others that the
 * caller chooses.
 *
 * @throws TypeError where one of the primitives is no function.
 */
export function syncCrypto(symmetric: SFrameSymmetric = platform): SFrameCrypto<"sync"> {
  for (const part in platform) checkFunction(`symmetric.${part}`, symmetric[part as keyof SFrameSymmetric]);
  return {
    form: "sync",
    symmetric,
    gcm: (secret) => ({
      seal: (nonce, aad, plaintext, room) =>
        secret.use((key) => symmetric.aesGcmSeal(key, nonce, aad, plaintext, room)),
      open: (nonce, aad, ciphertext) => secret.use((key) => symmetric.aesGcmOpen(key, nonce, aad, ciphertext)),
      wipe: () => {
        secret.wipe();
      },
    }),
    ctrHmac: ({ encryptionKeyLength, hash }, secret) => ({
      ctr: (counterBlock, data) =>
        secret.use((key) => symmetric.aesCtr(key.subarray(0, encryptionKeyLength), counterBlock, data)),
      hmac: (data) => secret.use((key) => symmetric.hmac(hash, key.subarray(encryptionKeyLength), data)),
      wipe: () => {
        secret.wipe();
      },
    }),
  };
}

/** @throws TypeError where this does no cryptography. */
export function checkCrypto(crypto: { readonly gcm: unknown } | null): void {
  if (typeof crypto?.gcm !== "function") throw new TypeError("crypto must be of syncCrypto() or webCrypto()");
}

/** The default of every option `crypto`. The cast is sound: where no other is given, F is "sync". */
export function defaultCrypto<F extends Form>(): SFrameCrypto<F> {
  return syncCrypto() as unknown as SFrameCrypto<F>;
}
