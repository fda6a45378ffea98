/**
 * ML-KEM and ML-DSA in plain JavaScript, by @noble/post-quantum: an optional peer, which is loaded when it is asked for.
 */

import type * as mlDsaModule from "@noble/post-quantum/ml-dsa.js";
import type * as mlKemModule from "@noble/post-quantum/ml-kem.js";
import { CopseError } from "../../errors.ts";
import { randomBytes } from "../random.ts";
import { mlKemMessageLength, type MlDsaName, type MlKemName } from "./names.ts";
import type { Primitives } from "./primitives.ts";

type KemModule = typeof mlKemModule;
type DsaModule = typeof mlDsaModule;

/** noble's implementation. @throws CopseError "suite-unsupported" where the package is not installed. */
export async function loadNoble(): Promise<Primitives> {
  let modules: [KemModule, DsaModule];
  try {
    modules = await Promise.all([import("@noble/post-quantum/ml-kem.js"), import("@noble/post-quantum/ml-dsa.js")]);
  } catch (cause) {
    throw new CopseError("suite-unsupported", {
      detail: "post-quantum suites need the package @noble/post-quantum: npm install @noble/post-quantum@0.7.1",
      cause,
    });
  }
  return primitives(...modules);
}

function primitives(kem: KemModule, dsa: DsaModule): Primitives {
  const kems: Readonly<Record<MlKemName, typeof kem.ml_kem768>> = {
    "ML-KEM-512": kem.ml_kem512,
    "ML-KEM-768": kem.ml_kem768,
    "ML-KEM-1024": kem.ml_kem1024,
  };
  const dsas: Readonly<Record<MlDsaName, typeof dsa.ml_dsa44>> = {
    "ML-DSA-44": dsa.ml_dsa44,
    "ML-DSA-65": dsa.ml_dsa65,
    "ML-DSA-87": dsa.ml_dsa87,
  };
  return {
    mlKem(name) {
      const mlKem = kems[name];
      return {
        publicKey(seed) {
          const { publicKey, secretKey } = mlKem.keygen(seed);
          secretKey.fill(0);
          return publicKey;
        },
        encapsulate(publicKey, random) {
          const message = randomBytes(random, mlKemMessageLength);
          try {
            const { cipherText, sharedSecret } = mlKem.encapsulate(publicKey, message);
            return { enc: cipherText, sharedSecret };
          } finally {
            message.fill(0);
          }
        },
        decapsulate(enc, seed) {
          const { secretKey } = mlKem.keygen(seed);
          try {
            return mlKem.decapsulate(enc, secretKey);
          } finally {
            secretKey.fill(0);
          }
        },
      };
    },
    mlDsa(name) {
      const mlDsa = dsas[name];
      const verify = (one: { publicKey: Uint8Array; message: Uint8Array; signature: Uint8Array }): boolean => {
        try {
          return mlDsa.verify(one.signature, one.message, one.publicKey);
        } catch {
          return false;
        }
      };
      return {
        publicKey(seed) {
          const { publicKey, secretKey } = mlDsa.keygen(seed);
          secretKey.fill(0);
          return publicKey;
        },
        signer(seed) {
          const { secretKey } = mlDsa.keygen(seed);
          // Deterministic, FIPS 204 section 3.4: noble's own randomness would be the platform's, which may have none.
          return { sign: (message) => mlDsa.sign(message, secretKey, { extraEntropy: false }) };
        },
        verify,
        verifyAll: (verifications) => verifications.map(verify),
      };
    },
  };
}
