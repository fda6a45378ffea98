/**
 * A provider from its parts: symmetric functions, Diffie-Hellman groups and signature schemes. Everything that decides
 * what is accepted, and every byte that is sent, comes from here and below, not from the parts.
 */

import { CopseError } from "../../errors.ts";
import {
  cipherSuites,
  nonceLength,
  tagLength,
  type CipherSuiteParameters,
  type DhName,
  type SignatureName,
} from "./cipher-suites.ts";
import { dhkem } from "../hpke/dhkem.ts";
import { hkdfExpand, hkdfExtract } from "../hkdf.ts";
import type { Kem } from "../hpke/kem.ts";
import type { Kdf } from "../hpke/labeled-kdf.ts";
import type { CipherSuite, Dh, Provider } from "../provider.ts";
import { strictSignatures, type RawSignatures } from "../signatures.ts";
import type { HashName, Symmetric } from "../symmetric.ts";

/** What a provider is made of. */
export interface ProviderParts {
  readonly name: string;
  readonly symmetric: Symmetric;
  readonly dh: (name: DhName) => Dh;
  readonly signatures: (name: SignatureName) => RawSignatures;
}

/** What a suite has of its KEM. */
export type KemOperations = Pick<
  CipherSuite,
  "generateKemKeyPair" | "deriveKeyPair" | "kemPublicKey" | "isKemPublicKey" | "encap" | "decap"
>;

/** A provider of the seven suites of RFC 9420. Each suite is made when it is first asked for. */
export function providerOf(parts: ProviderParts): Provider {
  const made = new Map<number, CipherSuite>();
  return {
    name: parts.name,
    suites: cipherSuites.map(({ id }) => id),
    dh: parts.dh,
    cipherSuite(id) {
      let suite = made.get(id);
      if (suite === undefined) {
        const parameters = cipherSuites.find((candidate) => candidate.id === id);
        if (parameters === undefined) throw new CopseError("suite-unsupported", { got: id });
        suite = suiteOf(parameters, parts);
        made.set(id, suite);
      }
      return suite;
    },
  };
}

function suiteOf(parameters: CipherSuiteParameters, parts: ProviderParts): CipherSuite {
  const { hash, hashLength, keyLength, hpke } = parameters;
  const { symmetric } = parts;
  const kdfOf = (name: HashName): Kdf => ({
    extract: (salt, ikm) => hkdfExtract(symmetric, name, salt, ikm),
    expand: (prk, info, length) => hkdfExpand(symmetric, name, prk, info, length),
  });
  const chacha = parameters.aead === "ChaCha20-Poly1305";
  const seal = chacha ? symmetric.chacha20Poly1305Seal : symmetric.aesGcmSeal;
  const open = chacha ? symmetric.chacha20Poly1305Open : symmetric.aesGcmOpen;
  const checkLengths = (key: Uint8Array, nonce: Uint8Array): void => {
    if (key.length !== keyLength) throw new TypeError(`the key must be ${String(keyLength)} bytes long`);
    if (nonce.length !== nonceLength) throw new TypeError(`the nonce must be ${String(nonceLength)} bytes long`);
  };

  return {
    id: parameters.id,
    name: parameters.name,
    provider: parts.name,
    hashLength,
    keyLength,
    nonceLength,
    tagLength,
    hpke,
    hash: (data) => symmetric.hash(hash, data),
    mac: (key, data) => symmetric.hmac(hash, key, data),
    ...kdfOf(hash),
    seal(key, nonce, associatedData, plaintext) {
      checkLengths(key, nonce);
      return seal(key, nonce, associatedData, plaintext);
    },
    open(key, nonce, associatedData, ciphertext) {
      checkLengths(key, nonce);
      return open(key, nonce, associatedData, ciphertext);
    },
    ...strictSignatures(parameters.signature, parts.signatures(parameters.signature)),
    ...kemOperations(dhkem(parts.dh(parameters.dh), kdfOf)),
  };
}

/** The KEM operations of a suite. */
export function kemOperations(kem: Kem): KemOperations {
  return {
    generateKemKeyPair: kem.generateKeyPair,
    deriveKeyPair: kem.deriveKeyPair,
    kemPublicKey: kem.publicKey,
    isKemPublicKey: kem.isPublicKey,
    encap: kem.encap,
    decap: kem.decap,
  };
}
