/**
 * The one thing that the engine reads in an X.509 certificate: the public key. RFC 9420 section 5.3; RFC 5280
 * section 4.1; X.690 for DER.
 *
 * Names, dates, extensions and the chain are for the application's AuthenticationService to judge, with a library made
 * for it. Here a certificate is read only as deep as the key, in a fixed number of steps and without recursion.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { hex } from "../bytes/text.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import type { LeafNode } from "../wire/leaf-node.ts";

/**
 * RFC 9420 section 5.3: "The public key encoded in the subjectPublicKeyInfo of the end-entity certificate MUST be
 * identical to the signature_key in the LeafNode containing this credential." Credentials of other types pass.
 *
 * @throws CopseError "x509-malformed", also for a credential without a certificate; "x509-key-mismatch".
 */
export function checkX509Key(leaf: Pick<LeafNode, "credential" | "signatureKey">, suite: CipherSuite): void {
  const { credential, signatureKey } = leaf;
  if (credential.type !== "x509") return;
  const endEntity = credential.certificates[0]; // "the first entry (certificates[0]) is the end-entity certificate"
  if (endEntity === undefined) throw malformed();
  if (!bytesEqual(certificateSignatureKey(endEntity, suite), signatureKey)) throw mismatch();
}

/**
 * The public key of a certificate, in the format of RFC 9420 section 5.1.1: raw for Ed25519 and Ed448, an uncompressed
 * point for ECDSA.
 *
 * @throws CopseError "x509-malformed" where the bytes are no DER certificate; "x509-key-mismatch" where the key is not
 * one of the suite's signature scheme.
 */
export function certificateSignatureKey(der: Uint8Array, suite: CipherSuite): Uint8Array {
  const { algorithm, key } = subjectPublicKeyInfo(der);
  // The five schemes' keys have five lengths, so a key that the suite accepts is one of the suite's scheme.
  if (!signatureAlgorithms.has(hex(algorithm)) || !suite.isSignaturePublicKey(key)) throw mismatch();
  return key.slice();
}

/**
 * The AlgorithmIdentifiers of keys for the signature schemes of section 17.1: RFC 8410 section 3, where "the parameters
 * MUST be absent", and RFC 5480 section 2.1.1, where they are the curve's name.
 */
const signatureAlgorithms: ReadonlySet<string> = new Set([
  "06032b6570", // id-Ed25519
  "06032b6571", // id-Ed448
  "06072a8648ce3d020106082a8648ce3d030107", // id-ecPublicKey, secp256r1
  "06072a8648ce3d020106052b81040022", // id-ecPublicKey, secp384r1
  "06072a8648ce3d020106052b81040023", // id-ecPublicKey, secp521r1
]);

/** Tags, of universal types and of the optional fields of TBSCertificate. */
const tags = {
  integer: 0x02,
  bitString: 0x03,
  sequence: 0x30,
  version: 0xa0,
  issuerUniqueId: 0x81,
  subjectUniqueId: 0x82,
  extensions: 0xa3,
} as const;

/**
 *     Certificate    ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING }
 *     TBSCertificate ::= SEQUENCE {
 *         version [0] EXPLICIT Version DEFAULT v1, serialNumber INTEGER, signature, issuer, validity, subject,
 *         subjectPublicKeyInfo SEQUENCE { algorithm, subjectPublicKey BIT STRING },
 *         issuerUniqueID [1] OPTIONAL, subjectUniqueID [2] OPTIONAL, extensions [3] OPTIONAL }
 */
function subjectPublicKeyInfo(der: Uint8Array): { readonly algorithm: Uint8Array; readonly key: Uint8Array } {
  const outer = new DerReader(der);
  const certificate = new DerReader(outer.value(tags.sequence));
  outer.end();
  const tbs = new DerReader(certificate.value(tags.sequence));
  certificate.value(tags.sequence);
  bits(certificate);
  certificate.end();

  if (tbs.isNext(tags.version)) {
    const version = new DerReader(tbs.value(tags.version));
    const number = integer(version);
    version.end();
    if (number.length !== 1 || number[0]! < 1 || number[0]! > 2) throw malformed(); // v2 or v3: DER leaves a default out
  }
  integer(tbs); // serialNumber
  for (let i = 0; i < 4; i++) tbs.value(tags.sequence); // signature, issuer, validity, subject
  const info = new DerReader(tbs.value(tags.sequence));
  const algorithm = info.value(tags.sequence);
  const key = bits(info);
  info.end();
  for (const tag of [tags.issuerUniqueId, tags.subjectUniqueId, tags.extensions]) if (tbs.isNext(tag)) tbs.value(tag);
  tbs.end();
  return { algorithm, key };
}

/** An INTEGER's bytes. X.690 section 8.3.2: at least one, and the first nine bits neither all zero nor all one. */
function integer(input: DerReader): Uint8Array {
  const bytes = input.value(tags.integer);
  const [first, second] = bytes;
  if (first === undefined) throw malformed();
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) throw malformed();
  return bytes;
}

/** The bytes of a BIT STRING, which here is always one of whole bytes. */
function bits(input: DerReader): Uint8Array {
  const bytes = input.value(tags.bitString);
  if (bytes[0] !== 0) throw malformed();
  return bytes.subarray(1);
}

/** Values one after another, each as tag, length and contents: with tags of one byte, and lengths in their only form. */
class DerReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  isNext(tag: number): boolean {
    return this.#bytes[this.#offset] === tag;
  }

  /** The contents of the next value, which must have this tag. */
  value(tag: number): Uint8Array {
    if (!this.isNext(tag)) throw malformed();
    this.#offset += 1;
    const length = this.#length();
    const start = this.#offset;
    if (length > this.#bytes.length - start) throw malformed();
    this.#offset = start + length;
    return this.#bytes.subarray(start, start + length);
  }

  end(): void {
    if (this.#offset !== this.#bytes.length) throw malformed();
  }

  /** X.690 section 10.1: "The definite form of length encoding shall be used, encoded in the minimum number of octets." */
  #length(): number {
    const first = this.#next();
    if (first < 0x80) return first;
    const count = first - 0x80; // none, or more than four, make a length that is too short here, or too long for any reader
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#next();
    if (length < 0x80 || length < 256 ** (count - 1)) throw malformed();
    return length;
  }

  #next(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw malformed();
    this.#offset += 1;
    return byte;
  }
}

function malformed(): CopseError {
  return new CopseError("x509-malformed", { rule: "section 5.3" });
}

function mismatch(): CopseError {
  return new CopseError("x509-key-mismatch", { rule: "section 5.3" });
}
