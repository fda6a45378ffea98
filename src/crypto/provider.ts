/**
 * What the engine asks of cryptography: a provider gives cipher suites, and a cipher suite is all that a group knows of
 * its algorithms. RFC 9420 section 5.1.
 *
 * Symmetric operations are synchronous, because waiting for one costs far more than doing it. Operations with key pairs
 * may be promises, because the platform may do them on another thread.
 */

import type { DhName } from "./suites/cipher-suites.ts";

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/**
 * A source of randomness: the asked-for number of bytes, unpredictable and never the same twice. The default is the
 * platform's; tests inject one of their own, and so must platforms without `crypto.getRandomValues`. The array is the
 * engine's from then on, which may overwrite it: give a new one each time.
 */
export type Random = (length: number) => Uint8Array;

/** A key pair as bytes, in the formats of RFC 9420 section 5.1.1 and RFC 9180 section 7.1. */
export interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** What an encapsulation gives. RFC 9180 section 4. */
export interface Encapsulation {
  /** The KEM output to send. */
  readonly enc: Uint8Array;
  /** The secret that only the holder of the private key can derive from it. The caller wipes it. */
  readonly sharedSecret: Uint8Array;
}

/** One signature to verify: over `message`, as it stands (labels are the caller's matter). */
export interface Verification {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Something that signs with one key. The key may live in hardware: the engine only asks for signatures. */
export interface Signer {
  /** The signature of a message, as it stands. */
  sign(message: Uint8Array): Awaitable<Uint8Array>;
}

/**
 * A cipher suite of one provider. Public keys are cached by the identity of their array: neither callers nor the engine
 * may change an array that has been passed as a public key.
 */
export interface CipherSuite {
  /** The IANA number. */
  readonly id: number;
  /** The IANA name, for example "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519". */
  readonly name: string;
  /** The provider's name: "node", "web", "noble", or a caller's own. */
  readonly provider: string;
  /** KDF.Nh, the length of hashes, MACs and secrets, in bytes. */
  readonly hashLength: number;
  /** AEAD.Nk, in bytes. */
  readonly keyLength: number;
  /** AEAD.Nn, in bytes. */
  readonly nonceLength: number;
  /** The length that an AEAD adds to its plaintext, in bytes. */
  readonly tagLength: number;
  /** The HPKE algorithm identifiers, RFC 9180 section 7. */
  readonly hpke: { readonly kem: number; readonly kdf: number; readonly aead: number };

  /** The suite's hash. The data is lent for the call: what follows is written over it. */
  hash(data: Uint8Array): Uint8Array;
  /** HMAC with the suite's hash. */
  mac(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** HKDF-Extract, RFC 5869. */
  extract(salt: Uint8Array, ikm: Uint8Array): Uint8Array;
  /** HKDF-Expand, RFC 5869. */
  expand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** AEAD encryption: the ciphertext with its tag behind it. */
  seal(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** AEAD decryption. @throws CopseError "aead-open" where the tag does not verify. */
  open(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array;

  /** A fresh signature key pair. */
  generateSignatureKeyPair(random: Random): Awaitable<KeyPair>;
  /** The public key of a signature private key. @throws CopseError "key-invalid". */
  signaturePublicKey(privateKey: Uint8Array): Awaitable<Uint8Array>;
  /** A signer that holds a copy of the private key, imported once. @throws CopseError "key-invalid". */
  signer(privateKey: Uint8Array): Awaitable<Signer>;
  /**
   * Whether a public key is one that this suite's signature scheme accepts. That no point of an Edwards curve has the
   * encoding is left to `verify`, which then never succeeds.
   */
  isSignaturePublicKey(publicKey: Uint8Array): boolean;
  /** Whether the signature verifies. An invalid key or a malformed signature is false, not an error. */
  verify(verification: Verification): Awaitable<boolean>;
  /** Many signatures at once, in parallel where the platform can: one answer each, in order. */
  verifyAll(verifications: readonly Verification[]): Awaitable<readonly boolean[]>;

  /** GenerateKeyPair of the suite's KEM: a fresh key pair. RFC 9180 section 4. */
  generateKemKeyPair(random: Random): Awaitable<KeyPair>;
  /** DeriveKeyPair of the suite's KEM. RFC 9180 section 4. */
  deriveKeyPair(ikm: Uint8Array): Awaitable<KeyPair>;
  /** The public key of a KEM private key. @throws CopseError "key-invalid". */
  kemPublicKey(privateKey: Uint8Array): Awaitable<Uint8Array>;
  /** Whether a public key is one that this suite's KEM accepts. */
  isKemPublicKey(publicKey: Uint8Array): boolean;
  /** Encap of the suite's KEM. @throws CopseError "key-invalid". */
  encap(publicKey: Uint8Array, random: Random): Awaitable<Encapsulation>;
  /**
   * Decap of the suite's KEM: the shared secret, which the caller wipes. The public key that belongs to the private one,
   * where it is known, saves its computation, which on a NIST curve takes as long as agreeing. With one that does not
   * belong to it, the secret is another one, or this throws.
   *
   * @throws CopseError "decapsulation", and "key-invalid" for a key of our own.
   */
  decap(enc: Uint8Array, privateKey: Uint8Array, publicKey?: Uint8Array): Awaitable<Uint8Array>;
}

/** A private key of a Diffie-Hellman group that was imported, with its public key. */
export interface DhKey {
  readonly publicKey: Uint8Array;
  /** The shared secret with a public key that is valid: the u- or x-coordinate alone. */
  agree(publicKey: Uint8Array): Awaitable<Uint8Array>;
}

/** One group of one provider. It is only called with keys that were checked. */
export interface Dh {
  readonly name: DhName;
  /** Import a private key. The public key that belongs to it, where it is known, is believed and not computed again. */
  load(privateKey: Uint8Array, publicKey?: Uint8Array): Awaitable<DhKey>;
}

/** A set of implementations of the algorithms. */
export interface Provider {
  readonly name: string;
  /** The numbers of the suites that `cipherSuite` gives. */
  readonly suites: readonly number[];
  /** The suite of this number, always the same object. @throws CopseError "suite-unsupported". */
  cipherSuite(id: number): CipherSuite;
  /** Its Diffie-Hellman groups, for KEMs that combine one with something else. Without it they take noble's. */
  readonly dh?: (name: DhName) => Dh;
}
