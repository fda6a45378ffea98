/**
 * copse/crypto/pq: the post-quantum cipher suites of draft-ietf-mls-pq-ciphersuites, and their KEMs and signature schemes
 * for suites of one's own. It wants the package @noble/post-quantum.
 */

export { postQuantum, withPostQuantumSuites, type PostQuantum } from "./post-quantum.ts";
export { postQuantumSuites, type PostQuantumSuite, type PostQuantumSuiteName } from "./suites.ts";
export type { HybridKemName, MlDsaName, MlKemName, PostQuantumKemName } from "./names.ts";
export type { CipherSuiteDefinition } from "../suites/added-suites.ts";
export type { AeadName, SignatureName } from "../suites/cipher-suites.ts";
export type { Kem, KemLengths } from "../hpke/kem.ts";
export type { SignatureScheme } from "../signatures.ts";
export type { Provider } from "../provider.ts";
