/**
 * ML-KEM and a Diffie-Hellman group in one KEM, which holds as long as one of them does: the framework CG of
 * draft-irtf-cfrg-hybrid-kems, with the groups of draft-irtf-cfrg-concrete-hybrid-kems. MLKEM768-X25519 is X-Wing.
 */

import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { concat } from "../../bytes/concat.ts";
import { utf8 } from "../../bytes/text.ts";
import { CopseError } from "../../errors.ts";
import { dhLengths, isDhPrivateKey, isDhPublicKey } from "../hpke/dh.ts";
import type { Dh, DhKey } from "../provider.ts";
import type { Kem } from "../hpke/kem.ts";
import { randomBytes } from "../random.ts";
import { deriveKeySeed } from "./labeled-derive.ts";
import { isMlKemPublicKey } from "./ml-kem.ts";
import { hybrids, mlKems, mlKemSeedLength, sharedSecretLength, type HybridKemName } from "./names.ts";
import type { MlKem } from "./primitives.ts";

/** KEM_H.Nseed: a private key is the seed of both halves. */
const seedLength = 32;

/** The KEM of this name, over these two halves. */
export function hybridKem(name: HybridKemName, mlKem: MlKem, dh: Dh): Kem {
  const { id, groupSeed, label, mlKem: pq } = hybrids[name];
  const labelBytes = utf8(label);
  const { publicKey: pqKeyLength, enc: pqEncLength } = mlKems[pq];
  const { publicKey: elementLength, privateKey: scalarLength } = dhLengths[dh.name];

  /** Group_T.RandomScalar: the seed itself for X25519, "rejection sampling from a seed" for the NIST curves. */
  const randomScalar = (seed: Uint8Array): Uint8Array => {
    for (let at = 0; at + scalarLength <= seed.length; at += scalarLength) {
      const candidate = seed.slice(at, at + scalarLength);
      if (isDhPrivateKey(dh.name, candidate)) return candidate;
      candidate.fill(0);
    }
    throw new CopseError("key-invalid", { detail: "RandomScalar found no scalar" });
  };

  /** expandDecapsKeyG: seed_PQ and dk_T. The caller wipes both. */
  const expand = (seed: Uint8Array): { readonly pqSeed: Uint8Array; readonly scalar: Uint8Array } => {
    const full = shake256(seed, { dkLen: mlKemSeedLength + groupSeed });
    try {
      return { pqSeed: full.slice(0, mlKemSeedLength), scalar: randomScalar(full.subarray(mlKemSeedLength)) };
    } finally {
      full.fill(0);
    }
  };

  const publicKeyOf = async (seed: Uint8Array): Promise<Uint8Array> => {
    const { pqSeed, scalar } = expand(seed);
    try {
      const [pqKey, { publicKey }] = await Promise.all([mlKem.publicKey(pqSeed), dh.load(scalar)]);
      return concat(pqKey, publicKey);
    } finally {
      pqSeed.fill(0);
      scalar.fill(0);
    }
  };
  const pairOf = async (privateKey: Uint8Array) => ({ privateKey, publicKey: await publicKeyOf(privateKey) });

  const isPublicKey = (publicKey: Uint8Array): boolean =>
    isMlKemPublicKey(publicKey.subarray(0, pqKeyLength)) && isDhPublicKey(dh.name, publicKey.subarray(pqKeyLength));

  /** C2PRICombiner: KDF(concat(ss_PQ, ss_T, ct_T, ek_T, label)). Wipes both secrets. */
  const combine = (ss: { readonly pq: Uint8Array; readonly t: Uint8Array }, ct: Uint8Array, ek: Uint8Array) => {
    const input = concat(ss.pq, ss.t, ct, ek, labelBytes);
    ss.pq.fill(0);
    ss.t.fill(0);
    const sharedSecret = sha3_256(input);
    input.fill(0);
    return sharedSecret;
  };

  return {
    id,
    lengths: {
      publicKey: pqKeyLength + elementLength,
      privateKey: seedLength,
      enc: pqEncLength + elementLength,
      sharedSecret: sharedSecretLength,
    },
    generateKeyPair: (random) => pairOf(randomBytes(random, seedLength)),
    // "derive a 32-byte seed for the hybrid KEM, then [use] the function DeriveKeyPair" (draft-ietf-hpke-pq section 4)
    deriveKeyPair: (ikm) => pairOf(deriveKeySeed(id, ikm, seedLength)),
    publicKey: publicKeyOf,
    isPublicKey,

    async encap(publicKey, random) {
      if (!isPublicKey(publicKey)) throw new CopseError("key-invalid");
      const element = publicKey.subarray(pqKeyLength);
      const { enc: pqEnc, sharedSecret: pq } = await mlKem.encapsulate(publicKey.subarray(0, pqKeyLength), random);
      let scalar: Uint8Array | undefined;
      try {
        const seed = randomBytes(random, groupSeed);
        scalar = randomScalar(seed);
        seed.fill(0);
        const ephemeral = await dh.load(scalar);
        const t = await agree(ephemeral, element, "key-invalid");
        const enc = concat(pqEnc, ephemeral.publicKey);
        return { enc, sharedSecret: combine({ pq, t }, ephemeral.publicKey, element) };
      } finally {
        scalar?.fill(0);
        pq.fill(0);
      }
    },

    async decap(enc, privateKey, publicKey) {
      const element = enc.subarray(pqEncLength);
      // As in DHKEM: an element of small order would leave ML-KEM alone, and platforms differ in what they do with it.
      if (!isDhPublicKey(dh.name, element)) throw new CopseError("decapsulation");
      const { pqSeed, scalar } = expand(privateKey);
      try {
        const key = await dh.load(scalar, publicKey?.subarray(pqKeyLength));
        const pq = await mlKem.decapsulate(enc.subarray(0, pqEncLength), pqSeed);
        try {
          const t = await agree(key, element, "decapsulation");
          return combine({ pq, t }, element, key.publicKey);
        } finally {
          pq.fill(0);
        }
      } finally {
        pqSeed.fill(0);
        scalar.fill(0);
      }
    },
  };
}

/** ElementToSharedSecret(Exp(element, scalar)); where the platform refuses, an error with the code of the side. */
async function agree(key: DhKey, element: Uint8Array, code: "key-invalid" | "decapsulation"): Promise<Uint8Array> {
  try {
    return await key.agree(element);
  } catch (cause) {
    throw new CopseError(code, { cause });
  }
}
