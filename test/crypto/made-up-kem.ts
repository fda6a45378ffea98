/**
 * A KEM that nobody should use: everybody who sees a public key and an encapsulation knows the secret. Its lengths are
 * those of no Diffie-Hellman group, and each of them is another one.
 */

import { concat } from "../../src/bytes/concat.ts";
import { utf8 } from "../../src/bytes/text.ts";
import type { CipherSuiteDefinition } from "../../src/crypto/suites/added-suites.ts";
import type { Kem } from "../../src/crypto/hpke/kem.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { hash } from "../../src/crypto/symmetric-node.ts";

const marker = 0x4d;

function stretched(label: string, bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += 32) {
    out.set(hash("sha256", concat(utf8(label), Uint8Array.of(at), bytes)).subarray(0, length - at), at);
  }
  return out;
}

const publicOf = (privateKey: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(marker), stretched("public", privateKey, 1_100));

const pairOf = (ikm: Uint8Array): { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array } => {
  const privateKey = stretched("private", ikm, 40);
  return { privateKey, publicKey: publicOf(privateKey) };
};

export const madeUpKem: Kem = {
  id: 0xfe01,
  lengths: { publicKey: 1_101, privateKey: 40, enc: 77, sharedSecret: 24 },
  generateKeyPair: (random) => pairOf(randomBytes(random, 40)),
  deriveKeyPair: pairOf,
  publicKey: publicOf,
  isPublicKey: (publicKey) => publicKey[0] === marker,
  encap(publicKey, random) {
    const enc = randomBytes(random, 77);
    return { enc, sharedSecret: stretched("shared", concat(enc, publicKey), 24) };
  },
  decap: (enc, privateKey, publicKey = publicOf(privateKey)) => stretched("shared", concat(enc, publicKey), 24),
};

/** A suite as those of draft-ietf-mls-pq-ciphersuites are: its hash is that of no suite with its signature scheme. */
export const madeUpSuite: CipherSuiteDefinition = {
  id: 0xf0fe,
  name: "MLS_0_MADEUP_AES256GCM_SHA384_Ed25519",
  kem: madeUpKem,
  hash: "sha384",
  aead: "AES-256-GCM",
  signature: "Ed25519",
};
