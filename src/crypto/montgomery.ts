/**
 * Which X25519 and X448 public keys are accepted. RFC 7748 sections 5 and 6; RFC 9180 section 7.1.4.
 */

import { littleEndian } from "./integers.ts";

/** The Montgomery curves of the suites. */
export type MontgomeryCurve = "X25519" | "X448";

const fields = {
  X25519: { length: 32, p: 2n ** 255n - 19n },
  X448: { length: 56, p: 2n ** 448n - 2n ** 224n - 1n },
} as const;

/**
 * The u-coordinates whose points, on the curve or its twist, have an order that divides the cofactor: every clamped
 * private key takes them to zero, and nothing else does.
 */
const smallOrder: Readonly<Record<MontgomeryCurve, ReadonlySet<bigint>>> = {
  X25519: new Set([
    0n,
    1n,
    fields.X25519.p - 1n,
    0xb8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
    0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
  ]),
  X448: new Set([0n, 1n, fields.X448.p - 1n]),
};

/**
 * Whether a u-coordinate is accepted: the right length, and not of small order. RFC 7748 section 5: implementations
 * "MUST accept non-canonical values and process them as if they had been reduced modulo the field prime", and X25519
 * ignores the top bit.
 */
export function isMontgomeryKey(name: MontgomeryCurve, publicKey: Uint8Array): boolean {
  const { length, p } = fields[name];
  if (publicKey.length !== length) return false;
  const u = littleEndian(publicKey);
  return !smallOrder[name].has((name === "X25519" ? u & (2n ** 255n - 1n) : u) % p);
}
