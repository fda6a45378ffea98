/**
 * The verifiable oblivious pseudorandom function over ristretto255 with SHA-512, mode VOPRF. RFC 9497 section 3.3.2.
 *
 * A client learns F(k, input) from a server that holds k, which learns nothing of the input; a proof shows that the server has
 * used the k of its public key.
 */

import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { CopseError } from "../errors.ts";
import type { Random } from "./provider.ts";
import { randomBytes } from "./random.ts";

/** The length of an encoded element, and of a scalar, in bytes. */
export const elementLength = 32;
/** The length of a proof: two scalars. */
export const proofLength = 64;

const { voprf } = ristretto255_oprf;

/** A key of the function: the secret scalar and the public element, each of 32 bytes. */
export interface OprfKey {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** What the client keeps, and what it sends. */
export interface Blinded {
  /** A secret scalar of 32 bytes. */
  readonly blind: Uint8Array;
  /** The element of 32 bytes that the server gets. */
  readonly blinded: Uint8Array;
}

/** What the server answers. */
export interface Evaluated {
  /** An element of 32 bytes. */
  readonly evaluated: Uint8Array;
  /** 64 bytes that show that it was made with the server's key. */
  readonly proof: Uint8Array;
}

/** DeriveKeyPair of a fresh seed. Section 3.2.1. */
export function createOprfKey(random: Random, info: Uint8Array): OprfKey {
  return deriveOprfKey(randomBytes(random, 32), info);
}

/** DeriveKeyPair. Section 3.2.1. The seed has 32 bytes. */
export function deriveOprfKey(seed: Uint8Array, info: Uint8Array): OprfKey {
  return voprf.deriveKeyPair(seed, info);
}

/** Blind. Section 3.3.1. The input has at most 65,535 bytes. */
export function blindInput(random: Random, input: Uint8Array): Blinded {
  return voprf.blind(input, sourceOf(random));
}

/**
 * BlindEvaluate. Section 3.3.2.
 *
 * @throws CopseError "key-invalid" where what came is no element, or the identity: section 3.3 has both refused.
 */
export function evaluateBlinded(random: Random, key: OprfKey, blinded: Uint8Array): Evaluated {
  const source = sourceOf(random);
  try {
    return voprf.blindEvaluate(key.secretKey, key.publicKey, blinded, source);
  } catch (cause) {
    throw cause instanceof CopseError ? cause : new CopseError("key-invalid", { detail: "no element of ristretto255" });
  }
}

/**
 * Finalize: 64 bytes, or undefined where the answer was not made with the key of this public key. Section 3.3.2.
 */
export function finalizeEvaluated(
  input: Uint8Array,
  { blind, blinded }: Blinded,
  { evaluated, proof }: Evaluated,
  publicKey: Uint8Array,
): Uint8Array | undefined {
  try {
    return voprf.finalize(input, blind, evaluated, blinded, publicKey, proof);
  } catch {
    return undefined; // no element, no scalar, or another key's
  }
}

function sourceOf(random: Random): (length?: number) => Uint8Array {
  return (length = 32) => randomBytes(random, length);
}
