/**
 * Which Ed25519 and Ed448 public keys and signatures are worth verifying, the same in every provider. RFC 8032 sections
 * 5.1 and 5.2 leave room here, and members that used it differently would split a group.
 *
 * Accepted are canonical encodings of points that are not of small order, as a key A and as a commitment R, and S below
 * the group's order. What is left is the equation itself. Ed25519: S B = R + k A, as OpenSSL, BoringSSL and WebCrypto
 * have it; Ed448: 4 S B = 4 R + 4 k A, as OpenSSL has it (its decoding takes the cofactor away). The two differ only for
 * keys and commitments outside the group of the base point, which nobody makes by accident.
 */

import { littleEndian } from "./integers.ts";

/** The Edwards curves of the suites. */
export type EdwardsCurve = "Ed25519" | "Ed448";

interface Parameters {
  /** The length of an encoded point, of S and of a private key, in bytes. */
  readonly length: number;
  readonly p: bigint;
  /** The order of the base point, little-endian. */
  readonly order: Uint8Array;
  /** The y-coordinates of the points whose order divides the cofactor. */
  readonly smallOrder: ReadonlySet<bigint>;
}

const p25519 = 2n ** 255n - 19n;
const order8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const p448 = 2n ** 448n - 2n ** 224n - 1n;

/** The parameters of each curve. */
export const edwardsCurves: Readonly<Record<EdwardsCurve, Parameters>> = {
  Ed25519: {
    length: 32,
    p: p25519,
    order: orderBytes(2n ** 252n + 27742317777372353535851937790883648493n, 32),
    smallOrder: new Set([0n, 1n, p25519 - 1n, order8, p25519 - order8]),
  },
  Ed448: {
    length: 57,
    p: p448,
    order: orderBytes(2n ** 446n - 13818066809895115352007386748515426880336692474882178609894547503885n, 57),
    smallOrder: new Set([0n, 1n, p448 - 1n]),
  },
};

/**
 * Whether bytes may be a point: the right length, y below p (RFC 8032 sections 5.1.3 and 5.2.3, step 1), and no point of
 * small order. Whether a point has this y is left to the verification, which fails without one: to find out costs more
 * than checking a thousand encodings.
 */
export function isEdwardsEncoding(curve: EdwardsCurve, bytes: Uint8Array): boolean {
  const { length, p, smallOrder } = edwardsCurves[curve];
  if (bytes.length !== length || (curve === "Ed448" && (bytes[56]! & 0x7f) !== 0)) return false;
  const y = coordinate(curve, bytes);
  return y < p && !smallOrder.has(y);
}

/** Whether a signature R || S is worth verifying: R is no point of small order, and S is below the order. */
export function isEdwardsSignature(curve: EdwardsCurve, signature: Uint8Array): boolean {
  const { length, order } = edwardsCurves[curve];
  if (signature.length !== 2 * length || !isEdwardsEncoding(curve, signature.subarray(0, length))) return false;
  for (let i = length - 1; i >= 0; i--) {
    const s = signature[length + i]!;
    if (s !== order[i]!) return s < order[i]!;
  }
  return false;
}

function coordinate(curve: EdwardsCurve, bytes: Uint8Array): bigint {
  return curve === "Ed448" ? littleEndian(bytes.subarray(0, 56)) : littleEndian(bytes) & (2n ** 255n - 1n);
}

function orderBytes(order: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, rest = order; i < length; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}
