import { describe, expect, test } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { hex } from "../../../src/bytes/text.ts";
import { encodeEcdsaSignature, parseEcdsaSignature } from "../../../src/crypto/curves/ecdsa.ts";
import { nistCurves, type NistCurve } from "../../../src/crypto/curves/nist-curves.ts";

/** A DER value. */
const der = (tag: number, ...contents: readonly Uint8Array[]): Uint8Array => {
  const content = concat(...contents);
  return concat(Uint8Array.of(tag, ...(content.length < 0x80 ? [] : [0x81]), content.length), content);
};
const integer = (...bytes: readonly number[]): Uint8Array => der(0x02, Uint8Array.from(bytes));
/** So many bytes, the first of which makes the integer neither negative nor longer than it need be. */
const long = (length: number): Uint8Array => integer(0x01, ...new Array<number>(length - 1).fill(0x22));

describe.each(Object.keys(nistCurves) as NistCurve[])("a signature on %s", (curve) => {
  const { length } = nistCurves[curve];

  test("is r and s of the curve's length, from as few bytes as DER has", () => {
    const parsed = parseEcdsaSignature(curve, der(0x30, integer(5), long(length)));
    expect(parsed && hex(parsed)).toBe("05".padStart(2 * length, "0") + "01" + "22".repeat(length - 1));
    expect(parseEcdsaSignature(curve, encodeEcdsaSignature(parsed!))).toEqual(parsed);
  });

  const good = der(0x30, integer(5), integer(6));
  const wide = der(0x30, long(length), long(length));
  test.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array(0)],
    ["no sequence", integer(5)],
    ["a set", concat(Uint8Array.of(0x31), good.subarray(1))],
    ["a byte behind it", concat(good, new Uint8Array(1))],
    ["a byte behind s", der(0x30, integer(5), integer(6), new Uint8Array(1))],
    ["a third integer", der(0x30, integer(5), integer(6), integer(7))],
    ["no s", der(0x30, integer(5))],
    ["an r that ends beyond it", der(0x30, Uint8Array.of(0x02, 9, 5), integer(6))],
    ["an s that ends beyond it", der(0x30, integer(5), Uint8Array.of(0x02, 2, 6))],
    ["an s that is cut off", good.subarray(0, -1)],
    ["an r of another type", der(0x30, der(0x04, Uint8Array.of(5)), integer(6))],
    ["an r without contents", der(0x30, integer(), integer(6))],
    ["a negative r", der(0x30, integer(0x80), integer(6))],
    ["an r of zero", der(0x30, integer(0), integer(6))],
    ["an s of zero", der(0x30, integer(5), integer(0))],
    ["an r with a zero too many", der(0x30, integer(0, 5), integer(6))],
    ["an r that is longer than the curve's order", der(0x30, long(length + 1), integer(6))],
    ["an s above the order", der(0x30, integer(5), integer(0, ...new Array<number>(length).fill(0xff)))],
    ["a length in more bytes than it needs", concat(Uint8Array.of(0x30, 0x81, good.length - 2), good.subarray(2))],
    ["an indefinite length", concat(Uint8Array.of(0x30, 0x80), good.subarray(2), new Uint8Array(2))],
    ["a length of two bytes, of which one is there", wide[1] === 0x81 ? wide.with(1, 0x82) : good.with(1, 0x82)],
  ])("is not one with %s", (_, bytes) => {
    expect(parseEcdsaSignature(curve, bytes)).toBeUndefined();
  });
});
