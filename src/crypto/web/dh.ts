/**
 * Diffie-Hellman by WebCrypto.
 */

import type { DhName } from "../suites/cipher-suites.ts";
import { dhLengths } from "../hpke/dh.ts";
import type { Dh } from "../provider.ts";
import type { NistCurve } from "../curves/nist-curves.ts";
import { givesPublicKeys, importPkcs8, loadEcdhKey, publicBytes, subtle, unshared } from "./keys.ts";

/** The group of this name. */
export function webDh(name: Exclude<DhName, "X448">): Dh {
  return name === "X25519" ? x25519() : nist(name);
}

/** The u-coordinate of the base point, RFC 7748 section 4.1: the key that makes a public key of a private one. */
const basePoint = new Uint8Array(32);
basePoint[0] = 9;

function x25519(): Dh {
  const algorithm = { name: "X25519" } as const;
  return {
    name: "X25519",
    async load(bytes, known) {
      const privateKey = await importPkcs8("X25519", algorithm, bytes, { extractable: false });
      const agree = async (publicKey: Uint8Array): Promise<Uint8Array> => {
        const theirs = await subtle().importKey("raw", unshared(publicKey), algorithm, true, []);
        return new Uint8Array(await subtle().deriveBits({ ...algorithm, public: theirs }, privateKey, 256));
      };
      // Where the platform does not tell the public key, it is what the base point becomes: no key has to be extractable.
      const publicKey = known ?? (await (givesPublicKeys() ? publicBytes(privateKey) : agree(basePoint)));
      return { publicKey, agree };
    },
  };
}

function nist(curve: NistCurve): Dh {
  const algorithm = { name: "ECDH", namedCurve: curve } as const;
  const bits = 8 * dhLengths[curve].privateKey;
  return {
    name: curve,
    async load(bytes, known) {
      const { publicKey, key } = await loadEcdhKey(curve, bytes, known);
      return {
        publicKey,
        async agree(theirPublicKey) {
          const theirs = await subtle().importKey("raw", unshared(theirPublicKey), algorithm, true, []);
          return new Uint8Array(await subtle().deriveBits({ name: "ECDH", public: theirs }, key, bits));
        },
      };
    },
  };
}
