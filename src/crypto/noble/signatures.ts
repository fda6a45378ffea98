/**
 * Signatures in plain JavaScript, by @noble/curves. ECDSA is deterministic here (RFC 6979), and like every other
 * implementation leaves s as it comes out.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { ed448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesEqual } from "../../bytes/compare.ts";
import { concat } from "../../bytes/concat.ts";
import type { SignatureName } from "../suites/cipher-suites.ts";
import { littleEndian } from "../curves/integers.ts";
import type { Verification } from "../provider.ts";
import type { RawSignatures } from "../signatures.ts";

const weierstrass = { "ECDSA-P-256": p256, "ECDSA-P-384": p384, "ECDSA-P-521": p521 } as const;

/** The scheme of this name. */
export function nobleSignatures(name: SignatureName): RawSignatures {
  const verify = verifierOf(name);
  return {
    ...keysOf(name),
    verify,
    verifyAll: (verifications) => verifications.map(verify),
  };
}

function keysOf(name: SignatureName): Pick<RawSignatures, "publicKey" | "signer"> {
  if (name === "Ed25519" || name === "Ed448") {
    const curve = name === "Ed25519" ? ed25519 : ed448;
    return {
      publicKey: (privateKey) => curve.getPublicKey(privateKey),
      signer: (bytes) => {
        const privateKey = bytes.slice();
        return { sign: (message) => curve.sign(message, privateKey) };
      },
    };
  }
  const curve = weierstrass[name];
  return {
    publicKey: (privateKey) => curve.getPublicKey(privateKey, false),
    signer: (bytes) => {
      const privateKey = bytes.slice();
      return { sign: (message) => curve.sign(message, privateKey, { lowS: false }) };
    },
  };
}

function verifierOf(name: SignatureName): (verification: Verification) => boolean {
  if (name === "Ed25519") return verifyEd25519;
  // Ed448 with the cofactor, as OpenSSL has it; the keys and commitments of small order are refused before.
  if (name === "Ed448") return ({ publicKey, message, signature }) => ed448.verify(signature, message, publicKey);
  const curve = weierstrass[name];
  return ({ publicKey, message, signature }) => curve.verify(signature, message, publicKey, { lowS: false });
}

/**
 * RFC 8032 section 5.1.7 without the cofactor: R is compared with the encoding of S B - k A, as OpenSSL, BoringSSL and
 * CoreCrypto do. noble's own verify multiplies by the cofactor and would accept signatures that they refuse.
 */
function verifyEd25519({ publicKey, message, signature }: Verification): boolean {
  const { Point } = ed25519;
  const commitment = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const k = littleEndian(sha512(concat(commitment, publicKey, message))) % Point.Fn.ORDER;
  let key: InstanceType<typeof Point>;
  try {
    key = Point.fromBytes(publicKey, false);
  } catch {
    return false; // no point has this y
  }
  return bytesEqual(Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k)).toBytes(), commitment);
}
