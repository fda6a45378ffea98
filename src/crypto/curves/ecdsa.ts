/**
 * The encoding of ECDSA signatures: a DER-encoded ECDSA-Sig-Value on the wire (RFC 9420 section 5.1.2, RFC 3279 section
 * 2.2.3), r and s of fixed length for the providers. Reading is strict, so that all providers see the same signatures.
 *
 *     ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }
 */

import { concat } from "../../bytes/concat.ts";
import { isNistScalar, nistCurves, type NistCurve } from "./nist-curves.ts";

/**
 * The signature as r || s, each of the curve's length, or undefined where it is not valid: DER (definite lengths, the
 * fewest bytes, nothing behind), 1 <= r < n, 1 <= s < n. An s above n / 2 is as good as any: others sign so.
 */
export function parseEcdsaSignature(curve: NistCurve, der: Uint8Array): Uint8Array | undefined {
  const { length } = nistCurves[curve];
  const sequence = readDer(der, 0, 0x30);
  if (sequence?.end !== der.length) return undefined;
  const r = readDer(der, sequence.start, 0x02);
  const s = r && readDer(der, r.end, 0x02);
  if (s?.end !== der.length) return undefined;
  const signature = new Uint8Array(2 * length);
  for (const [at, { start, end }] of [r!, s].entries()) {
    const integer = der.subarray(start, end);
    const [first, second] = integer;
    if (first === undefined || first >= 0x80) return undefined; // no content, or negative
    if (first === 0 && (second === undefined || second < 0x80)) return undefined; // zero, or not the fewest bytes
    const magnitude = first === 0 ? integer.subarray(1) : integer;
    if (magnitude.length > length) return undefined;
    const half = signature.subarray(at * length, (at + 1) * length);
    half.set(magnitude, length - magnitude.length);
    if (!isNistScalar(curve, half)) return undefined;
  }
  return signature;
}

/** The DER encoding of r || s. */
export function encodeEcdsaSignature(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  return der(0x30, concat(integer(signature.subarray(0, half)), integer(signature.subarray(half))));
}

/**
 * The contents of the value with this tag at `at`: lengths up to 255, in the fewest bytes. The end is where the value says,
 * which may be beyond the bytes: the caller compares the last one with theirs.
 */
function readDer(bytes: Uint8Array, at: number, tag: number): { start: number; end: number } | undefined {
  let length = bytes[at + 1];
  let start = at + 2;
  if (bytes[at] !== tag || length === undefined) return undefined;
  if (length >= 0x80) {
    const long = bytes[at + 2];
    if (length !== 0x81 || long === undefined || long < 0x80) return undefined;
    length = long;
    start = at + 3;
  }
  return { start, end: start + length };
}

function integer(bytes: Uint8Array): Uint8Array {
  let zeros = 0;
  while (zeros < bytes.length - 1 && bytes[zeros] === 0) zeros++;
  const magnitude = bytes.subarray(zeros);
  return der(0x02, magnitude[0]! >= 0x80 ? concat(new Uint8Array(1), magnitude) : magnitude);
}

function der(tag: number, contents: Uint8Array): Uint8Array {
  const header = contents.length < 0x80 ? [tag, contents.length] : [tag, 0x81, contents.length];
  return concat(new Uint8Array(header), contents);
}
