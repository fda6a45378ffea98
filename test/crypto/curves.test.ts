/**
 * The curves' constants, which are written down a second time in src/crypto: they are @noble/curves's.
 */

import { ed25519, ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { ed448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { expect, test } from "vitest";
import { fromHex } from "../../src/bytes/text.ts";
import { edwardsCurves, isEdwardsEncoding } from "../../src/crypto/curves/edwards.ts";
import { littleEndian, mod } from "../../src/crypto/curves/integers.ts";
import { nistCurves } from "../../src/crypto/curves/nist-curves.ts";

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
  const { p, order } = edwardsCurves[name];
  expect({ p: littleEndian(p), n: littleEndian(order) }).toEqual({ p: Point.CURVE().p, n: Point.CURVE().n });
});

test("the small-order points of Ed25519 are noble's", () => {
  expect(new Set(ED25519_TORSION_SUBGROUP).size).toBe(8);
  for (const point of ED25519_TORSION_SUBGROUP) expect(isEdwardsEncoding("Ed25519", fromHex(point)), point).toBe(false);
});
