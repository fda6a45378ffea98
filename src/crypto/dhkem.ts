/**
 * DHKEM: a KEM from a Diffie-Hellman group and HKDF. RFC 9180 sections 4.1 and 7.1.3. What a key may be is checked here
 * and in dh.ts, so that providers only compute.
 */

import { concat } from "../bytes/concat.ts";
import { utf8 } from "../bytes/text.ts";
import { CopseError } from "../errors.ts";
import { dhLengths, isDhPrivateKey, isDhPublicKey, loadDhKey, type Dh, type DhKey } from "./dh.ts";
import { labeledExpand, labeledExtract, type Kdf } from "./labeled-kdf.ts";
import type { Encapsulation, KeyPair, Random } from "./provider.ts";
import { randomBytes } from "./random.ts";

/** A KEM of RFC 9180 section 4. */
export interface Kem {
  deriveKeyPair(ikm: Uint8Array): Promise<KeyPair>;
  publicKey(privateKey: Uint8Array): Promise<Uint8Array>;
  isPublicKey(publicKey: Uint8Array): boolean;
  encap(publicKey: Uint8Array, random: Random): Promise<Encapsulation>;
  decap(enc: Uint8Array, privateKey: Uint8Array, publicKey?: Uint8Array): Promise<Uint8Array>;
}

const nothing = new Uint8Array(0);
const label = {
  dkpPrk: utf8("dkp_prk"),
  sk: utf8("sk"),
  candidate: utf8("candidate"),
  eaePrk: utf8("eae_prk"),
  sharedSecret: utf8("shared_secret"),
} as const;

/** The KEM of this group. `kdf` is HKDF with the hash that the KEM's identifier names, of `hashLength` bytes. */
export function dhkem(kemId: number, dh: Dh, kdf: Kdf, hashLength: number): Kem {
  const suiteId = concat(utf8("KEM"), new Uint8Array([kemId >> 8, kemId & 0xff]));
  const { privateKey: privateKeyLength } = dhLengths[dh.name];

  const derivePrivateKey = (ikm: Uint8Array): Uint8Array => {
    const prk = labeledExtract(kdf, suiteId, nothing, label.dkpPrk, ikm);
    try {
      if (dh.name === "X25519" || dh.name === "X448") {
        return labeledExpand(kdf, suiteId, prk, label.sk, nothing, privateKeyLength);
      }
      for (let counter = 0; counter < 256; counter++) {
        const info = new Uint8Array([counter]);
        const candidate = labeledExpand(kdf, suiteId, prk, label.candidate, info, privateKeyLength);
        if (dh.name === "P-521") candidate[0] = candidate[0]! & 0x01; // the bitmask of section 7.1.3
        if (isDhPrivateKey(dh.name, candidate)) return candidate;
        candidate.fill(0);
      }
      throw new CopseError("key-invalid", { detail: "DeriveKeyPair found no key" });
    } finally {
      prk.fill(0);
    }
  };

  /** DH, refusing the all-zero secret: RFC 9180 section 7.1.4. Both error codes are the caller's. */
  const agree = async (key: DhKey, publicKey: Uint8Array, code: "key-invalid" | "decapsulation") => {
    if (!isDhPublicKey(dh.name, publicKey)) throw new CopseError(code);
    let secret: Uint8Array;
    try {
      secret = await key.agree(publicKey);
    } catch (cause) {
      throw new CopseError(code, { cause });
    }
    let any = 0;
    for (const byte of secret) any |= byte;
    if (any === 0 && (dh.name === "X25519" || dh.name === "X448")) throw new CopseError(code);
    return secret;
  };

  /** ExtractAndExpand(dh, kem_context). Wipes the DH secret. */
  const extractAndExpand = (secret: Uint8Array, enc: Uint8Array, publicKey: Uint8Array): Uint8Array => {
    const prk = labeledExtract(kdf, suiteId, nothing, label.eaePrk, secret);
    secret.fill(0);
    const context = concat(enc, publicKey);
    const sharedSecret = labeledExpand(kdf, suiteId, prk, label.sharedSecret, context, hashLength);
    prk.fill(0);
    return sharedSecret;
  };

  /** A pair of our own: some platforms notice that its halves do not belong together, others get another secret. */
  const loadOwnPair = async (privateKey: Uint8Array, publicKey: Uint8Array | undefined): Promise<DhKey> => {
    try {
      return await loadDhKey(dh, privateKey, publicKey);
    } catch (cause) {
      throw cause instanceof CopseError ? cause : new CopseError("key-invalid", { cause });
    }
  };

  return {
    async deriveKeyPair(ikm) {
      const privateKey = derivePrivateKey(ikm);
      const { publicKey } = await loadDhKey(dh, privateKey);
      return { privateKey, publicKey };
    },

    async publicKey(privateKey) {
      return (await loadDhKey(dh, privateKey)).publicKey;
    },

    isPublicKey: (publicKey) => isDhPublicKey(dh.name, publicKey),

    async encap(publicKey, random) {
      const ikm = randomBytes(random, privateKeyLength);
      const privateKey = derivePrivateKey(ikm);
      ikm.fill(0);
      try {
        const key = await loadDhKey(dh, privateKey);
        const secret = await agree(key, publicKey, "key-invalid");
        return { enc: key.publicKey, sharedSecret: extractAndExpand(secret, key.publicKey, publicKey) };
      } finally {
        privateKey.fill(0);
      }
    },

    async decap(enc, privateKey, publicKey) {
      const key = await loadOwnPair(privateKey, publicKey);
      const secret = await agree(key, enc, "decapsulation");
      return extractAndExpand(secret, enc, key.publicKey);
    },
  };
}
