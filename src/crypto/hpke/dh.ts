/**
 * The Diffie-Hellman groups under the KEM: which inputs are valid, the same in every
 * provider. RFC 9180 section 7.1; RFC 7748; SP 800-56A.
 */

import { CopseError } from "../../errors.ts";
import type { DhName } from "../suites/cipher-suites.ts";
import { isMontgomeryKey } from "../curves/montgomery.ts";
import { isNistPoint, isNistScalar } from "../curves/nist-curves.ts";
import type { Awaitable, Dh, DhKey } from "../provider.ts";

/** Npk (the same as Nenc) and Nsk of a group, in bytes. RFC 9180 section 7.1. */
export const dhLengths: Readonly<Record<DhName, { readonly publicKey: number; readonly privateKey: number }>> = {
  X25519: { publicKey: 32, privateKey: 32 },
  X448: { publicKey: 56, privateKey: 56 },
  "P-256": { publicKey: 65, privateKey: 32 },
  "P-384": { publicKey: 97, privateKey: 48 },
  "P-521": { publicKey: 133, privateKey: 66 },
};

/**
 * Whether a public key is valid. X25519 and X448: any u-coordinate, canonical or not (RFC 7748 section 5), but those of
 * small order, whose shared secret would be all zeros with every private key. NIST curves: an uncompressed point that
 * is on the curve.
 */
export function isDhPublicKey(name: DhName, publicKey: Uint8Array): boolean {
  return name === "X25519" || name === "X448" ? isMontgomeryKey(name, publicKey) : isNistPoint(name, publicKey);
}

/** Whether a private key is valid: the group's length and, on the NIST curves, between 1 and the order less 1. */
export function isDhPrivateKey(name: DhName, privateKey: Uint8Array): boolean {
  return name === "X25519" || name === "X448"
    ? privateKey.length === dhLengths[name].privateKey
    : isNistScalar(name, privateKey);
}

/** Import a private key after checking it, and the public key with it. @throws CopseError "key-invalid". */
export function loadDhKey(dh: Dh, privateKey: Uint8Array, publicKey?: Uint8Array): Awaitable<DhKey> {
  if (!isDhPrivateKey(dh.name, privateKey)) throw new CopseError("key-invalid");
  if (publicKey !== undefined && !isDhPublicKey(dh.name, publicKey)) throw new CopseError("key-invalid");
  return dh.load(privateKey, publicKey);
}
