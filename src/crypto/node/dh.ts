/**
 * Diffie-Hellman by `node:crypto`.
 */

import { createECDH, diffieHellman } from "node:crypto";
import type { DhName } from "../suites/cipher-suites.ts";
import type { Dh, DhKey } from "../provider.ts";
import type { NistCurve } from "../curves/nist-curves.ts";
import { ecPrivateKey, ecPublicKey, KeyCache, okpPrivateKey, okpPublicBytes, okpPublicKey } from "./keys.ts";
import { plain } from "../plain.ts";

/** OpenSSL's names of the curves. */
const curves: Readonly<Record<NistCurve, string>> = {
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
};

/** The group of this name. */
export function nodeDh(name: DhName): Dh {
  return name === "X25519" || name === "X448" ? montgomery(name) : weierstrass(name);
}

function montgomery(name: "X25519" | "X448"): Dh {
  const publicKeys = new KeyCache((publicKey) => okpPublicKey(name, publicKey));
  return {
    name,
    load(bytes, publicKey) {
      const privateKey = okpPrivateKey(name, bytes);
      return {
        publicKey: publicKey ?? okpPublicBytes(privateKey),
        agree: (theirs) => plain(diffieHellman({ privateKey, publicKey: publicKeys.keyOf(theirs) })),
      };
    },
  };
}

/**
 * The older ECDH object gives the public key of a private one, which the key objects ask for. On P-256 it also agrees
 * the fastest; on the larger curves it checks its own key first, which takes as long as agreeing.
 */
function weierstrass(name: NistCurve): Dh {
  return {
    name,
    load(bytes, known) {
      if (name !== "P-256" && known !== undefined) return withKeyObjects(name, bytes, known);
      const ecdh = createECDH(curves[name]);
      ecdh.setPrivateKey(bytes);
      const publicKey = known ?? plain(ecdh.getPublicKey());
      if (name === "P-256") return { publicKey, agree: (theirs) => plain(ecdh.computeSecret(theirs)) };
      return withKeyObjects(name, bytes, publicKey);
    },
  };
}

/** Key objects are made when somebody is agreed with: a node of the tree that only gets a key pair needs none. */
function withKeyObjects(name: NistCurve, bytes: Uint8Array, publicKey: Uint8Array): DhKey {
  return {
    publicKey,
    agree(theirs) {
      const privateKey = ecPrivateKey(name, bytes, publicKey);
      return plain(diffieHellman({ privateKey, publicKey: ecPublicKey(name, theirs) }));
    },
  };
}
