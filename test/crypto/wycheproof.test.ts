/**
 * Keys, signatures and shared secrets against Project Wycheproof: every provider gives its verdict, and where Wycheproof
 * leaves it open ("acceptable"), all give the same.
 */

import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { fromHex, hex, utf8 } from "../../src/bytes/text.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { labeledExpand, labeledExtract } from "../../src/crypto/labeled-kdf.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { CopseError } from "../../src/errors.ts";
import { describePublished } from "./published.ts";
import { providers } from "./providers.ts";

type Result = "valid" | "invalid" | "acceptable";

interface Wycheproof<Group> {
  readonly testGroups: readonly Group[];
}

/** Some things are checked for one in so many cases only: the slow curves take milliseconds each. */
const oneIn = 16;

interface SignatureGroup {
  readonly publicKey: { readonly pk?: string; readonly uncompressed?: string };
  readonly tests: readonly {
    readonly tcId: number;
    readonly msg: string;
    readonly sig: string;
    readonly result: Result;
  }[];
}

const signatureFiles = [
  { file: "ed25519_test.json", suite: 1 },
  { file: "ed448_test.json", suite: 4 },
  { file: "ecdsa_secp256r1_sha256_test.json", suite: 2 },
  { file: "ecdsa_secp384r1_sha384_test.json", suite: 7 },
  { file: "ecdsa_secp521r1_sha512_test.json", suite: 5 },
];

describe.each(signatureFiles)("signatures of suite $suite", ({ file, suite: id }) => {
  describePublished<Wycheproof<SignatureGroup>>(`wycheproof/${file}`, ({ testGroups }) => {
    const cases = testGroups.flatMap(({ publicKey: { pk, uncompressed }, tests }) => {
      const publicKey = fromHex(pk ?? uncompressed ?? "");
      return tests.map(({ tcId, msg, sig, result }) => ({
        tcId,
        result,
        verification: { publicKey, message: fromHex(msg), signature: fromHex(sig) },
      }));
    });

    test.each(providers)("$name", async (provider) => {
      const suite = cipherSuite(id, provider);
      const verdicts = await suite.verifyAll(cases.map(({ verification }) => verification));
      expect(cases.filter(({ result }, i) => verdicts[i] !== (result === "valid")).map(({ tcId }) => tcId)).toEqual([]);
      for (const { tcId, result, verification } of cases.filter((_, i) => i % oneIn === 0)) {
        expect(await suite.verify(verification), `case ${String(tcId)}`).toBe(result === "valid");
        expect(suite.isSignaturePublicKey(verification.publicKey)).toBe(true);
      }
    });
  });
});

interface DhCase {
  readonly tcId: number;
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
  readonly shared: string;
  readonly result: Result;
}

/** DHKEM's shared secret from a DH result: RFC 9180 section 4.1. Undefined where the DH result must be refused. */
function expectedSecret(
  suite: CipherSuite,
  { shared, publicKey }: DhCase,
  ownPublicKey: Uint8Array,
): string | undefined {
  // On a NIST curve a point with x = 0 is as good as any.
  if (/^0*$/.test(shared) && suite.hpke.kem >= 0x20) return undefined;
  const suiteId = concat(utf8("KEM"), new Uint8Array([0, suite.hpke.kem]));
  const prk = labeledExtract(suite, suiteId, new Uint8Array(0), utf8("eae_prk"), fromHex(shared));
  const context = concat(publicKey, ownPublicKey);
  return hex(labeledExpand(suite, suiteId, prk, utf8("shared_secret"), context, suite.hashLength));
}

async function decapResult(suite: CipherSuite, { publicKey, privateKey }: DhCase): Promise<string | undefined> {
  try {
    return hex(await suite.decap(publicKey, privateKey));
  } catch (error) {
    expect(error).toBeInstanceOf(CopseError);
    expect((error as CopseError).code).toBe("decapsulation");
    return undefined;
  }
}

function checkDh(id: number, cases: readonly DhCase[]): void {
  test.each(providers)("$name", async (provider) => {
    const suite = cipherSuite(id, provider);
    const wrong: number[] = [];
    for (const vector of cases) {
      const ownPublicKey = await suite.kemPublicKey(vector.privateKey);
      const expected = vector.result === "invalid" ? undefined : expectedSecret(suite, vector, ownPublicKey);
      if ((await decapResult(suite, vector)) !== expected) wrong.push(vector.tcId);
      if (suite.isKemPublicKey(vector.publicKey) !== (expected !== undefined)) wrong.push(vector.tcId);
    }
    expect(wrong).toEqual([]);
  });
}

interface MontgomeryGroup {
  readonly tests: readonly {
    readonly tcId: number;
    readonly public: string;
    readonly private: string;
    readonly shared: string;
    readonly result: Result;
  }[];
}

const montgomeryFiles = [
  { file: "x25519_test.json", suite: 1 },
  { file: "x448_test.json", suite: 4 },
];

describe.each(montgomeryFiles)("key agreement of suite $suite", ({ file, suite }) => {
  describePublished<Wycheproof<MontgomeryGroup>>(`wycheproof/${file}`, ({ testGroups }) => {
    checkDh(
      suite,
      testGroups.flatMap(({ tests }) =>
        tests.map((vector) => ({
          ...vector,
          publicKey: fromHex(vector.public),
          privateKey: fromHex(vector.private),
        })),
      ),
    );
  });
});

interface Jwk {
  readonly crv: string;
  readonly x: string;
  readonly y: string;
  readonly d?: string;
}

interface NistGroup {
  readonly tests: readonly {
    readonly tcId: number;
    readonly flags: readonly string[];
    readonly public: Jwk;
    readonly private: Jwk;
    readonly shared: string;
    readonly result: Result;
  }[];
}

const nistFiles = [
  { file: "ecdh_secp256r1_webcrypto_test.json", suite: 2, length: 32 },
  { file: "ecdh_secp384r1_webcrypto_test.json", suite: 7, length: 48 },
  { file: "ecdh_secp521r1_webcrypto_test.json", suite: 5, length: 66 },
];

describe.each(nistFiles)("key agreement of suite $suite", ({ file, suite, length }) => {
  describePublished<Wycheproof<NistGroup>>(`wycheproof/${file}`, ({ testGroups }) => {
    checkDh(
      suite,
      testGroups
        .flatMap(({ tests }) => tests)
        .filter(({ flags, tcId }) => !flags.includes("EdgeCaseDoubling") || tcId % oneIn === 0)
        .map((vector) => ({
          ...vector,
          publicKey: concat(new Uint8Array([4]), fixed(vector.public.x, length), fixed(vector.public.y, length)),
          privateKey: fixed(vector.private.d ?? "", length),
        })),
    );
  });
});

/** A JWK's integer, brought to the curve's length where its own is shorter. */
function fixed(base64url: string, length: number): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(base64url, "base64url"));
  if (bytes.length >= length) return bytes;
  return concat(new Uint8Array(length - bytes.length), bytes);
}
