/**
 * The post-quantum algorithms by name: their numbers and lengths. FIPS 203; FIPS 204; draft-ietf-hpke-pq.
 */

import type { DhName } from "../suites/cipher-suites.ts";

/** The parameter sets of FIPS 203. */
export type MlKemName = "ML-KEM-512" | "ML-KEM-768" | "ML-KEM-1024";

/** Hybrids of ML-KEM with a Diffie-Hellman group, by their names in draft-irtf-cfrg-concrete-hybrid-kems. */
export type HybridKemName = "MLKEM768-X25519" | "MLKEM768-P256" | "MLKEM1024-P384";

/** The KEMs of draft-ietf-hpke-pq. "MLKEM768-X25519" is the KEM that is also called X-Wing. */
export type PostQuantumKemName = MlKemName | HybridKemName;

/** The parameter sets of FIPS 204. */
export type MlDsaName = "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87";

/** The seed that a private key of ML-KEM is kept as, d || z, and what an encapsulation is made from, in bytes. */
export const mlKemSeedLength = 64;
export const mlKemMessageLength = 32;
/** Every KEM here gives 32 bytes. */
export const sharedSecretLength = 32;
/** The seed of FIPS 204 section 5.1 that a private key of ML-DSA is kept as, in bytes. */
export const mlDsaSeedLength = 32;

/** FIPS 203 section 8, table 3, in bytes; the numbers are those of draft-ietf-hpke-pq. */
export const mlKems: Readonly<
  Record<MlKemName, { readonly id: number; readonly publicKey: number; readonly enc: number }>
> = {
  "ML-KEM-512": { id: 0x40, publicKey: 800, enc: 768 },
  "ML-KEM-768": { id: 0x41, publicKey: 1184, enc: 1088 },
  "ML-KEM-1024": { id: 0x42, publicKey: 1568, enc: 1568 },
};

/** What a hybrid is made of. draft-irtf-cfrg-concrete-hybrid-kems section 4. */
export interface HybridParameters {
  readonly id: number;
  readonly mlKem: MlKemName;
  readonly dh: Extract<DhName, "X25519" | "P-256" | "P-384">;
  /** Group_T.Nseed: how many bytes RandomScalar takes. */
  readonly groupSeed: number;
  /** What the combiner hashes last. */
  readonly label: string;
}

export const hybrids: Readonly<Record<HybridKemName, HybridParameters>> = {
  "MLKEM768-X25519": { id: 0x647a, mlKem: "ML-KEM-768", dh: "X25519", groupSeed: 32, label: "\\.//^\\" },
  "MLKEM768-P256": { id: 0x50, mlKem: "ML-KEM-768", dh: "P-256", groupSeed: 128, label: "MLKEM768-P256" },
  "MLKEM1024-P384": { id: 0x51, mlKem: "ML-KEM-1024", dh: "P-384", groupSeed: 48, label: "MLKEM1024-P384" },
};

/** FIPS 204 section 4, table 2, in bytes. */
export const mlDsas: Readonly<Record<MlDsaName, { readonly publicKey: number; readonly signature: number }>> = {
  "ML-DSA-44": { publicKey: 1312, signature: 2420 },
  "ML-DSA-65": { publicKey: 1952, signature: 3309 },
  "ML-DSA-87": { publicKey: 2592, signature: 4627 },
};

/** Whether this is one of the hybrids. */
export function isHybrid(name: PostQuantumKemName): name is HybridKemName {
  return Object.hasOwn(hybrids, name);
}
