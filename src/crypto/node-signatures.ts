/**
 * Signatures by `node:crypto`. Many verifications at once go to its thread pool.
 */

import { createECDH, sign, verify, type KeyObject, type VerifyKeyObjectInput } from "node:crypto";
import type { SignatureName } from "./cipher-suites.ts";
import { ecPrivateKey, ecPublicKey, KeyCache, okpPrivateKey, okpPublicBytes, okpPublicKey } from "./node-keys.ts";
import { inParallel } from "./parallel.ts";
import { plain } from "./plain.ts";
import type { Verification } from "./provider.ts";
import type { RawSignatures } from "./signatures.ts";

const ecdsa = {
  "ECDSA-P-256": { hash: "sha256", curve: "prime256v1", nist: "P-256" },
  "ECDSA-P-384": { hash: "sha384", curve: "secp384r1", nist: "P-384" },
  "ECDSA-P-521": { hash: "sha512", curve: "secp521r1", nist: "P-521" },
} as const;

/**
 * How many verifications wait in the thread pool at once: enough to keep its threads busy, and few enough that the file
 * and network operations of the process, which share the pool, are not held up behind a thousand.
 */
const inFlight = 32;

/** How many public keys are known by their contents, in each scheme. */
const latestKeys = 64;

/** What the schemes differ in. */
interface Algorithm {
  readonly hash: string | null;
  publicKey(privateKey: Uint8Array): Uint8Array;
  privateKey(privateKey: Uint8Array): KeyObject;
  readonly publicKeys: KeyCache;
}

/** The scheme of this name. ECDSA signatures are randomized by OpenSSL, not by the injected source. */
export function nodeSignatures(name: SignatureName): RawSignatures {
  const { hash, publicKey, privateKey, publicKeys } = algorithmOf(name);
  const keyOf = (verification: Verification): VerifyKeyObjectInput => ({
    key: publicKeys.keyOf(verification.publicKey),
    dsaEncoding: "ieee-p1363",
  });
  // A key without a point makes OpenSSL say no, and other runtimes throw.
  const verifyOne = (verification: Verification): boolean => {
    try {
      return verify(hash, verification.message, keyOf(verification), verification.signature);
    } catch {
      return false;
    }
  };
  const verifyInPool = (verification: Verification): Promise<boolean> =>
    new Promise((resolve) => {
      try {
        verify(hash, verification.message, keyOf(verification), verification.signature, (error, verdict) => {
          resolve(error === null && verdict);
        });
      } catch {
        resolve(false);
      }
    });
  return {
    publicKey,
    signer(bytes) {
      const key = privateKey(bytes);
      return { sign: (message) => plain(sign(hash, message, { key, dsaEncoding: "ieee-p1363" })) };
    },
    verify: verifyOne,
    verifyAll: (verifications) =>
      verifications.length < 2 ? verifications.map(verifyOne) : inParallel(verifications, inFlight, verifyInPool),
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
