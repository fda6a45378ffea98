/**
 * The seven cipher suites of RFC 9420 section 17.1, as data: which algorithms each one combines, under which
 * identifiers, and with which lengths.
 */

import type { HashName } from "../symmetric.ts";

/** The Diffie-Hellman group of a suite's KEM: all seven have a DHKEM. */
export type DhName = "X25519" | "X448" | "P-256" | "P-384" | "P-521";

/** A suite's AEAD algorithm. */
export type AeadName = "AES-128-GCM" | "AES-256-GCM" | "ChaCha20-Poly1305";

/**
 * A suite's signature scheme. Each ECDSA scheme has one hash (RFC 8446 section 4.2.3), which in these seven suites is the
 * suite's: SHA-256, SHA-384 and SHA-512. RFC 9420 section 5.1.2.
 */
export type SignatureName = "Ed25519" | "Ed448" | "ECDSA-P-256" | "ECDSA-P-384" | "ECDSA-P-521";

/** What a suite's number stands for. */
export interface CipherSuiteParameters {
  readonly id: number;
  readonly name: string;
  readonly hash: HashName;
  /** KDF.Nh, in bytes. */
  readonly hashLength: number;
  readonly aead: AeadName;
  /** AEAD.Nk, in bytes. */
  readonly keyLength: number;
  readonly dh: DhName;
  readonly signature: SignatureName;
  /** RFC 9180 section 7. */
  readonly hpke: { readonly kem: number; readonly kdf: number; readonly aead: number };
}

/** AEAD.Nn: the same for the three AEAD algorithms, in bytes. */
export const nonceLength = 12;
/** The length of an authentication tag: the same for the three AEAD algorithms, in bytes. */
export const tagLength = 16;

/** The KDFs of HPKE, by their hash. RFC 9180 section 7.2; lengths in bytes. */
export const kdfs = {
  sha256: { id: 1, length: 32 },
  sha384: { id: 2, length: 48 },
  sha512: { id: 3, length: 64 },
} as const;
/** The AEADs of HPKE. RFC 9180 section 7.3; lengths in bytes. */
export const aeads = {
  "AES-128-GCM": { id: 1, keyLength: 16 },
  "AES-256-GCM": { id: 2, keyLength: 32 },
  "ChaCha20-Poly1305": { id: 3, keyLength: 32 },
} as const;
/** The DHKEM over each group: its number, the hash of its HKDF, whatever that of the suite is. RFC 9180 section 7.1. */
export const dhkems: Readonly<Record<DhName, { readonly id: number; readonly hash: HashName }>> = {
  "P-256": { id: 0x10, hash: "sha256" },
  "P-384": { id: 0x11, hash: "sha384" },
  "P-521": { id: 0x12, hash: "sha512" },
  X25519: { id: 0x20, hash: "sha256" },
  X448: { id: 0x21, hash: "sha512" },
};

function suite(
  id: number,
  name: string,
  algorithms: Pick<CipherSuiteParameters, "dh" | "aead" | "hash" | "signature">,
): CipherSuiteParameters {
  const kdf = kdfs[algorithms.hash];
  const aead = aeads[algorithms.aead];
  return {
    id,
    name,
    ...algorithms,
    hashLength: kdf.length,
    keyLength: aead.keyLength,
    hpke: { kem: dhkems[algorithms.dh].id, kdf: kdf.id, aead: aead.id },
  };
}

/** The suites of RFC 9420 section 17.1, in the order of their numbers. */
export const cipherSuites: readonly CipherSuiteParameters[] = [
  suite(1, "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", {
    dh: "X25519",
    aead: "AES-128-GCM",
    hash: "sha256",
    signature: "Ed25519",
  }),
  suite(2, "MLS_128_DHKEMP256_AES128GCM_SHA256_P256", {
    dh: "P-256",
    aead: "AES-128-GCM",
    hash: "sha256",
    signature: "ECDSA-P-256",
  }),
  suite(3, "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519", {
    dh: "X25519",
    aead: "ChaCha20-Poly1305",
    hash: "sha256",
    signature: "Ed25519",
  }),
  suite(4, "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448", {
    dh: "X448",
    aead: "AES-256-GCM",
    hash: "sha512",
    signature: "Ed448",
  }),
  suite(5, "MLS_256_DHKEMP521_AES256GCM_SHA512_P521", {
    dh: "P-521",
    aead: "AES-256-GCM",
    hash: "sha512",
    signature: "ECDSA-P-521",
  }),
  suite(6, "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448", {
    dh: "X448",
    aead: "ChaCha20-Poly1305",
    hash: "sha512",
    signature: "Ed448",
  }),
  suite(7, "MLS_256_DHKEMP384_AES256GCM_SHA384_P384", {
    dh: "P-384",
    aead: "AES-256-GCM",
    hash: "sha384",
    signature: "ECDSA-P-384",
  }),
];
