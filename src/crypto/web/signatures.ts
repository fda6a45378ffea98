/**
 * Signatures by WebCrypto. A signer's key can't be extracted from it again.
 */

import type { SignatureName } from "../suites/cipher-suites.ts";
import { inParallel } from "../parallel.ts";
import type { Verification } from "../provider.ts";
import { ecdsaCurve, type RawSignatures } from "../signatures.ts";
import { givesPublicKeys, importEcdsaKey, importPkcs8, loadEcdhKey, publicBytes, subtle, unshared } from "./keys.ts";

/** How many verifications WebCrypto is asked for at once: as many as any machine does in parallel. */
const inFlight = 64;

const hashes = { "P-256": "SHA-256", "P-384": "SHA-384", "P-521": "SHA-512" } as const;

/** What the schemes differ in. */
interface Algorithm {
  readonly algorithm: AlgorithmIdentifier | EcKeyImportParams;
  readonly parameters: AlgorithmIdentifier | EcdsaParams;
  publicKey(privateKey: Uint8Array): Promise<Uint8Array>;
  privateKey(privateKey: Uint8Array): Promise<CryptoKey>;
}

/** The scheme of this name. ECDSA signatures are randomized by the platform, not by the injected source. */
export function webSignatures(name: Exclude<SignatureName, "Ed448">): RawSignatures {
  const { algorithm, parameters, publicKey: publicKeyOf, privateKey } = name === "Ed25519" ? ed25519 : ecdsa(name);
  const publicKeys = new WeakMap<Uint8Array, Promise<CryptoKey>>();
  const keyOf = (bytes: Uint8Array): Promise<CryptoKey> => {
    let key = publicKeys.get(bytes);
    if (key === undefined) {
      key = subtle().importKey("raw", unshared(bytes), algorithm, true, ["verify"]);
      publicKeys.set(bytes, key);
    }
    return key;
  };
  const verify = async ({ publicKey, message, signature }: Verification): Promise<boolean> => {
    try {
      return await subtle().verify(parameters, await keyOf(publicKey), unshared(signature), unshared(message));
    } catch {
      return false; // a key without a point is refused by some runtimes with an error
    }
  };
  return {
    publicKey: publicKeyOf,
    async signer(bytes) {
      const key = await privateKey(bytes);
      return { sign: async (message) => new Uint8Array(await subtle().sign(parameters, key, unshared(message))) };
    },
    verify,
    verifyAll: (verifications) => inParallel(verifications, inFlight, verify),
  };
}

const ed25519: Algorithm = {
  algorithm: { name: "Ed25519" },
  parameters: { name: "Ed25519" },
  publicKey: async (privateKey) =>
    publicBytes(await importPkcs8("Ed25519", { name: "Ed25519" }, privateKey, { extractable: !givesPublicKeys() })),
  privateKey: (privateKey) => importPkcs8("Ed25519", { name: "Ed25519" }, privateKey, { extractable: false }),
};

function ecdsa(name: Exclude<SignatureName, "Ed25519" | "Ed448">): Algorithm {
  const namedCurve = ecdsaCurve(name);
  const algorithm = { name: "ECDSA", namedCurve } as const;
  return {
    algorithm,
    parameters: { name: "ECDSA", hash: hashes[namedCurve] },
    publicKey: async (privateKey) => (await loadEcdhKey(namedCurve, privateKey)).publicKey,
    privateKey: (privateKey) => importEcdsaKey(namedCurve, privateKey),
  };
}
