/**
 * ECDSA and the NIST curves: all three providers accept exactly the same points, scalars and signatures.
 */

import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { encodeEcdsaSignature, parseEcdsaSignature } from "../../src/crypto/curves/ecdsa.ts";
import { bigEndian, mod } from "../../src/crypto/curves/integers.ts";
import { nistCurves } from "../../src/crypto/curves/nist-curves.ts";
import { agreed, bigBytes } from "./parity.ts";
import { providers } from "./providers.ts";
import { pseudorandom } from "./pseudorandom.ts";

const curves = [
  { suite: 2, curve: "P-256" },
  { suite: 7, curve: "P-384" },
  { suite: 5, curve: "P-521" },
] as const;

describe.each(curves)("$curve", ({ suite: id, curve }) => {
  const { length, p, b, n } = nistCurves[curve];
  const random = pseudorandom(length);
  const integer = (value: bigint): Uint8Array => bigBytes(value, length, "big");
  const privateKey = integer(mod(bigEndian(random(length)), n - 1n) + 1n);
  const message = random(33);
  const noble = providers[2]!.cipherSuite(id);

  const honest = async () => {
    const signature = await (await noble.signer(privateKey)).sign(message);
    const rs = parseEcdsaSignature(curve, signature)!;
    const [r, s] = [rs.subarray(0, length), rs.subarray(length)].map(bigEndian) as [bigint, bigint];
    return { publicKey: await noble.signaturePublicKey(privateKey), message, signature, r, s };
  };
  const der = (r: bigint, s: bigint): Uint8Array => encodeEcdsaSignature(concat(integer(r), integer(s)));

  test("each provider's signatures verify in all", async () => {
    for (const provider of providers) {
      const suite = provider.cipherSuite(id);
      const { privateKey: own, publicKey } = await suite.generateSignatureKeyPair(random);
      expect(await agreed(id, (other) => other.signaturePublicKey(own))).toBeTypeOf("string");
      expect(await agreed(id, (other) => other.isSignaturePublicKey(publicKey))).toBe(true);
      const signature = await (await suite.signer(own)).sign(message);
      expect(await agreed(id, (other) => other.verify({ publicKey, message, signature }))).toBe(true);
      const changed = { publicKey, message: random(33), signature };
      expect(await agreed(id, (other) => other.verify(changed))).toBe(false);
    }
  });

  test("s and n - s are equally good", async () => {
    const { r, s, ...signed } = await honest();
    for (const good of [s, n - s]) {
      expect(await agreed(id, (suite) => suite.verify({ ...signed, signature: der(r, good) }))).toBe(true);
    }
  });

  test("r and s are between 1 and n - 1", async () => {
    const { r, s, ...signed } = await honest();
    for (const wrong of [0n, n, n + 1n]) {
      expect(await agreed(id, (suite) => suite.verify({ ...signed, signature: der(wrong, s) }))).toBe(false);
      expect(await agreed(id, (suite) => suite.verify({ ...signed, signature: der(r, wrong) }))).toBe(false);
    }
    if (2n ** BigInt(8 * length) > r + n) {
      expect(await agreed(id, (suite) => suite.verify({ ...signed, signature: der(r + n, s) }))).toBe(false);
    }
    for (const edge of [1n, n - 1n])
      await agreed(id, (suite) => suite.verify({ ...signed, signature: der(edge, edge) }));
  });

  test("malformed DER is refused", async () => {
    const { signature, r, s, ...signed } = await honest();
    const tlv = (tag: number, ...parts: Uint8Array[]): Uint8Array => {
      const contents = concat(...parts);
      const header = contents.length < 0x80 ? [tag, contents.length] : [tag, 0x81, contents.length];
      return concat(new Uint8Array(header), contents);
    };
    const minimal = (value: bigint): Uint8Array => {
      const text = value.toString(16);
      const even = text.length % 2 === 0 ? text : `0${text}`;
      const bytes = bigBytes(value, even.length / 2, "big");
      return bytes[0]! >= 0x80 ? concat(new Uint8Array(1), bytes) : bytes;
    };
    const zero = new Uint8Array(1);
    const [R, S] = [minimal(r), minimal(s)];
    expect(tlv(0x30, tlv(2, R), tlv(2, S))).toEqual(signature);
    const malformed = {
      empty: new Uint8Array(0),
      "a trailing byte": concat(signature, zero),
      "a trailing byte inside": tlv(0x30, tlv(2, R), tlv(2, S), zero),
      "a third integer": tlv(0x30, tlv(2, R), tlv(2, S), tlv(2, zero)),
      truncated: signature.subarray(0, -1),
      "one integer": tlv(0x30, tlv(2, R)),
      "r padded": tlv(0x30, tlv(2, zero, R), tlv(2, S)),
      "s padded": tlv(0x30, tlv(2, R), tlv(2, zero, S)),
      "r negative": tlv(0x30, tlv(2, minimal(r | (1n << BigInt(8 * length - 1))).subarray(1)), tlv(2, S)),
      "s empty": tlv(0x30, tlv(2, R), tlv(2)),
      "r without contents": new Uint8Array([0x30, 0x02, 0x02, 0x00]),
      "wrong outer tag": tlv(0x31, tlv(2, R), tlv(2, S)),
      "wrong inner tag": tlv(0x30, tlv(3, R), tlv(2, S)),
      "indefinite length": concat(new Uint8Array([0x30, 0x80]), tlv(2, R), tlv(2, S), new Uint8Array(2)),
      "long length where a short one would do": tlv(0x30, concat(new Uint8Array([2, 0x81, R.length]), R), tlv(2, S)),
      "length of two bytes": concat(new Uint8Array([0x30, 0x82, 0, signature.length]), tlv(2, R), tlv(2, S)),
      "r || s": concat(integer(r), integer(s)),
    };
    for (const [name, wrong] of Object.entries(malformed)) {
      expect(await agreed(id, (suite) => suite.verify({ ...signed, signature: wrong })), name).toBe(false);
    }
  });

  test("only uncompressed points of the curve are keys", async () => {
    const { publicKey, signature } = await honest();
    const [x, y] = [publicKey.subarray(1, 1 + length), publicKey.subarray(1 + length)];
    const point = (first: number, ...parts: Uint8Array[]): Uint8Array => concat(new Uint8Array([first]), ...parts);
    const wrong: Record<string, Uint8Array> = {
      empty: new Uint8Array(0),
      "at infinity": new Uint8Array(1),
      zeros: new Uint8Array(1 + 2 * length),
      "(0, 0)": point(4, integer(0n), integer(0n)),
      compressed: point(2 + (y[length - 1]! & 1), x),
      hybrid: point(6 + (y[length - 1]! & 1), x, y),
      "without its first byte": concat(x, y),
      "off the curve": point(4, x, integer(bigEndian(y) ^ 1n)),
      "on the curve with another b": point(4, integer(bigEndian(x) ^ 1n), y),
      "x and y exchanged": point(4, y, x),
      truncated: publicKey.subarray(0, -1),
      "too long": concat(publicKey, new Uint8Array(1)),
    };
    for (const [name, unreduced] of Object.entries({ x: smallX(), y: smallY() })) {
      if (unreduced !== undefined) wrong[`${name} not below p`] = unreduced;
    }
    for (const [name, key] of Object.entries(wrong)) {
      expect(await agreed(id, (suite) => suite.isSignaturePublicKey(key)), name).toBe(false);
      expect(await agreed(id, (suite) => suite.isKemPublicKey(key)), name).toBe(false);
      expect(await agreed(id, (suite) => suite.verify({ publicKey: key, message, signature })), name).toBe(false);
      expect(await agreed(id, async (suite) => (await suite.encap(key, random)).enc), name).toBe("key-invalid");
      expect(await agreed(id, (suite) => suite.decap(key, privateKey)), name).toBe("decapsulation");
    }
    const negated = point(4, x, integer(p - bigEndian(y)));
    expect(await agreed(id, (suite) => suite.isSignaturePublicKey(negated))).toBe(true);
    expect(await agreed(id, (suite) => suite.decap(negated, privateKey))).toMatch(/^[0-9a-f]+$/);
  });

  /** A point of the curve with a small x, written as x + p, where that fits the length. */
  function smallX(): Uint8Array | undefined {
    const limit = 2n ** BigInt(8 * length);
    for (let x = 0n; x < 40n && x + p < limit; x++) {
      const y = squareRoot(mod(x ** 3n - 3n * x + b, p));
      if (y !== undefined) return concat(new Uint8Array([4]), integer(x + p), integer(y));
    }
    return undefined;
  }

  /** The curve's points with x = 0 have y = sqrt(b): written as y + p, where that fits. */
  function smallY(): Uint8Array | undefined {
    const y = squareRoot(b);
    if (y === undefined || y + p >= 2n ** BigInt(8 * length)) return undefined;
    return concat(new Uint8Array([4]), integer(0n), integer(y + p));
  }

  /** p is 3 modulo 4 on all three curves. */
  function squareRoot(value: bigint): bigint | undefined {
    let root = 1n;
    for (const bit of ((p + 1n) / 4n).toString(2)) root = (((root * root) % p) * (bit === "1" ? value : 1n)) % p;
    return (root * root) % p === value ? root : undefined;
  }

  test("private keys are scalars between 1 and n - 1 of the curve's length", async () => {
    for (const scalar of [1n, 2n, n - 1n]) {
      expect(await agreed(id, (suite) => suite.kemPublicKey(integer(scalar)))).toMatch(/^04/);
      expect(await agreed(id, (suite) => suite.signaturePublicKey(integer(scalar)))).toMatch(/^04/);
    }
    const wrong = [0n, n, n + 1n, 2n ** BigInt(8 * length) - 1n].map(integer);
    wrong.push(new Uint8Array(0), privateKey.subarray(1), concat(new Uint8Array(1), privateKey));
    const { publicKey } = await honest();
    for (const key of wrong) {
      expect(await agreed(id, (suite) => suite.kemPublicKey(key))).toBe("key-invalid");
      expect(await agreed(id, (suite) => suite.signaturePublicKey(key))).toBe("key-invalid");
      expect(await agreed(id, async (suite) => (await suite.signer(key)).sign(message))).toBe("key-invalid");
      expect(await agreed(id, (suite) => suite.decap(publicKey, key))).toBe("key-invalid");
    }
  });
});
