/**
 * Signatures by `node:crypto`. Many verifications at once are shared between its thread pool and this thread.
 */

import { createECDH, sign, verify, type KeyObject } from "node:crypto";
import type { SignatureName } from "../suites/cipher-suites.ts";
import {
  ecPrivateKey,
  ecPublicKey,
  KeyCache,
  type LoadKey,
  okpPrivateKey,
  okpPublicBytes,
  okpPublicKey,
} from "./keys.ts";
import { withPool } from "./pool.ts";
import { plain } from "../plain.ts";
import type { Verification } from "../provider.ts";
import type { RawSignatures } from "../signatures.ts";

const ecdsa = {
  "ECDSA-P-256": { hash: "sha256", curve: "prime256v1", nist: "P-256" },
  "ECDSA-P-384": { hash: "sha384", curve: "secp384r1", nist: "P-384" },
  "ECDSA-P-521": { hash: "sha512", curve: "secp521r1", nist: "P-521" },
} as const;

/** How many public keys are known by their contents, in each scheme. */
const latestKeys = 64;

/** What the schemes differ in. */
export interface Algorithm {
  readonly hash: string | null;
  publicKey(privateKey: Uint8Array): Uint8Array;
  privateKey(privateKey: Uint8Array): KeyObject;
  readonly publicKeys: KeyCache;
}

/** The scheme of this name. ECDSA signatures are randomized by OpenSSL, not by the injected source. */
export function nodeSignatures(name: SignatureName): RawSignatures {
  return signaturesBy(algorithmOf(name));
}

/** Signatures with the keys of an algorithm. */
export function signaturesBy({ hash, publicKey, privateKey, publicKeys }: Algorithm): RawSignatures {
  // Only ECDSA has two encodings; without any options there is less to look at, which is a tenth of a signature.
  const keyOption = (key: KeyObject): KeyObject | { readonly key: KeyObject; readonly dsaEncoding: "ieee-p1363" } =>
    hash === null ? key : { key, dsaEncoding: "ieee-p1363" };
  // A key without a point makes OpenSSL say no, and other runtimes throw.
  const verifyWith = (key: LoadKey, { publicKey: bytes, message, signature }: Verification): boolean => {
    try {
      return verify(hash, message, keyOption(key(bytes)), signature);
    } catch {
      return false;
    }
  };
  const verifyMany = (verifications: readonly Verification[]): Promise<readonly boolean[]> => {
    const key = publicKeys.once();
    return withPool({
      count: verifications.length,
      inPool(index, done) {
        const { publicKey: bytes, message, signature } = verifications[index]!;
        try {
          verify(hash, message, keyOption(key(bytes)), signature, (error, verdict) => {
            done(error === null && verdict);
          });
        } catch {
          done(false);
        }
      },
      here: (index) => verifyWith(key, verifications[index]!),
    });
  };
  const keyOf: LoadKey = (bytes) => publicKeys.keyOf(bytes);
  const verifyOne = (verification: Verification): boolean => verifyWith(keyOf, verification);
  return {
    publicKey,
    signer(bytes) {
      const key = keyOption(privateKey(bytes));
      return { sign: (message) => plain(sign(hash, message, key)) };
    },
    verify: verifyOne,
    verifyAll: (verifications) => (verifications.length < 2 ? verifications.map(verifyOne) : verifyMany(verifications)),
  };
}

function algorithmOf(name: SignatureName): Algorithm {
  if (name === "Ed25519" || name === "Ed448") {
    return {
      hash: null,
      publicKey: (privateKey) => okpPublicBytes(okpPrivateKey(name, privateKey)),
      privateKey: (privateKey) => okpPrivateKey(name, privateKey),
      publicKeys: new KeyCache((publicKey) => okpPublicKey(name, publicKey), latestKeys),
    };
  }
  const { hash, curve, nist } = ecdsa[name];
  const publicKey = (privateKey: Uint8Array): Uint8Array => {
    const ecdh = createECDH(curve);
    ecdh.setPrivateKey(privateKey);
    return plain(ecdh.getPublicKey());
  };
  return {
    hash,
    publicKey,
    privateKey: (privateKey) => ecPrivateKey(nist, privateKey, publicKey(privateKey)),
    publicKeys: new KeyCache((bytes) => ecPublicKey(nist, bytes), latestKeys),
  };
}
