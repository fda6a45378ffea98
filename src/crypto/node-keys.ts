/**
 * Key objects of `node:crypto` from raw bytes. JSON Web Keys are the cheap way in: a DER X25519 private key costs 330 us
 * to import, the same key as a JWK 22 us.
 */

import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** The curves of RFC 8037, with the length of their keys in bytes. */
const okpLengths = { X25519: 32, X448: 56, Ed25519: 32, Ed448: 57 } as const;
/** The curves of RFC 8037. */
export type OkpCurve = keyof typeof okpLengths;

/** A private key. The JWK's `x` may be anything: the public key is computed from `d`. */
export function okpPrivateKey(crv: OkpCurve, privateKey: Uint8Array): KeyObject {
  const x = zeros[crv];
  return createPrivateKey({ key: { kty: "OKP", crv, d: base64url(privateKey), x }, format: "jwk" });
}

/** A public key. */
export function okpPublicKey(crv: OkpCurve, publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv, x: base64url(publicKey) }, format: "jwk" });
}

/** The public half of a private key, as bytes. */
export function okpPublicBytes(privateKey: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url"));
}

/** A key on a NIST curve from its uncompressed point: private where `d` is given. */
export function ecKey(crv: string, point: Uint8Array, d?: Uint8Array): KeyObject {
  const length = (point.length - 1) / 2;
  const x = base64url(point.subarray(1, 1 + length));
  const y = base64url(point.subarray(1 + length));
  return d === undefined
    ? createPublicKey({ key: { kty: "EC", crv, x, y }, format: "jwk" })
    : createPrivateKey({ key: { kty: "EC", crv, x, y, d: base64url(d) }, format: "jwk" });
}

/** Public key objects by the identity of the array that they came from, which nobody may change. */
export class KeyCache {
  readonly #keys = new WeakMap<Uint8Array, KeyObject>();
  readonly #load: (publicKey: Uint8Array) => KeyObject;

  constructor(load: (publicKey: Uint8Array) => KeyObject) {
    this.#load = load;
  }

  keyOf(publicKey: Uint8Array): KeyObject {
    let key = this.#keys.get(publicKey);
    if (key === undefined) {
      key = this.#load(publicKey);
      this.#keys.set(publicKey, key);
    }
    return key;
  }
}

/** Bytes that a Buffer of `node:crypto` holds, as a plain array without a copy. */
export function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

const zeros: Readonly<Record<OkpCurve, string>> = {
  X25519: base64url(new Uint8Array(okpLengths.X25519)),
  X448: base64url(new Uint8Array(okpLengths.X448)),
  Ed25519: base64url(new Uint8Array(okpLengths.Ed25519)),
  Ed448: base64url(new Uint8Array(okpLengths.Ed448)),
};
