/**
 * Diffie-Hellman in plain JavaScript, by @noble/curves.
 */

import { x25519 } from "@noble/curves/ed25519.js";
import { x448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import type { DhName } from "../suites/cipher-suites.ts";
import type { Dh } from "../provider.ts";

const montgomery = { X25519: x25519, X448: x448 } as const;
const weierstrass = { "P-256": p256, "P-384": p384, "P-521": p521 } as const;

/** The group of this name. */
export function nobleDh(name: DhName): Dh {
  if (name === "X25519" || name === "X448") {
    const curve = montgomery[name];
    return {
      name,
      load: (privateKey, publicKey = curve.getPublicKey(privateKey)) => ({
        publicKey,
        agree: (theirs) => curve.getSharedSecret(privateKey, theirs),
      }),
    };
  }
  const curve = weierstrass[name];
  return {
    name,
    load: (privateKey, publicKey = curve.getPublicKey(privateKey, false)) => ({
      publicKey,
      agree: (theirs) => {
        const point = curve.getSharedSecret(privateKey, theirs, false);
        const x = point.slice(1, (point.length + 1) / 2);
        point.fill(0);
        return x;
      },
    }),
  };
}
