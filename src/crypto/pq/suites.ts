/**
 * The cipher suites of draft-ietf-mls-pq-ciphersuites, as data.
 */

import type { AeadName, SignatureName } from "../suites/cipher-suites.ts";
import type { HashName } from "../symmetric.ts";
import type { MlDsaName, PostQuantumKemName } from "./names.ts";

/** A row of the draft's tables. */
export interface PostQuantumSuite {
  readonly name: PostQuantumSuiteName;
  /** The number that copse gives it until IANA has given one: from the range for private use, 0xf000 to 0xffff. */
  readonly id: number;
  readonly kem: PostQuantumKemName;
  readonly hash: HashName;
  readonly aead: AeadName;
  readonly signature: SignatureName | MlDsaName;
}

/** The names of the draft's section 4.1. */
export type PostQuantumSuiteName =
  | "MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519"
  | "MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519"
  | "MLS_128_MLKEM768P256_AES128GCM_SHA256_P256"
  | "MLS_128_MLKEM768P256_AES256GCM_SHA384_P256"
  | "MLS_192_MLKEM1024P384_AES256GCM_SHA384_P384"
  | "MLS_128_MLKEM768_AES256GCM_SHA384_Ed25519"
  | "MLS_128_MLKEM768_AES256GCM_SHA384_P256"
  | "MLS_192_MLKEM1024_AES256GCM_SHA384_P384"
  | "MLS_128_MLKEM768X25519_CHACHA20POLY1305_SHA384_MLDSA44"
  | "MLS_192_MLKEM768_AES256GCM_SHA384_MLDSA65"
  | "MLS_256_MLKEM1024_AES256GCM_SHA384_MLDSA87";

type Row = readonly [PostQuantumSuiteName, PostQuantumKemName, HashName, AeadName, SignatureName | MlDsaName];

/** In the order of the draft's table, TBD1 to TBD11. */
const rows: readonly Row[] = [
  ["MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519", "MLKEM768-X25519", "sha256", "AES-128-GCM", "Ed25519"],
  ["MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519", "MLKEM768-X25519", "sha384", "AES-256-GCM", "Ed25519"],
  ["MLS_128_MLKEM768P256_AES128GCM_SHA256_P256", "MLKEM768-P256", "sha256", "AES-128-GCM", "ECDSA-P-256"],
  ["MLS_128_MLKEM768P256_AES256GCM_SHA384_P256", "MLKEM768-P256", "sha384", "AES-256-GCM", "ECDSA-P-256"],
  ["MLS_192_MLKEM1024P384_AES256GCM_SHA384_P384", "MLKEM1024-P384", "sha384", "AES-256-GCM", "ECDSA-P-384"],
  ["MLS_128_MLKEM768_AES256GCM_SHA384_Ed25519", "ML-KEM-768", "sha384", "AES-256-GCM", "Ed25519"],
  ["MLS_128_MLKEM768_AES256GCM_SHA384_P256", "ML-KEM-768", "sha384", "AES-256-GCM", "ECDSA-P-256"],
  ["MLS_192_MLKEM1024_AES256GCM_SHA384_P384", "ML-KEM-1024", "sha384", "AES-256-GCM", "ECDSA-P-384"],
  [
    "MLS_128_MLKEM768X25519_CHACHA20POLY1305_SHA384_MLDSA44",
    "MLKEM768-X25519",
    "sha384",
    "ChaCha20-Poly1305",
    "ML-DSA-44",
  ],
  ["MLS_192_MLKEM768_AES256GCM_SHA384_MLDSA65", "ML-KEM-768", "sha384", "AES-256-GCM", "ML-DSA-65"],
  ["MLS_256_MLKEM1024_AES256GCM_SHA384_MLDSA87", "ML-KEM-1024", "sha384", "AES-256-GCM", "ML-DSA-87"],
];

/** The draft's suites, under copse's own numbers: 0xf701 to 0xf70b. */
export const postQuantumSuites: readonly PostQuantumSuite[] = rows.map(([name, kem, hash, aead, signature], place) => ({
  name,
  id: 0xf701 + place,
  kem,
  hash,
  aead,
  signature,
}));
