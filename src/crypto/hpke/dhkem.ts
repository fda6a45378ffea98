/**
 * DHKEM: a KEM from a Diffie-Hellman group and HKDF. RFC 9180 sections 4.1 and 7.1.3. What a key may be is checked here
 * and in dh.ts, so that providers only compute.
 */

import { concat } from "../../bytes/concat.ts";
import { nothing } from "../../bytes/nothing.ts";
import { utf8 } from "../../bytes/text.ts";
import { CopseError } from "../../errors.ts";
import { dhkems, kdfs } from "../suites/cipher-suites.ts";
import { dhLengths, isDhPrivateKey, isDhPublicKey, loadDhKey } from "./dh.ts";
import type { Kem } from "./kem.ts";
import { labeledExpand, labeledExtract, type Kdf } from "./labeled-kdf.ts";
import type { Dh, DhKey, KeyPair } from "../provider.ts";
import { randomBytes } from "../random.ts";
import type { HashName } from "../symmetric.ts";

const label = {
  dkpPrk: utf8("dkp_prk"),
  sk: utf8("sk"),
  candidate: utf8("candidate"),
  eaePrk: utf8("eae_prk"),
  sharedSecret: utf8("shared_secret"),
} as const;

/** The KEM over this group. `kdfOf` gives HKDF with a hash. */
export function dhkem(dh: Dh, kdfOf: (hash: HashName) => Kdf): Kem {
  const { id, hash } = dhkems[dh.name];
  const sharedSecretLength = kdfs[hash].length; // Nsecret is Nh of the KEM's own hash
  const kdf = kdfOf(hash);
  const suiteId = concat(utf8("KEM"), new Uint8Array([id >> 8, id & 0xff]));
  const { privateKey: privateKeyLength, publicKey: publicKeyLength } = dhLengths[dh.name];

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
    const sharedSecret = labeledExpand(kdf, suiteId, prk, label.sharedSecret, context, sharedSecretLength);
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

  const deriveKeyPair = async (ikm: Uint8Array): Promise<KeyPair> => {
    const privateKey = derivePrivateKey(ikm);
    const { publicKey } = await loadDhKey(dh, privateKey);
    return { privateKey, publicKey };
  };

  return {
    id,
    lengths: {
      publicKey: publicKeyLength,
      privateKey: privateKeyLength,
      enc: publicKeyLength,
      sharedSecret: sharedSecretLength,
    },

    // DeriveKeyPair of a random ikm, which "SHOULD have at least Nsk bytes of entropy" (RFC 9180 section 4).
    async generateKeyPair(random) {
      const ikm = randomBytes(random, privateKeyLength);
      const pair = deriveKeyPair(ikm); // has read ikm when it gives its promise
      ikm.fill(0);
      return pair;
    },

    deriveKeyPair,

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
