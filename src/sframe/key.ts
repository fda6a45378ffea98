/**
 * From a base key to the key, salt and nonces of one KID. RFC 9605 sections 4.4.2 and 4.4.3.
 */

import { concat } from "../bytes/concat.ts";
import { nothing } from "../bytes/nothing.ts";
import { Secret } from "../bytes/secret.ts";
import { utf8 } from "../bytes/text.ts";
import { hkdfExpand, hkdfExtract } from "../crypto/hkdf.ts";
import type { Symmetric } from "../crypto/symmetric.ts";
import { uint64, xorUint64 } from "./arguments.ts";
import type { SFrameSuite } from "./suites.ts";

/** The part of the symmetric primitives that SFrame uses. */
export interface SFrameSymmetric extends Pick<Symmetric, "aesGcmSeal" | "aesGcmOpen" | "aesCtr"> {
  /** HMAC, RFC 2104, with the hashes of the suites. */
  hmac(name: SFrameSuite["hash"], key: Uint8Array, data: Uint8Array): Uint8Array;
}

/** `sframe_key` and `sframe_salt`. */
export interface KeyAndSalt {
  /** AEAD.Nk bytes. */
  readonly key: Secret<"sframe key">;
  /** AEAD.Nn bytes. */
  readonly salt: Secret<"sframe salt">;
}

/**
 * `sframe_key_label` or `sframe_salt_label`: the KID as 8 bytes and the suite as 2, behind a text that ends in a space.
 */
export function sframeLabel(of: "key" | "salt", suite: SFrameSuite, kid: bigint): Uint8Array {
  return concat(utf8(`SFrame 1.0 Secret ${of} `), uint64(kid), Uint8Array.of(0, suite.id));
}

/** `sframe_secret`: HKDF-Extract("", base_key). The caller wipes it. */
export function sframeSecret(symmetric: SFrameSymmetric, suite: SFrameSuite, baseKey: Uint8Array): Uint8Array {
  return hkdfExtract(symmetric, suite.hash, nothing, baseKey);
}

/** `derive_key_salt`. */
export function deriveKeyAndSalt(
  symmetric: SFrameSymmetric,
  { suite, kid, baseKey }: { readonly suite: SFrameSuite; readonly kid: bigint; readonly baseKey: Uint8Array },
): KeyAndSalt {
  const secret = sframeSecret(symmetric, suite, baseKey);
  const expand = (of: "key" | "salt", length: number): Uint8Array =>
    hkdfExpand(symmetric, suite.hash, secret, sframeLabel(of, suite, kid), length);
  const key = Secret.of("sframe key", expand("key", suite.keyLength));
  const salt = Secret.of("sframe salt", expand("salt", suite.nonceLength));
  secret.fill(0);
  return { key, salt };
}

/**
 * The nonce of a counter: the salt XOR the counter as a big-endian integer of AEAD.Nn bytes, in an array of that length.
 */
export function sframeNonce(
  salt: Uint8Array,
  ctr: bigint,
  nonce: Uint8Array = new Uint8Array(salt.length),
): Uint8Array {
  nonce.set(salt);
  xorUint64(nonce, nonce.length, ctr);
  return nonce;
}
