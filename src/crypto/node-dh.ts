/**
 * Diffie-Hellman by `node:crypto`.
 */

import { createECDH, diffieHellman } from "node:crypto";
import type { DhName } from "./cipher-suites.ts";
import type { Dh } from "./dh.ts";
import { KeyCache, okpPrivateKey, okpPublicBytes, okpPublicKey, plain } from "./node-keys.ts";

/** OpenSSL's names of the curves. */
const curves = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" } as const;

/** The group of this name. */
export function nodeDh(name: DhName): Dh {
  return name === "X25519" || name === "X448" ? montgomery(name) : weierstrass(name);
}

function montgomery(name: "X25519" | "X448"): Dh {
  const publicKeys = new KeyCache((publicKey) => okpPublicKey(name, publicKey));
  return {
    name,
    load(bytes) {
      const privateKey = okpPrivateKey(name, bytes);
      return {
        publicKey: okpPublicBytes(privateKey),
        agree: (publicKey) => plain(diffieHellman({ privateKey, publicKey: publicKeys.keyOf(publicKey) })),
      };
    },
  };
}

/** The older ECDH object: key objects would need the public key before the private one can be imported. */
function weierstrass(name: keyof typeof curves): Dh {
  return {
    name,
    load(bytes) {
      const ecdh = createECDH(curves[name]);
      ecdh.setPrivateKey(bytes);
      return {
        publicKey: plain(ecdh.getPublicKey()),
        agree: (publicKey) => plain(ecdh.computeSecret(publicKey)),
      };
    },
  };
}
