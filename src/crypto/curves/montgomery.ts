/**
 * Which X25519 and X448 public keys are accepted. RFC 7748 sections 5 and 6; RFC 9180 section 7.1.4.
 */

import { isOneOf, littleEndianBytes } from "./little-endian.ts";

/** The Montgomery curves of the suites. */
export type MontgomeryCurve = "X25519" | "X448";

const p25519 = 2n ** 255n - 19n;
const p448 = 2n ** 448n - 2n ** 224n - 1n;

/**
 * The u-coordinates whose points, on the curve or its twist, have an order that divides the cofactor: every clamped
 * private key takes them to zero, and nothing else does. Those that fit in once more with the field prime added are
 * written down in that form, too.
 */
const smallOrder: Readonly<Record<MontgomeryCurve, readonly Uint8Array[]>> = {
  X25519: [
    0n,
    1n,
    p25519 - 1n,
    p25519,
    p25519 + 1n,
    0xb8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
    0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
  ].map((u) => littleEndianBytes(u, 32)),
  X448: [0n, 1n, p448 - 1n, p448, p448 + 1n].map((u) => littleEndianBytes(u, 56)),
};

/**
 * Whether a u-coordinate is accepted: the right length, and not of small order. RFC 7748 section 5: implementations
 * "MUST accept non-canonical values and process them as if they had been reduced modulo the field prime", and X25519
 * ignores the top bit.
 */
export function isMontgomeryKey(name: MontgomeryCurve, publicKey: Uint8Array): boolean {
  if (name === "X25519") return publicKey.length === 32 && !isOneOf(publicKey, smallOrder.X25519, 0x7f);
  return publicKey.length === 56 && !isOneOf(publicKey, smallOrder.X448);
}
