/**
 * Which Ed25519 and Ed448 public keys and signatures are worth verifying, the same in every provider. RFC 8032 sections
 * 5.1 and 5.2 leave room here, and members that used it differently would split a group.
 *
 * Accepted are canonical encodings of points that are not of small order, as a key A and as a commitment R, and S below
 * the group's order. What is left is the equation itself. Ed25519: S B = R + k A, as OpenSSL, BoringSSL and WebCrypto
 * have it; Ed448: 4 S B = 4 R + 4 k A, as OpenSSL has it (its decoding takes the cofactor away). The two differ only for
 * keys and commitments outside the group of the base point, which nobody makes by accident.
 */

import { isBelow, isOneOf, littleEndianBytes } from "./little-endian.ts";

/** The Edwards curves of the suites. */
export type EdwardsCurve = "Ed25519" | "Ed448";

interface Parameters {
  /** The length of an encoded point, of S and of a private key, in bytes. */
  readonly length: number;
  /** The order of the field, little-endian. */
  readonly p: Uint8Array;
  /** The order of the base point, little-endian. */
  readonly order: Uint8Array;
  /** The y-coordinates of the points whose order divides the cofactor, little-endian. */
  readonly smallOrder: readonly Uint8Array[];
}

const p25519 = 2n ** 255n - 19n;
const order8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const p448 = 2n ** 448n - 2n ** 224n - 1n;

/** The parameters of each curve. */
export const edwardsCurves: Readonly<Record<EdwardsCurve, Parameters>> = {
  Ed25519: {
    length: 32,
    p: littleEndianBytes(p25519, 32),
    order: littleEndianBytes(2n ** 252n + 27742317777372353535851937790883648493n, 32),
    smallOrder: [0n, 1n, p25519 - 1n, order8, p25519 - order8].map((y) => littleEndianBytes(y, 32)),
  },
  Ed448: {
    length: 57,
    p: littleEndianBytes(p448, 56),
    order: littleEndianBytes(2n ** 446n - 13818066809895115352007386748515426880336692474882178609894547503885n, 57),
    smallOrder: [0n, 1n, p448 - 1n].map((y) => littleEndianBytes(y, 56)),
  },
};

/**
 * Whether bytes may be a point: the right length, y below p (RFC 8032 sections 5.1.3 and 5.2.3, step 1), and no point of
 * small order. Whether a point has this y is left to the verification, which fails without one: to find out costs more
 * than checking a thousand encodings.
 */
export function isEdwardsEncoding(curve: EdwardsCurve, bytes: Uint8Array): boolean {
  const { length, p, smallOrder } = edwardsCurves[curve];
  // The sign of x is the last byte's top bit: of Ed448 that byte, its 57th, holds nothing else.
  if (bytes.length !== length || ((bytes[56] ?? 0) & 0x7f) !== 0) return false;
  const mask = curve === "Ed25519" ? 0x7f : 0xff;
  return isBelow(bytes, p, mask) && !isOneOf(bytes, smallOrder, mask);
}

/** Whether a signature R || S is worth verifying: R is no point of small order, and S is below the order. */
export function isEdwardsSignature(curve: EdwardsCurve, signature: Uint8Array): boolean {
  const { length, order } = edwardsCurves[curve];
  if (signature.length !== 2 * length || !isEdwardsEncoding(curve, signature.subarray(0, length))) return false;
  return isBelow(signature.subarray(length), order);
}
