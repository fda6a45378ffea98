/**
 * SFrame's cryptography over WebCrypto, with keys that can't be exported again.
 *
 * In browsers this is several times faster than the synchronous form for video frames, and does its work off the
 * thread.
 */

import { CopseError } from "../errors.ts";
import { syncCrypto, type SFrameCrypto } from "./crypto.ts";
import type { SFrameSymmetric } from "./key.ts";

/** What the asynchronous form is built on. */
export interface WebCryptoOptions {
  /** Default: the platform's, which browsers offer in secure contexts only. */
  readonly subtle?: SubtleCrypto;
  /** What keys are derived with. Default: the platform's. */
  readonly symmetric?: SFrameSymmetric;
}

/**
 * The asynchronous form.
 *
 * @throws CopseError "suite-unsupported" where the platform has no WebCrypto and none is given.
 */
export function webCrypto(options: WebCryptoOptions = {}): SFrameCrypto<"async"> {
  // In an insecure context browsers have `crypto` without `subtle`, whatever the types say.
  const subtle = options.subtle ?? (globalThis.crypto as Partial<Crypto> | undefined)?.subtle;
  if (subtle === undefined) throw new CopseError("suite-unsupported", { detail: "WebCrypto" });

  const imported = (
    bytes: Uint8Array,
    algorithm: string | HmacImportParams,
    usages: readonly KeyUsage[],
  ): Promise<CryptoKey> => {
    const key = subtle.importKey("raw", new Uint8Array(bytes), algorithm, false, usages);
    key.catch(() => undefined); // whoever uses the key meets the failure
    return key;
  };

  return {
    form: "async",
    symmetric: options.symmetric ?? syncCrypto().symmetric,
    gcm: (secret) => {
      const key = secret.use((bytes) => imported(bytes, "AES-GCM", ["encrypt", "decrypt"]));
      const operation =
        (name: "encrypt" | "decrypt") =>
        async (nonce: Uint8Array, aad: Uint8Array, data: Uint8Array): Promise<Uint8Array> => {
          const copy = new Uint8Array(data);
          const parameters = { name: "AES-GCM", iv: new Uint8Array(nonce), additionalData: new Uint8Array(aad) };
          return new Uint8Array(await subtle[name](parameters, await key, copy));
        };
      secret.wipe();
      return { seal: operation("encrypt"), open: operation("decrypt"), wipe };
    },
    ctrHmac: ({ encryptionKeyLength, hash }, secret) => {
      const hmac = { name: "HMAC", hash: hash.replace("sha", "SHA-") };
      const encKey = secret.use((key) => imported(key.subarray(0, encryptionKeyLength), "AES-CTR", ["encrypt"]));
      const authKey = secret.use((key) => imported(key.subarray(encryptionKeyLength), hmac, ["sign"]));
      secret.wipe();
      return {
        ctr: async (counterBlock, data) => {
          const copy = new Uint8Array(data);
          // The last 32 bits count the blocks, as the four zero bytes of `initial_counter` say.
          const parameters = { name: "AES-CTR", counter: new Uint8Array(counterBlock), length: 32 };
          return new Uint8Array(await subtle.encrypt(parameters, await encKey, copy));
        },
        hmac: async (data) => {
          const copy = new Uint8Array(data);
          return new Uint8Array(await subtle.sign("HMAC", await authKey, copy));
        },
        wipe,
      };
    },
  };
}

/** The bytes of the key are gone already, and the platform's key goes with the last reference to it. */
const wipe = (): void => undefined;
