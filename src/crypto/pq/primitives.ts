/**
 * What an implementation of ML-KEM and ML-DSA has to bring. It is only called with keys, ciphertexts and signatures that
 * the checks above it accept. FIPS 203; FIPS 204.
 */

import type { Awaitable, Encapsulation, Random } from "../provider.ts";
import type { RawSignatures } from "../signatures.ts";
import type { MlDsaName, MlKemName } from "./names.ts";

/** One parameter set of ML-KEM. A private key is its seed d || z. */
export interface MlKem {
  /** The encapsulation key of ML-KEM.KeyGen_internal(d, z). */
  publicKey(seed: Uint8Array): Awaitable<Uint8Array>;
  /** ML-KEM.Encaps. */
  encapsulate(publicKey: Uint8Array, random: Random): Awaitable<Encapsulation>;
  /** ML-KEM.Decaps, which gives another secret where the ciphertext is not one of this key. */
  decapsulate(enc: Uint8Array, seed: Uint8Array): Awaitable<Uint8Array>;
}

/** An implementation. */
export interface Primitives {
  readonly mlKem: (name: MlKemName) => MlKem;
  /** ML-DSA.Sign and ML-DSA.Verify, "pure" and with the empty context, as draft-ietf-tls-mldsa has them. */
  readonly mlDsa: (name: MlDsaName) => RawSignatures;
}
