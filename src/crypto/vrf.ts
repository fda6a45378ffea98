/**
 * The verifiable random function ECVRF-EDWARDS25519-SHA512-TAI. RFC 9381 section 5, suite 0x03.
 *
 * Who has the secret key gives everybody else the one output of an input, with a proof that it is that one; without the key nobody tells
 * the output of an input from random bytes. Finding the point takes a time that depends on the input: the holder of the key knows the
 * inputs of all, so that nothing is lost by it.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { hash } from "#symmetric";
import { asBytes, type Bytes } from "../bytes/bytes.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { concat } from "../bytes/concat.ts";
import { CopseError } from "../errors.ts";
import { littleEndian } from "./curves/integers.ts";
import { littleEndianBytes } from "./curves/little-endian.ts";

/** The length of a proof: ptLen + cLen + qLen. */
export const vrfProofLength = 80;

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;

const cLength = 16;
const [encodeToCurve, challenge, proofToHash] = [1, 2, 3].map((purpose) => Uint8Array.of(3, purpose));
const end = Uint8Array.of(0);

/** An output, and what proves that it is the output of its input. */
export interface VrfProof {
  /** 64 bytes */
  readonly output: Bytes;
  /** 80 bytes */
  readonly proof: Bytes;
}

/** The public key of a secret key of 32 bytes. RFC 8032 section 5.1.5. */
export function vrfPublicKey(secretKey: Uint8Array): Bytes {
  return asBytes(ed25519.getPublicKey(secretKey));
}

/** ECVRF_prove. Section 5.1. The secret key has 32 bytes. */
export function proveVrf(secretKey: Uint8Array, input: Uint8Array): VrfProof {
  const { prefix, scalar: x, pointBytes: publicKey } = ed25519.utils.getExtendedPublicKey(secretKey);
  const h = pointOf(publicKey, input);
  const gamma = h.multiply(x);
  // ECVRF_nonce_generation_RFC8032. Section 5.4.2.2.
  const k = littleEndian(hash("sha512", concat(prefix, h.toBytes()))) % Point.Fn.ORDER;
  const c = challengeOf(publicKey, [h, gamma, Point.BASE.multiply(k), h.multiply(k)]);
  const s = (k + littleEndian(c) * x) % Point.Fn.ORDER;
  return { output: outputOf(gamma), proof: concat(gamma.toBytes(), c, littleEndianBytes(s, 32)) };
}

/**
 * ECVRF_verify with validate_key: the output, 64 bytes, or undefined where the proof is not that of the input under this key. Section 5.3.
 *
 * @throws CopseError "key-invalid" where the key is no point, or one of small order.
 */
export function verifyVrf(publicKey: Uint8Array, input: Uint8Array, proof: Uint8Array): Bytes | undefined {
  const y = decodedPoint(publicKey);
  // ECVRF_validate_key. Section 5.4.5.
  if (y === undefined || y.isSmallOrder()) {
    throw new CopseError("key-invalid", { detail: "no public key of the VRF" });
  }
  if (proof.length !== vrfProofLength) return undefined;
  const gamma = decodedPoint(proof.subarray(0, 32));
  const c = proof.subarray(32, 32 + cLength);
  const s = littleEndian(proof.subarray(32 + cLength));
  // ECVRF_decode_proof. Section 5.4.4: "If s >= q, output "INVALID" and stop".
  if (gamma === undefined || s >= Point.Fn.ORDER) return undefined;
  const h = pointOf(publicKey, input);
  const cNumber = littleEndian(c);
  const u = Point.BASE.multiplyUnsafe(s).subtract(y.multiplyUnsafe(cNumber));
  const v = h.multiplyUnsafe(s).subtract(gamma.multiplyUnsafe(cNumber));
  return bytesEqual(challengeOf(publicKey, [h, gamma, u, v]), c) ? outputOf(gamma) : undefined;
}

/** ECVRF_encode_to_curve_try_and_increment, with the public key as salt. Section 5.4.1.1. */
function pointOf(publicKey: Uint8Array, input: Uint8Array): Point {
  for (let counter = 0; counter < 256; counter++) {
    const digest = hash("sha512", concat(encodeToCurve!, publicKey, input, Uint8Array.of(counter), end));
    const point = decodedPoint(digest.subarray(0, 32))?.clearCofactor();
    if (point !== undefined && !point.is0()) return point;
  }
  throw new CopseError("key-invalid", { detail: "no point for this input" }); // one input in 2^256
}

/** ECVRF_challenge_generation: 16 bytes. Section 5.4.3. */
function challengeOf(publicKey: Uint8Array, points: readonly Point[]): Bytes {
  const encoded = points.map((point) => point.toBytes());
  return asBytes(hash("sha512", concat(challenge!, publicKey, ...encoded, end)).slice(0, cLength));
}

/** ECVRF_proof_to_hash. Section 5.2. */
function outputOf(gamma: Point): Bytes {
  return asBytes(hash("sha512", concat(proofToHash!, gamma.clearCofactor().toBytes(), end)));
}

/** string_to_point: the decoding of RFC 8032 section 5.1.3, which has one encoding a point. */
function decodedPoint(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    return undefined;
  }
}
