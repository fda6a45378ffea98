/**
 * The curves' constants, which are written down a second time in src/crypto: they are @noble/curves's.
 */

import { ed25519, ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { ed448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { edwardsCurves, isEdwardsEncoding, isEdwardsPoint } from "../../src/crypto/edwards.ts";
import { littleEndian, mod } from "../../src/crypto/integers.ts";
import { nistCurves } from "../../src/crypto/nist-curves.ts";
import { pseudorandom } from "./parity.ts";

test.each([
  ["P-256", p256],
  ["P-384", p384],
  ["P-521", p521],
] as const)("%s", (name, { Point }) => {
  const { p, b, n } = nistCurves[name];
  expect({ p, b, n }).toEqual({ p: Point.CURVE().p, b: Point.CURVE().b, n: Point.CURVE().n });
  expect(mod(-3n, p)).toBe(Point.CURVE().a);
});

test.each([
  ["Ed25519", ed25519],
  ["Ed448", ed448],
] as const)("%s", (name, { Point }) => {
  const { p, a, d, order } = edwardsCurves[name];
  const curve = Point.CURVE();
  expect({ p, a: mod(a, p), d: mod(d, p) }).toEqual({ p: curve.p, a: mod(curve.a, p), d: mod(curve.d, p) });
  expect(littleEndian(order)).toBe(curve.n);
});

test("the small-order points of Ed25519 are noble's", () => {
  expect(new Set(ED25519_TORSION_SUBGROUP).size).toBe(8);
  for (const point of ED25519_TORSION_SUBGROUP) expect(isEdwardsEncoding("Ed25519", fromHex(point)), point).toBe(false);
});

test.each(["Ed25519", "Ed448"] as const)("%s: a y has a point where noble finds one", (name) => {
  const random = pseudorandom(3);
  const { Point } = name === "Ed25519" ? ed25519 : ed448;
  const { length } = edwardsCurves[name];
  let points = 0;
  for (let i = 0; i < 40; i++) {
    const bytes = random(length);
    if (name === "Ed448") bytes[56] = 0;
    let found = true;
    try {
      Point.fromBytes(bytes);
    } catch {
      found = false;
    }
    if (found) points++;
    expect(isEdwardsPoint(name, bytes), hex(bytes)).toBe(found);
  }
  expect(points).toBeGreaterThan(8);
  expect(points).toBeLessThan(32);
});
