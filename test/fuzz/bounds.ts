/**
 * How much work a call may be, for the size of its input: in objects and in primitive operations, without a clock.
 */

import type { Counts } from "../group/counting.ts";

/** The most objects, views and list entries that a decoder makes of so many bytes: an HPKECiphertext of two makes three. */
export function decodedBound(bytes: number): number {
  return 16 + 3 * bytes;
}

/** The objects, views and list entries of a decoded value. */
export function decodedWeight(value: unknown): number {
  if (value instanceof Uint8Array) return 1;
  if (Array.isArray(value)) return 1 + value.reduce<number>((sum, item) => sum + Math.max(1, decodedWeight(item)), 0);
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce<number>((sum, item) => sum + decodedWeight(item), 0);
}

/** Operations with key pairs: each costs as much as a hundred of the others. */
export function keyPairOperations({ sign, verify, deriveKeyPair, encap, decap }: Counts): number {
  return sign + verify + deriveKeyPair + encap + decap;
}

/** Hashes, HMACs and ciphers. */
export function symmetricOperations({ hash, mac, extract, expand, seal, open }: Counts): number {
  return hash + mac + extract + expand + seal + open;
}

/** What is known of a receiver: it may be asked for as much as its tree and its window allow. */
export interface Receiver {
  /** Leaves of the tree, blank ones included. */
  readonly width: number;
  readonly generationGap: number;
}

/**
 * Key pair operations of one received message: its signature; two signatures for each key package, which has 200 bytes or
 * more; for a commit, the leaf's signature, one decryption, an ExternalInit and a key pair a level.
 */
export function receiveKeyPairBound(bytes: number, { width }: Receiver): number {
  return 8 + Math.log2(width) + bytes / 64;
}

/**
 * Hashes, HMACs and ciphers of one received message: three a generation that is jumped; a path from the root of the
 * secret tree; key schedule, HPKE and path secrets; the tree hashes that the bytes changed.
 */
export function receiveSymmetricBound(bytes: number, { width, generationGap }: Receiver): number {
  return 160 + 3 * generationGap + 60 * (1 + Math.log2(width)) + bytes / 2;
}

/** Key pair operations of joining: a signature for each leaf, two more, and one decryption and a key pair a level. */
export function joinKeyPairBound(bytes: number): number {
  return 40 + bytes / 64;
}

/**
 * Hashes, HMACs and ciphers of joining: a hash a node for the tree hash, where a blank node has one byte and a tree that is a little too large for a power
 * of two is hashed up to the next (RFC 9420 sections 7.8 and 12.4.3.3); as many for parent hashes, of nodes that have more bytes; and the keys.
 */
export function joinSymmetricBound(bytes: number): number {
  return 400 + 2 * bytes;
}
