/**
 * Signature schemes: what a provider has to bring, and the checks around it that make all providers accept the same
 * keys and signatures. RFC 9420 section 5.1.2.
 */

import { CopseError } from "../errors.ts";
import type { SignatureName } from "./suites/cipher-suites.ts";
import { encodeEcdsaSignature, parseEcdsaSignature } from "./curves/ecdsa.ts";
import { type EdwardsCurve, edwardsCurves, isEdwardsEncoding, isEdwardsSignature } from "./curves/edwards.ts";
import { bigEndian } from "./curves/integers.ts";
import { isNistPoint, isNistScalar, nistCurves, type NistCurve } from "./curves/nist-curves.ts";
import type { Awaitable, CipherSuite, KeyPair, Random, Signer, Verification } from "./provider.ts";
import { randomBytes } from "./random.ts";

/**
 * One scheme of one provider, over raw encodings: R || S of RFC 8032, or r || s of the curve's length each. It is only
 * called with private keys, public keys and signatures that the checks below accept.
 */
export interface RawSignatures {
  publicKey(privateKey: Uint8Array): Awaitable<Uint8Array>;
  signer(privateKey: Uint8Array): Awaitable<Signer>;
  verify(verification: Verification): Awaitable<boolean>;
  verifyAll(verifications: readonly Verification[]): Awaitable<readonly boolean[]>;
}

/** The signature operations of a suite. */
export type SignatureScheme = Pick<
  CipherSuite,
  "generateSignatureKeyPair" | "signaturePublicKey" | "signer" | "isSignaturePublicKey" | "verify" | "verifyAll"
>;

/** The curve of an ECDSA scheme. */
export function ecdsaCurve(name: Exclude<SignatureName, EdwardsCurve>): NistCurve {
  return name.slice("ECDSA-".length) as NistCurve;
}

/** The length of a scheme's private keys, in bytes. */
export function privateKeyLength(name: SignatureName): number {
  return name === "Ed25519" || name === "Ed448" ? edwardsCurves[name].length : nistCurves[ecdsaCurve(name)].length;
}

/** A provider's scheme with the checks around it. */
export function strictSignatures(name: SignatureName, raw: RawSignatures): SignatureScheme {
  const scheme = name === "Ed25519" || name === "Ed448" ? edwardsScheme(name) : ecdsaScheme(ecdsaCurve(name));
  return checkedSignatures(scheme, raw);
}

/** An implementation that only sees what its scheme accepts. */
export function checkedSignatures(scheme: SchemeChecks, raw: RawSignatures): SignatureScheme {
  const checkPrivateKey = (privateKey: Uint8Array): void => {
    if (!scheme.isPrivateKey(privateKey)) throw new CopseError("key-invalid");
  };
  const publicKeyOf = async (privateKey: Uint8Array): Promise<Uint8Array> => {
    checkPrivateKey(privateKey);
    return raw.publicKey(privateKey);
  };

  return {
    async generateSignatureKeyPair(random): Promise<KeyPair> {
      const privateKey = scheme.generate(random);
      return { privateKey, publicKey: await publicKeyOf(privateKey) };
    },

    signaturePublicKey: publicKeyOf,

    async signer(privateKey): Promise<Signer> {
      checkPrivateKey(privateKey);
      const signer = await raw.signer(privateKey);
      return { sign: (message) => after(signer.sign(message), scheme.encode) };
    },

    isSignaturePublicKey: scheme.isPublicKey,

    verify({ publicKey, message, signature }) {
      const rawSignature = scheme.parse(publicKey, signature);
      return rawSignature !== undefined && raw.verify({ publicKey, message, signature: rawSignature });
    },

    async verifyAll(verifications): Promise<readonly boolean[]> {
      const verdicts = new Array<boolean>(verifications.length).fill(false);
      const places: number[] = [];
      const worthwhile: Verification[] = [];
      for (let place = 0; place < verifications.length; place++) {
        const verification = verifications[place]!;
        const { publicKey, message, signature } = verification;
        const rawSignature = scheme.parse(publicKey, signature);
        if (rawSignature === undefined) continue;
        places.push(place);
        worthwhile.push(rawSignature === signature ? verification : { publicKey, message, signature: rawSignature });
      }
      const answers = await raw.verifyAll(worthwhile);
      for (let i = 0; i < places.length; i++) verdicts[places[i]!] = answers[i] === true;
      return verdicts;
    },
  };
}

/** What one kind of scheme accepts, and how its signatures are encoded. */
export interface SchemeChecks {
  generate(random: Random): Uint8Array;
  isPrivateKey(privateKey: Uint8Array): boolean;
  isPublicKey(publicKey: Uint8Array): boolean;
  /** The raw signature, or undefined where no verification can succeed. */
  parse(publicKey: Uint8Array, signature: Uint8Array): Uint8Array | undefined;
  encode(rawSignature: Uint8Array): Uint8Array;
}

function edwardsScheme(curve: EdwardsCurve): SchemeChecks {
  const { length } = edwardsCurves[curve];
  return {
    generate: (random) => randomBytes(random, length),
    isPrivateKey: (privateKey) => privateKey.length === length,
    isPublicKey: (publicKey) => isEdwardsEncoding(curve, publicKey),
    parse: (publicKey, signature) =>
      isEdwardsEncoding(curve, publicKey) && isEdwardsSignature(curve, signature) ? signature : undefined,
    encode: (rawSignature) => rawSignature,
  };
}

function ecdsaScheme(curve: NistCurve): SchemeChecks {
  return {
    generate: (random) => generateScalar(curve, random),
    isPrivateKey: (privateKey) => isNistScalar(curve, privateKey),
    isPublicKey: (publicKey) => isNistPoint(curve, publicKey),
    parse: (publicKey, signature) =>
      isNistPoint(curve, publicKey) ? parseEcdsaSignature(curve, signature) : undefined,
    encode: encodeEcdsaSignature,
  };
}

/** FIPS 186-5 appendix A.2.1, key pair generation by extra random bits: d = (c mod (n - 1)) + 1. */
function generateScalar(curve: NistCurve, random: Random): Uint8Array {
  const { length, n } = nistCurves[curve];
  const extended = randomBytes(random, length + 8);
  let scalar = (bigEndian(extended) % (n - 1n)) + 1n;
  extended.fill(0);
  const privateKey = new Uint8Array(length);
  for (let i = length - 1; i >= 0; i--, scalar >>= 8n) privateKey[i] = Number(scalar & 0xffn);
  return privateKey;
}

function after<A, B>(value: Awaitable<A>, then: (value: A) => B): Awaitable<B> {
  return value instanceof Promise ? value.then(then) : then(value);
}
