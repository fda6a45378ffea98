import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { fromHex, hex } from "../../src/bytes/text.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { CopseError, type ErrorCode } from "../../src/errors.ts";
import { certificateSignatureKey, checkX509Key } from "../../src/rules/x509.ts";
import { providers } from "../crypto/providers.ts";
import { certificate, type CertificateName } from "./certificates.ts";

/** Which suites sign with which key. RFC 9420 section 17.1. */
const schemes = { Ed25519: [1, 3], "P-256": [2], Ed448: [4, 6], "P-521": [5], "P-384": [7] } as const;
/** The lengths of the suites' signature public keys, in bytes. */
const keyLengths: Readonly<Record<number, number>> = { 1: 32, 2: 65, 3: 32, 4: 57, 5: 133, 6: 57, 7: 97 };
const names = Object.keys(schemes) as (keyof typeof schemes)[];
const others: CertificateName[] = ["RSA", "secp256k1", "P-256, explicit parameters", "P-256, compressed point"];

describe.each(providers)("a certificate's key, $name", (provider) => {
  const suites = provider.suites.map((id) => provider.cipherSuite(id));

  test.each(names)("%s is read as OpenSSL reads it, by the suites that sign with it and by no other", (name) => {
    const der = certificate(name);
    for (const suite of suites) {
      if ((schemes[name] as readonly number[]).includes(suite.id)) {
        expect(hex(certificateSignatureKey(der, suite))).toBe(hex(opensslKey(der, suite)));
      } else {
        expectCode(() => certificateSignatureKey(der, suite), "x509-key-mismatch");
      }
    }
  });

  test.each(others)("%s is no key of any suite", (name) => {
    for (const suite of suites)
      expectCode(() => certificateSignatureKey(certificate(name), suite), "x509-key-mismatch");
  });
});

describe.each(providers)("RFC 9420 section 5.3, $name", (provider) => {
  const suite = provider.cipherSuite(1);
  const der = certificate("Ed25519");
  const signatureKey = opensslKey(der, suite);

  test("the end-entity certificate's key must be the leaf node's signature key", () => {
    const credential = { type: "x509" as const, certificates: [der, certificate("RSA"), new Uint8Array([1])] };
    checkX509Key({ credential, signatureKey }, suite);
    for (const other of [signatureKey.with(0, signatureKey[0]! ^ 1), signatureKey.subarray(1), new Uint8Array(0)]) {
      expectCode(() => checkX509Key({ credential, signatureKey: other }, suite), "x509-key-mismatch");
    }
  });

  test("the end-entity certificate is the first", () => {
    const credential = { type: "x509" as const, certificates: [certificate("RSA"), der] };
    expectCode(() => checkX509Key({ credential, signatureKey }, suite), "x509-key-mismatch");
  });

  test("a credential without a certificate has no key", () => {
    const credential = { type: "x509" as const, certificates: [] };
    expectCode(() => checkX509Key({ credential, signatureKey }, suite), "x509-malformed");
  });

  test("other credentials have no certificate to check", () => {
    checkX509Key({ credential: { type: "basic", identity: der }, signatureKey }, suite);
    checkX509Key({ credential: { type: 77, data: new Uint8Array(0) }, signatureKey }, suite);
  });
});

describe("the shape of a certificate", () => {
  const suite = providers[0]!.cipherSuite(1);
  const key = opensslKey(certificate("Ed25519"), suite);
  const version = sequenceOf(0xa0, "020102");
  const serial = "020101";
  const name = "3000";
  const algorithm = "300506032b6570";
  const info = sequence(algorithm, bitString(hex(key)));
  const tbs = [version, serial, algorithm, name, name, name, info];
  const end = [algorithm, bitString("aabb")];
  const read = (der: string) => certificateSignatureKey(fromHex(der), suite);

  test.each<[string, string]>([
    ["version 3", sequence(sequence(...tbs), ...end)],
    ["version 2", sequence(sequence(sequenceOf(0xa0, "020101"), ...tbs.slice(1)), ...end)],
    ["version 1, which is not written", sequence(sequence(...tbs.slice(1)), ...end)],
    ["unique identifiers and extensions", sequence(sequence(...tbs, "8100", "8200", "a300"), ...end)],
    ["extensions alone", sequence(sequence(...tbs, sequenceOf(0xa3, "3000")), ...end)],
    [
      "a name of 300 bytes",
      sequence(sequence(...tbs.slice(0, 3), sequence("00".repeat(300)), ...tbs.slice(4)), ...end),
    ],
    [
      "a name of 70000 bytes",
      sequence(sequence(...tbs.slice(0, 3), sequence("00".repeat(7e4)), ...tbs.slice(4)), ...end),
    ],
    ["a serial number of 128, which needs its zero", sequence(sequence(version, "02020080", ...tbs.slice(2)), ...end)],
    ["a serial number of 384", sequence(sequence(version, "02020180", ...tbs.slice(2)), ...end)],
    ["a negative serial number", sequence(sequence(version, "0202ff7f", ...tbs.slice(2)), ...end)],
  ])("%s is read", (_, der) => {
    expect(read(der)).toEqual(key);
  });

  test.each<[string, string]>([
    ["nothing", ""],
    ["something behind the certificate", sequence(sequence(...tbs), ...end) + "00"],
    ["another tag", sequenceOf(0x31, sequence(...tbs), ...end)],
    ["something behind the signature", sequence(sequence(...tbs), ...end, "0500")],
    ["no signature", sequence(sequence(...tbs), algorithm)],
    ["version 1, written", sequence(sequence(sequenceOf(0xa0, "020100"), ...tbs.slice(1)), ...end)],
    ["version 4", sequence(sequence(sequenceOf(0xa0, "020103"), ...tbs.slice(1)), ...end)],
    ["a version of two bytes", sequence(sequence(sequenceOf(0xa0, "02020100"), ...tbs.slice(1)), ...end)],
    ["something behind the version", sequence(sequence(sequenceOf(0xa0, "0201020500"), ...tbs.slice(1)), ...end)],
    ["no serial number", sequence(sequence(version, ...tbs.slice(2)), ...end)],
    ["an empty serial number", sequence(sequence(version, "0200", ...tbs.slice(2)), ...end)],
    ["a serial number with a zero too many", sequence(sequence(version, "02020001", ...tbs.slice(2)), ...end)],
    ["a serial number with a sign too many", sequence(sequence(version, "0202ff80", ...tbs.slice(2)), ...end)],
    ["no key", sequence(sequence(...tbs.slice(0, 6)), ...end)],
    [
      "something behind the key",
      sequence(sequence(...tbs.slice(0, 6), sequence(algorithm, bitString(""), name)), ...end),
    ],
    ["a key of odd bits", sequence(sequence(...tbs.slice(0, 6), sequence(algorithm, "030201fe")), ...end)],
    ["an empty bit string as key", sequence(sequence(...tbs.slice(0, 6), sequence(algorithm, "0300")), ...end)],
    ["extensions before unique identifiers", sequence(sequence(...tbs, "a300", "8200"), ...end)],
    ["extensions twice", sequence(sequence(...tbs, "a300", "a300"), ...end)],
    ["an indefinite length", `3080${sequence(...tbs)}${end.join("")}0000`],
    ["a short length in the long form", sequence(sequence(...tbs.slice(0, 3), "308100", ...tbs.slice(4)), ...end)],
    [
      "the longest length that has a short form, in the long form",
      sequence(sequence(...tbs.slice(0, 3), `30817f${"00".repeat(127)}`, ...tbs.slice(4)), ...end),
    ],
    ["a length of 127 bytes", `30ff${"01".repeat(127)}`],
    [
      "a length with a zero too many",
      sequence(sequence(...tbs.slice(0, 3), `30820080${"00".repeat(128)}`, ...tbs.slice(4)), ...end),
    ],
    ["a length of five bytes", "30850000000001"],
    ["a length of nearly four gigabytes", "3084ffffffff3000"],
    ["a length that is cut off", "3082"],
    ["a value that is longer than what holds it", sequence("3005")],
  ])("%s is malformed", (_, der) => {
    expectCode(() => read(der), "x509-malformed");
  });

  test.each<[string, string]>([
    ["parameters beside Ed25519", sequence("300706032b65700500", bitString(hex(key)))],
    ["X25519", sequence("300506032b656e", bitString(hex(key)))],
    ["no algorithm", sequence("3000", bitString(hex(key)))],
    ["a key that is too short", sequence(algorithm, bitString(hex(key.subarray(1))))],
    ["a key that is too long", sequence(algorithm, bitString(`${hex(key)}00`))],
    ["an empty key", sequence(algorithm, bitString(""))],
    ["a key that no signature may use", sequence(algorithm, bitString("00".repeat(32)))],
  ])("%s is no key of the suite", (_, other) => {
    expectCode(() => read(sequence(sequence(...tbs.slice(0, 6), other), ...end)), "x509-key-mismatch");
  });

  test("the key is a copy", () => {
    const der = fromHex(sequence(sequence(...tbs), ...end));
    const read = certificateSignatureKey(der, suite);
    der.fill(0);
    expect(read).toEqual(key);
  });
});

describe("damaged certificates", () => {
  const suites = Object.values(schemes).map(([id]) => providers[0]!.cipherSuite(id));

  test("every one that is cut off is malformed", () => {
    const der = certificate("Ed25519");
    for (let length = 0; length < der.length; length++) {
      expectCode(() => certificateSignatureKey(der.subarray(0, length), suites[0]!), "x509-malformed");
    }
  });

  test("nothing but the two codes is ever thrown, and a key that is read is the one that OpenSSL reads", () => {
    const place = fc.nat(700);
    const change = fc.oneof(
      fc.record({ kind: fc.constant("set" as const), place, byte: fc.nat(255) }),
      fc.record({ kind: fc.constant("remove" as const), place, count: fc.integer({ min: 1, max: 8 }) }),
      fc.record({ kind: fc.constant("insert" as const), place, bytes: fc.uint8Array({ maxLength: 8 }) }),
    );
    const mutated = fc
      .tuple(fc.nat(names.length - 1), fc.array(change, { minLength: 1, maxLength: 3 }))
      .map(([index, changes]) => {
        let der = certificate(names[index]!);
        for (const change of changes) {
          const at = change.place % der.length;
          const [before, after] = [der.slice(0, at), der.slice(at)];
          if (change.kind === "set") der[at] = change.byte;
          else if (change.kind === "remove") der = concat(before, after.slice(change.count));
          else der = concat(before, change.bytes, after);
        }
        return { der, suite: suites[index]! };
      });
    const random = fc.record({ der: fc.uint8Array({ maxLength: 80 }), suite: fc.constantFrom(...suites) });
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: mutated }, random), ({ der, suite }) => {
        let key: Uint8Array;
        try {
          key = certificateSignatureKey(der, suite);
        } catch (error) {
          if (!(error instanceof CopseError)) throw error;
          expect(["x509-malformed", "x509-key-mismatch"]).toContain(error.code);
          return;
        }
        accepted += 1;
        expect(suite.isSignaturePublicKey(key)).toBe(true);
        const openssl = parsed(der);
        if (openssl !== undefined) expect(key).toEqual(keyOf(openssl, suite));
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(0); // a changed date or signature is not for us to find
  });
});

/** What OpenSSL makes of the bytes, or undefined where it refuses them. */
function parsed(der: Uint8Array): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(der);
    return certificate.publicKey.asymmetricKeyType === undefined ? undefined : certificate;
  } catch {
    return undefined;
  }
}

/** The raw key or point: what stands last in the encoded SubjectPublicKeyInfo. */
function keyOf(certificate: X509Certificate, suite: CipherSuite): Uint8Array {
  const info = certificate.publicKey.export({ type: "spki", format: "der" });
  const length = keyLengths[suite.id];
  if (length === undefined) throw new Error(`suite ${suite.id} has no key length`);
  return new Uint8Array(info.subarray(info.length - length));
}

function opensslKey(der: Uint8Array, suite: CipherSuite): Uint8Array {
  return keyOf(new X509Certificate(der), suite);
}

function expectCode(act: () => unknown, code: ErrorCode): void {
  expect(act).toThrow(expect.objectContaining({ code }));
}

/** DER of a SEQUENCE, in hex. */
function sequence(...contents: readonly string[]): string {
  return sequenceOf(0x30, ...contents);
}

function sequenceOf(tag: number, ...contents: readonly string[]): string {
  const body = contents.join("");
  const length = body.length / 2;
  const digits = length.toString(16).padStart(length < 256 ? 2 : length < 65_536 ? 4 : 6, "0");
  return (
    tag.toString(16).padStart(2, "0") +
    (length < 128 ? digits : (0x80 + digits.length / 2).toString(16) + digits) +
    body
  );
}

/** DER of a BIT STRING of whole bytes, in hex. */
function bitString(bytes: string): string {
  return sequenceOf(3, `00${bytes}`);
}
