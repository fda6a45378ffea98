/**
 * Project Wycheproof's key agreement, through the KEM of a cipher suite: RFC 9180 sections 4.1 and 7.1.4.
 */

import { concat } from "../../bytes/concat.ts";
import { fromHex, hex, utf8 } from "../../bytes/text.ts";
import { labeledExpand, labeledExtract } from "../../crypto/hpke/labeled-kdf.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { outcome, same, type Outcome, type Verify } from "./check.ts";
import { casesOf, nameOf } from "./wycheproof.ts";

/** A case, with its keys as a KEM has them. */
interface Agreement {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
  /** In hex. */
  readonly shared: string;
  readonly refused: boolean;
}

interface MontgomeryCase {
  readonly public: string;
  readonly private: string;
  readonly shared: string;
}

/** X25519 or X448, of a suite. "Acceptable" is whatever RFC 9180 accepts: all but a result of zeros. */
export function verifyMontgomery(id: number): Verify {
  return eachAgreement<MontgomeryCase>(id, (_suite, test) => ({
    publicKey: fromHex(test.public),
    privateKey: fromHex(test.private),
    shared: test.shared,
    refused: test.result === "invalid" || /^0*$/.test(test.shared),
  }));
}

/** Integers in base64url. */
interface Jwk {
  readonly x: string;
  readonly y: string;
  readonly d?: string;
}

interface NistCase {
  readonly public: Jwk;
  readonly private: Jwk;
  readonly shared: string;
}

/** ECDH on the curve of a suite. */
export function verifyNist(id: number): Verify {
  return eachAgreement<NistCase>(id, (suite, test) => {
    const length = fieldLength[suite.hpke.kem]!;
    const { x, y } = test.public;
    return {
      publicKey: concat(Uint8Array.of(4), integer(x, length), integer(y, length)),
      privateKey: integer(test.private.d ?? "", length),
      shared: test.shared,
      refused: test.result === "invalid",
    };
  });
}

/** Of the curves, in bytes, by the KEM's identifier. RFC 9180 section 7.1 */
const fieldLength: Readonly<Record<number, number>> = { 0x10: 32, 0x11: 48, 0x12: 66 };

function eachAgreement<TestCase>(
  id: number,
  read: (suite: CipherSuite, test: TestCase & { readonly result: string }) => Agreement,
): Verify {
  return async function* (suiteFor, files): AsyncIterable<Outcome> {
    const suite = suiteFor(id);
    const publicKeys = new Map<string, Uint8Array>(); // many cases share a private key
    const publicKeyOf = async (privateKey: Uint8Array): Promise<Uint8Array> => {
      const known = publicKeys.get(hex(privateKey)) ?? (await suite.kemPublicKey(privateKey));
      publicKeys.set(hex(privateKey), known);
      return known;
    };
    for (const { test } of files.flatMap((file) => casesOf<object, TestCase>(file))) {
      yield await outcome(nameOf(test), () => checkAgreement(suite, read(suite, test), publicKeyOf));
    }
  };
}

async function checkAgreement(
  suite: CipherSuite,
  agreement: Agreement,
  publicKeyOf: (privateKey: Uint8Array) => Promise<Uint8Array>,
): Promise<void> {
  const { publicKey, privateKey, refused } = agreement;
  const expected = refused
    ? "decapsulation"
    : expectedSecret(suite, { ...agreement, ownPublicKey: await publicKeyOf(privateKey) });
  same("the shared secret", await decapsulated(suite, publicKey, privateKey), expected);
  same("whether the public key is accepted", suite.isKemPublicKey(publicKey), !refused);
}

/** The KEM's shared secret, made of the published result of Diffie-Hellman. RFC 9180 section 4.1 */
function expectedSecret(
  suite: CipherSuite,
  { publicKey, ownPublicKey, shared }: Agreement & { readonly ownPublicKey: Uint8Array },
): string {
  const suiteId = concat(utf8("KEM"), Uint8Array.of(0, suite.hpke.kem));
  const prk = labeledExtract(suite, suiteId, new Uint8Array(0), utf8("eae_prk"), fromHex(shared));
  const context = concat(publicKey, ownPublicKey);
  return hex(labeledExpand(suite, suiteId, prk, utf8("shared_secret"), context, suite.hashLength));
}

/** What decapsulation gives: the secret in hex, or the code of the refusal. */
async function decapsulated(suite: CipherSuite, enc: Uint8Array, privateKey: Uint8Array): Promise<string> {
  try {
    return hex(await suite.decap(enc, privateKey));
  } catch (error) {
    if (error instanceof CopseError) return error.code;
    throw error;
  }
}

/** An integer in base64url, brought to the curve's length where its own is shorter. */
function integer(base64url: string, length: number): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(base64url, "base64url"));
  return bytes.length >= length ? bytes : concat(new Uint8Array(length - bytes.length), bytes);
}
