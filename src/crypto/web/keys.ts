/**
 * Keys of WebCrypto from raw bytes. RFC 8410 section 7; RFC 5915 section 3.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { concat } from "../../bytes/concat.ts";
import { fromHex } from "../../bytes/text.ts";
import { isNistPoint, nistCurves, type NistCurve } from "../curves/nist-curves.ts";

/** The curves that browsers have. */
export type WebCurve = "X25519" | "Ed25519" | NistCurve;

/** PKCS #8 takes a private key without its public key. What comes before the key's bytes: */
const heads: Readonly<Record<WebCurve, Uint8Array>> = {
  // PrivateKeyInfo { version 0, algorithm, OCTET STRING { OCTET STRING { ...
  X25519: fromHex("302e020100300506032b656e04220420"),
  Ed25519: fromHex("302e020100300506032b657004220420"),
  // PrivateKeyInfo { version 0, algorithm, OCTET STRING { ECPrivateKey { version 1, OCTET STRING { ...
  "P-256": fromHex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"),
  "P-384": fromHex("304e020100301006072a8648ce3d020106052b81040022043730350201010430"),
  "P-521": fromHex("3060020100301006072a8648ce3d020106052b81040023044930470201010442"),
};

/** An algorithm of WebCrypto with its curve. */
export interface WebAlgorithm {
  readonly name: "X25519" | "Ed25519" | "ECDH" | "ECDSA";
  readonly namedCurve?: NistCurve;
}

/** The platform's WebCrypto. Where it is missing, as outside a secure context, this throws and noble takes over. */
export function subtle(): SubtleCrypto {
  return globalThis.crypto.subtle;
}

/** Import a private key from PKCS #8. */
export async function importPkcs8(
  curve: WebCurve,
  algorithm: WebAlgorithm,
  privateKey: Uint8Array,
  options: { readonly extractable: boolean },
): Promise<CryptoKey> {
  const encoded = concat(heads[curve], privateKey);
  try {
    return await subtle().importKey("pkcs8", unshared(encoded), algorithm, options.extractable, usages(algorithm));
  } finally {
    encoded.fill(0);
  }
}

/** What newer browsers have beside the types: the public key of a private key, extractable or not. */
interface WithGetPublicKey {
  getPublicKey?(privateKey: CryptoKey, usages: readonly KeyUsage[]): Promise<CryptoKey>;
}

/** Whether the platform gives the public key of a private key that can't be extracted. */
export function givesPublicKeys(): boolean {
  return (subtle() as WithGetPublicKey).getPublicKey !== undefined;
}

/** The public half of a private key, extractable where the platform asks for it: x alone, or the uncompressed point. */
export async function publicBytes(privateKey: CryptoKey): Promise<Uint8Array> {
  const { algorithm } = privateKey;
  const publicKey = await (subtle() as WithGetPublicKey).getPublicKey?.(privateKey, usagesOfPublic(algorithm));
  if (publicKey !== undefined) return new Uint8Array(await subtle().exportKey("raw", publicKey));
  const { x, y } = await subtle().exportKey("jwk", privateKey);
  if (x === undefined) throw new TypeError("WebCrypto gave no public key");
  if (y === undefined) return fromBase64url(x);
  return concat(new Uint8Array([4]), fromBase64url(x), fromBase64url(y));
}

/**
 * A private key for key agreement on a NIST curve, and its public key. With the public key it is a JWK, which is checked
 * and not completed: in Node that is twice as fast.
 */
export async function loadEcdhKey(
  curve: NistCurve,
  privateKey: Uint8Array,
  known?: Uint8Array,
): Promise<{ readonly publicKey: Uint8Array; readonly key: CryptoKey }> {
  const algorithm = { name: "ECDH", namedCurve: curve } as const;
  if (known === undefined && (await computesPublicKeys(curve))) {
    const key = await importPkcs8(curve, algorithm, privateKey, { extractable: !givesPublicKeys() });
    return { publicKey: await publicBytes(key), key };
  }
  const publicKey = known ?? (await noblePublicKey(curve, privateKey));
  return { publicKey, key: await importEcJwk(algorithm, publicKey, privateKey) };
}

/** A private key for signing on a NIST curve. */
export async function importEcdsaKey(curve: NistCurve, privateKey: Uint8Array): Promise<CryptoKey> {
  const algorithm = { name: "ECDSA", namedCurve: curve } as const;
  return (await computesPublicKeys(curve))
    ? importPkcs8(curve, algorithm, privateKey, { extractable: false })
    : importEcJwk(algorithm, await noblePublicKey(curve, privateKey), privateKey);
}

/** Bytes as WebCrypto's types want them: in memory that no other thread shares. */
export function unshared(bytes: Uint8Array): Bytes {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Bytes) : new Uint8Array(bytes);
}

const computing = new Map<NistCurve, Promise<boolean>>();

/** Whether the runtime computes the public key of a private key that comes without: not all do. */
function computesPublicKeys(curve: NistCurve): Promise<boolean> {
  let known = computing.get(curve);
  if (known === undefined) {
    const one = new Uint8Array(nistCurves[curve].length);
    one[one.length - 1] = 1;
    known = importPkcs8(curve, { name: "ECDH", namedCurve: curve }, one, { extractable: !givesPublicKeys() })
      .then(publicBytes)
      .then(
        (publicKey) => isNistPoint(curve, publicKey),
        () => false,
      );
    computing.set(curve, known);
  }
  return known;
}

async function noblePublicKey(curve: NistCurve, privateKey: Uint8Array): Promise<Uint8Array> {
  const { nobleDh } = await import("../noble/dh.ts");
  return (await nobleDh(curve).load(privateKey)).publicKey;
}

async function importEcJwk(
  algorithm: WebAlgorithm & { readonly namedCurve: NistCurve },
  publicKey: Uint8Array,
  privateKey: Uint8Array,
): Promise<CryptoKey> {
  const middle = (publicKey.length + 1) / 2;
  const jwk = {
    kty: "EC",
    crv: algorithm.namedCurve,
    x: base64url(publicKey.subarray(1, middle)),
    y: base64url(publicKey.subarray(middle)),
    d: base64url(privateKey),
  };
  return subtle().importKey("jwk", jwk, algorithm, false, usages(algorithm));
}

function usagesOfPublic({ name }: KeyAlgorithm): KeyUsage[] {
  return name === "Ed25519" || name === "ECDSA" ? ["verify"] : [];
}

function usages({ name }: WebAlgorithm): KeyUsage[] {
  return name === "X25519" || name === "ECDH" ? ["deriveBits"] : ["sign"];
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64url(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
