/**
 * ML-KEM alone as a KEM of HPKE, and which of its public keys are valid. draft-ietf-hpke-pq section 3; FIPS 203.
 */

import type { Kem } from "../hpke/kem.ts";
import { randomBytes } from "../random.ts";
import { CopseError } from "../../errors.ts";
import { deriveKeySeed } from "./labeled-derive.ts";
import { mlKems, mlKemSeedLength, sharedSecretLength, type MlKemName } from "./names.ts";
import type { MlKem } from "./primitives.ts";

const q = 3329;
/** rho, the end of an encapsulation key: any bytes. */
const rhoLength = 32;

/**
 * Whether an encapsulation key is valid, whose length is known to be right. FIPS 203 section 7.2, the modulus check: every
 * coefficient of 12 bits is below q. A platform that reduced them instead would agree with nobody else on a secret.
 */
export function isMlKemPublicKey(publicKey: Uint8Array): boolean {
  const end = publicKey.length - rhoLength;
  for (let at = 0; at < end; at += 3) {
    const middle = publicKey[at + 1]!;
    if ((publicKey[at]! | ((middle & 0x0f) << 8)) >= q || ((middle >> 4) | (publicKey[at + 2]! << 4)) >= q)
      return false;
  }
  return true;
}

/** The KEM over this parameter set: "SerializePrivateKey" is the identity on the seed of 64 bytes. */
export function pureKem(name: MlKemName, mlKem: MlKem): Kem {
  const { id, publicKey: publicKeyLength, enc: encLength } = mlKems[name];
  const pairOf = async (privateKey: Uint8Array) => ({ privateKey, publicKey: await mlKem.publicKey(privateKey) });
  return {
    id,
    lengths: {
      publicKey: publicKeyLength,
      privateKey: mlKemSeedLength,
      enc: encLength,
      sharedSecret: sharedSecretLength,
    },
    generateKeyPair: (random) => pairOf(randomBytes(random, mlKemSeedLength)),
    deriveKeyPair: (ikm) => pairOf(deriveKeySeed(id, ikm, mlKemSeedLength)),
    publicKey: (privateKey) => mlKem.publicKey(privateKey),
    isPublicKey: isMlKemPublicKey,
    encap(publicKey, random) {
      if (!isMlKemPublicKey(publicKey)) throw new CopseError("key-invalid");
      return mlKem.encapsulate(publicKey, random);
    },
    decap: (enc, privateKey) => mlKem.decapsulate(enc, privateKey),
  };
}
