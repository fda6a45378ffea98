/**
 * The NIST curves as far as checking their encodings needs: which points and which scalars are accepted, the same in
 * every provider. SEC 1 section 2.3; FIPS 186-5; parameters of SP 800-186 section 3.2.1.
 */

import { bigEndian, mod } from "./integers.ts";

/** The NIST curves of the suites. */
export type NistCurve = "P-256" | "P-384" | "P-521";

interface Parameters {
  /** The length of a coordinate and of a scalar, in bytes. */
  readonly length: number;
  readonly p: bigint;
  /** The curve is y^2 = x^3 - 3x + b. */
  readonly b: bigint;
  /** The order of the group; the cofactor is 1. */
  readonly n: bigint;
}

/** The parameters of each curve. */
export const nistCurves: Readonly<Record<NistCurve, Parameters>> = {
  "P-256": {
    length: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  "P-384": {
    length: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  "P-521": {
    length: 66,
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    n: 0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
};

/**
 * Whether bytes are the uncompressed encoding of a point of the curve: 0x04, then x and y, both below p. RFC 9420
 * section 5.1.1 and RFC 9180 section 7.1.1 use no other form. The point at infinity has none, and the cofactor is 1.
 */
export function isNistPoint(curve: NistCurve, bytes: Uint8Array): boolean {
  const { length, p, b } = nistCurves[curve];
  if (bytes.length !== 1 + 2 * length || bytes[0] !== 4) return false;
  const x = bigEndian(bytes.subarray(1, 1 + length));
  const y = bigEndian(bytes.subarray(1 + length));
  return x < p && y < p && mod(y * y - ((x * x - 3n) * x + b), p) === 0n;
}

const orders = new Map<NistCurve, Uint8Array>();

function orderOf(curve: NistCurve): Uint8Array {
  let bytes = orders.get(curve);
  if (bytes === undefined) {
    const { length, n } = nistCurves[curve];
    bytes = new Uint8Array(length);
    for (let i = length - 1, rest = n; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
    orders.set(curve, bytes);
  }
  return bytes;
}

/**
 * Whether bytes are a private key: of the curve's length, big-endian, between 1 and n - 1. Scalars are secret, so that
 * the comparison takes the same time for all of them.
 */
export function isNistScalar(curve: NistCurve, bytes: Uint8Array): boolean {
  const order = orderOf(curve);
  if (bytes.length !== order.length) return false;
  let borrow = 0;
  let any = 0;
  for (let i = bytes.length - 1; i >= 0; i--) {
    borrow = ((bytes[i]! - order[i]! - borrow) >> 8) & 1;
    any |= bytes[i]!;
  }
  return borrow === 1 && any !== 0;
}
