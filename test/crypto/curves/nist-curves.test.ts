import { describe, expect, test } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { isNistPoint, isNistScalar, nistCurves, type NistCurve } from "../../../src/crypto/curves/nist-curves.ts";
import { nobleDh } from "../../../src/crypto/noble/dh.ts";

describe.each(Object.keys(nistCurves) as NistCurve[])("%s", (curve) => {
  const { length, n } = nistCurves[curve];
  const scalar = (value: bigint): Uint8Array =>
    Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn));

  test("a point is 0x04 and two coordinates, each of the curve's length", async () => {
    const { publicKey } = await nobleDh(curve).load(scalar(5n));
    const [x, y] = [publicKey.subarray(1, 1 + length), publicKey.subarray(1 + length)];
    const zero = new Uint8Array(1);
    expect(isNistPoint(curve, publicKey)).toBe(true);
    for (const other of [
      concat(publicKey, zero),
      concat(Uint8Array.of(4), x, zero, y), // the same numbers
      concat(Uint8Array.of(4), zero, x, y),
      concat(Uint8Array.of(2), x, y),
      concat(Uint8Array.of(2), x),
      concat(Uint8Array.of(4), x),
      concat(Uint8Array.of(4), y, x),
      new Uint8Array(publicKey.length),
      new Uint8Array(0),
    ]) {
      expect(isNistPoint(curve, other)).toBe(false);
    }
  });

  test("a private key is a scalar of the curve's length, from 1 to the order less 1", () => {
    for (const value of [1n, 2n, n - 1n]) expect(isNistScalar(curve, scalar(value))).toBe(true);
    for (const value of [0n, n, n + 1n]) expect(isNistScalar(curve, scalar(value))).toBe(false);
    expect(isNistScalar(curve, scalar(1n).subarray(1))).toBe(false);
    expect(isNistScalar(curve, concat(new Uint8Array(1), scalar(1n)))).toBe(false);
  });
});
