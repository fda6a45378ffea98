/**
 * Ed25519 and Ed448: all three providers accept exactly the same keys and signatures, also those that no honest signer
 * makes. RFC 8032 leaves room for two verifiers to disagree, and members that disagree fork their group.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { ed448 } from "@noble/curves/ed448.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { shake256 } from "@noble/hashes/sha3.js";
import { describe, expect, test } from "vitest";
import { bytesEqual } from "../../src/bytes/compare.ts";
import { concat } from "../../src/bytes/concat.ts";
import { fromHex, utf8 } from "../../src/bytes/text.ts";
import { littleEndian, mod } from "../../src/crypto/curves/integers.ts";
import { agreed, bigBytes } from "./parity.ts";
import { pseudorandom } from "./pseudorandom.ts";

type Point = InstanceType<typeof ed25519.Point>;

interface Curve {
  readonly suite: number;
  readonly name: string;
  readonly length: number;
  readonly Point: typeof ed25519.Point;
  readonly p: bigint;
  /** Points of each order that divides the cofactor, but the identity. */
  readonly torsion: readonly Point[];
  readonly challenge: (data: Uint8Array) => Uint8Array;
  /** Whether verification multiplies by the cofactor. */
  readonly cofactored: boolean;
}

const order8 = ed25519.Point.fromBytes(fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"));
const order4 = ed448.Point.fromAffine({ x: 1n, y: 0n });

const curves: readonly Curve[] = [
  {
    suite: 1,
    name: "Ed25519",
    length: 32,
    Point: ed25519.Point,
    p: 2n ** 255n - 19n,
    torsion: [1n, 2n, 3n, 4n, 5n, 6n, 7n].map((times) => order8.multiplyUnsafe(times)),
    challenge: (data) => sha512(data),
    cofactored: false,
  },
  {
    suite: 4,
    name: "Ed448",
    length: 57,
    Point: ed448.Point,
    p: 2n ** 448n - 2n ** 224n - 1n,
    torsion: [1n, 2n, 3n].map((times) => order4.multiplyUnsafe(times)),
    challenge: (data) => shake256(concat(utf8("SigEd448"), new Uint8Array(2), data), { dkLen: 114 }),
    cofactored: true,
  },
];

describe.each(curves)("$name", ({ suite: id, length, Point, p, torsion, challenge, cofactored }) => {
  const order = Point.Fn.ORDER;
  const random = pseudorandom(7);
  const scalar = (): bigint => 1n + mod(littleEndian(random(length + 8)), order - 1n);

  /** A signature that satisfies the equation times the cofactor, under the key a B + keyTorsion. */
  const forge = (a: bigint, keyTorsion: Point, commitmentTorsion: Point) => {
    const r = scalar();
    const message = random(20);
    const publicKey = (a === 0n ? Point.ZERO : Point.BASE.multiply(a)).add(keyTorsion).toBytes();
    const commitment = Point.BASE.multiply(r).add(commitmentTorsion).toBytes();
    return { publicKey, message, signature: finish(r, a, publicKey, commitment, message) };
  };
  const finish = (r: bigint, a: bigint, key: Uint8Array, commitment: Uint8Array, message: Uint8Array): Uint8Array => {
    const k = mod(littleEndian(challenge(concat(commitment, key, message))), order);
    return concat(commitment, bigBytes(mod(r + k * a, order), length, "little"));
  };
  const satisfiesWithoutCofactor = ({ publicKey, message, signature }: ReturnType<typeof forge>): boolean => {
    const commitment = signature.subarray(0, length);
    const k = mod(littleEndian(challenge(concat(commitment, publicKey, message))), order);
    const expected = Point.BASE.multiplyUnsafe(littleEndian(signature.subarray(length))).subtract(
      Point.fromBytes(publicKey).multiplyUnsafe(k),
    );
    return bytesEqual(expected.toBytes(), commitment);
  };

  test("honest signatures verify, and changed ones do not", async () => {
    for (let i = 0; i < 10; i++) {
      const signed = forge(scalar(), Point.ZERO, Point.ZERO);
      expect(await agreed(id, (suite) => suite.verify(signed))).toBe(true);
      expect(await agreed(id, (suite) => suite.isSignaturePublicKey(signed.publicKey))).toBe(true);
      for (const field of ["publicKey", "message", "signature"] as const) {
        const changed = signed[field].slice();
        const at = (i * 7) % changed.length;
        changed[at] = changed[at]! ^ (1 << (i % 8));
        expect(await agreed(id, (suite) => suite.verify({ ...signed, [field]: changed }))).toBe(false);
      }
    }
  });

  test("one private key signs the same bytes everywhere", async () => {
    for (let i = 0; i < 5; i++) {
      const [privateKey, message] = [random(length), random(i * 40)];
      await agreed(id, (suite) => suite.signaturePublicKey(privateKey));
      await agreed(id, async (suite) => (await suite.signer(privateKey)).sign(message));
    }
  });

  test("keys and commitments of mixed order: the cofactor is treated alike", async () => {
    const verdicts = new Set<boolean | string>();
    for (const point of torsion) {
      for (let i = 0; i < 12; i++) {
        for (const signed of [
          forge(scalar(), point, Point.ZERO),
          forge(scalar(), Point.ZERO, point),
          forge(scalar(), point, point),
        ]) {
          const verdict = await agreed(id, (suite) => suite.verify(signed));
          expect(verdict).toBe(cofactored || satisfiesWithoutCofactor(signed));
          verdicts.add(verdict);
        }
      }
    }
    expect(verdicts).toEqual(new Set(cofactored ? [true] : [true, false]));
  });

  test("a key of small order verifies nothing", async () => {
    for (const point of [Point.ZERO, ...torsion]) {
      expect(await agreed(id, (suite) => suite.isSignaturePublicKey(point.toBytes()))).toBe(false);
      for (let i = 0; i < 4; i++) {
        const signed = forge(0n, point, Point.ZERO);
        expect(await agreed(id, (suite) => suite.verify(signed))).toBe(false);
      }
    }
  });

  test("a commitment of small order verifies nothing", async () => {
    const a = scalar();
    const publicKey = Point.BASE.multiply(a).toBytes();
    for (const point of [Point.ZERO, ...torsion]) {
      const message = random(9);
      const signature = finish(0n, a, publicKey, point.toBytes(), message);
      expect(await agreed(id, (suite) => suite.verify({ publicKey, message, signature }))).toBe(false);
    }
  });

  test("encodings that are not canonical are refused, as key and as commitment", async () => {
    const a = scalar();
    const honest = Point.BASE.multiply(a).toBytes();
    const bits = length === 32 ? 255n : 448n;
    const ys = Array.from({ length: 19 }, (_, i) => p + BigInt(i)).filter((y) => y < 2n ** bits);
    expect(ys.length).toBe(19);
    const encodings = ys.flatMap((y) =>
      [0n, 1n].map((sign) => bigBytes(y + (sign << (BigInt(length) * 8n - 1n)), length, "little")),
    );
    // The identity and the point of order 2 with the sign bit that their x = 0 can't have.
    for (const y of [1n, p - 1n]) encodings.push(bigBytes(y + (1n << (BigInt(length) * 8n - 1n)), length, "little"));
    if (length === 57) {
      const unused = honest.slice();
      unused[56] = unused[56]! | 0x01;
      encodings.push(unused);
    }
    for (const encoding of encodings) {
      expect(await agreed(id, (suite) => suite.isSignaturePublicKey(encoding))).toBe(false);
      const message = random(5);
      const asKey = { publicKey: encoding, message, signature: finish(scalar(), 0n, encoding, honest, message) };
      expect(await agreed(id, (suite) => suite.verify(asKey))).toBe(false);
      const asCommitment = { publicKey: honest, message, signature: finish(0n, a, honest, encoding, message) };
      expect(await agreed(id, (suite) => suite.verify(asCommitment))).toBe(false);
    }
  });

  test("a y without a point verifies nothing", async () => {
    for (let i = 0; i < 12; i++) {
      const publicKey = random(length);
      publicKey[length - 1] = length === 57 ? 0 : publicKey[length - 1]! & 0x3f;
      const signed = forge(scalar(), Point.ZERO, Point.ZERO);
      expect(await agreed(id, (suite) => suite.verify({ ...signed, publicKey }))).toBe(false);
      const signature = concat(publicKey, signed.signature.subarray(length));
      expect(await agreed(id, (suite) => suite.verify({ ...signed, signature }))).toBe(false);
    }
  });

  test("S must be below the order", async () => {
    const signed = forge(scalar(), Point.ZERO, Point.ZERO);
    const commitment = signed.signature.subarray(0, length);
    const s = littleEndian(signed.signature.subarray(length));
    for (const wrong of [s + order, s + 2n * order, order, 2n ** (8n * BigInt(length)) - 1n]) {
      if (wrong >= 2n ** (8n * BigInt(length))) continue;
      const signature = concat(commitment, bigBytes(wrong, length, "little"));
      expect(await agreed(id, (suite) => suite.verify({ ...signed, signature }))).toBe(false);
    }
  });

  test("wrong lengths are refused", async () => {
    const signed = forge(scalar(), Point.ZERO, Point.ZERO);
    for (const field of ["publicKey", "signature"] as const) {
      const bytes = signed[field];
      for (const wrong of [
        new Uint8Array(0),
        bytes.subarray(1),
        bytes.subarray(0, -1),
        concat(bytes, new Uint8Array(1)),
      ]) {
        expect(await agreed(id, (suite) => suite.verify({ ...signed, [field]: wrong }))).toBe(false);
        if (field === "publicKey") expect(await agreed(id, (suite) => suite.isSignaturePublicKey(wrong))).toBe(false);
      }
    }
    for (const wrong of [0, 1, length - 1, length + 1]) {
      const privateKey = random(wrong);
      expect(await agreed(id, (suite) => suite.signaturePublicKey(privateKey))).toBe("key-invalid");
      expect(await agreed(id, async (suite) => (await suite.signer(privateKey)).sign(privateKey))).toBe("key-invalid");
    }
  });
});
