/**
 * SFrame's cryptography over WebCrypto, with keys that can't be exported again.
 *
 * In browsers this is several times faster than the synchronous form for video frames, and does its work off the
 * thread.
 */

import type { PlatformClass } from "../bytes/platform.ts";
import type { Secret } from "../bytes/secret.ts";
import { CopseError } from "../errors.ts";
import { checkFunction, checkOptions } from "./arguments.ts";
import { asArray, syncCrypto, type SFrameCrypto } from "./crypto.ts";
import type { SFrameSymmetric } from "./key.ts";

/** What the asynchronous form is built on. */
export interface WebCryptoOptions {
  /** Default: the platform's, which browsers offer in secure contexts only. */
  readonly subtle?: PlatformClass<"SubtleCrypto">;
  /** What keys are derived with. Default: the platform's. */
  readonly symmetric?: SFrameSymmetric;
}

/**
 * Do something with bytes under a key. WebCrypto copies them before it returns; they are copied here where it has to
 * wait for the key, so that they are read before the first wait in any case.
 */
type Operation = (
  data: Uint8Array,
  operation: (key: CryptoKey, data: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>,
) => Promise<ArrayBuffer>;

/**
 * The asynchronous form.
 *
 * @throws CopseError "suite-unsupported" where the platform has no WebCrypto and none is given.
 * @throws TypeError where `subtle` is no SubtleCrypto, or a function of `symmetric` is missing.
 */
export function webCrypto(options: WebCryptoOptions = {}): SFrameCrypto<"async"> {
  checkOptions(options, "subtle symmetric");
  // In an insecure context browsers have `crypto` without `subtle`, whatever the types say.
  const subtle = options.subtle ?? (globalThis.crypto as Partial<Crypto> | undefined)?.subtle;
  if (subtle === undefined) throw new CopseError("suite-unsupported", { detail: "WebCrypto" });
  checkFunction("subtle.importKey", subtle.importKey); // `crypto` itself has none

  const imported = (
    secret: Secret<"sframe key">,
    algorithm: string | HmacImportParams,
    usages: readonly KeyUsage[],
    [from, to]: readonly [from?: number, to?: number] = [],
  ): Operation => {
    let key: CryptoKey | undefined;
    const bytes = secret.use((whole) => new Uint8Array(whole.subarray(from, to)));
    const importing = subtle.importKey("raw", bytes, algorithm, false, usages);
    importing
      .then((imported) => (key = imported))
      .catch(() => undefined) // whoever uses the key meets the failure
      .finally(() => bytes.fill(0));
    return (data, operation) => {
      if (key !== undefined && isPlain(data)) return operation(key, data);
      const copy = new Uint8Array(data);
      return importing.then((imported) => operation(imported, copy));
    };
  };

  return {
    form: "async",
    symmetric: syncCrypto(options.symmetric).symmetric,
    gcm: (secret) => {
      const withKey = imported(secret, "AES-GCM", ["encrypt", "decrypt"]);
      const operation =
        (name: "encrypt" | "decrypt") =>
        (iv: Uint8Array, additionalData: Uint8Array, data: Uint8Array): Promise<ArrayBuffer> =>
          withKey(data, (key, own) => subtle[name]({ name: "AES-GCM", iv, additionalData } as AesGcmParams, key, own));
      secret.wipe();
      return { seal: operation("encrypt"), open: operation("decrypt"), wipe };
    },
    ctrHmac: ({ encryptionKeyLength, hash }, secret) => {
      const hmac = { name: "HMAC", hash: hash.replace("sha", "SHA-") };
      const withEncKey = imported(secret, "AES-CTR", ["encrypt"], [0, encryptionKeyLength]);
      const withAuthKey = imported(secret, hmac, ["sign"], [encryptionKeyLength]);
      secret.wipe();
      return {
        // The last 32 bits count the blocks, as the four zero bytes of `initial_counter` say.
        ctr: (counter, data) =>
          withEncKey(data, (key, own) =>
            subtle.encrypt({ name: "AES-CTR", counter, length: 32 } as AesCtrParams, key, own),
          ).then(asArray),
        hmac: (data) => withAuthKey(data, (key, own) => subtle.sign("HMAC", key, own)).then(asArray),
        wipe,
      };
    },
  };
}

/** Whether WebCrypto takes these bytes as they are: it refuses memory that is shared or may change its size. */
function isPlain(data: Uint8Array): data is Uint8Array<ArrayBuffer> {
  const { buffer } = data;
  return buffer instanceof ArrayBuffer && !(buffer as { readonly resizable?: boolean }).resizable;
}

/** The bytes of the key are gone already, and the platform's key goes with the last reference to it. */
const wipe = (): void => undefined;
