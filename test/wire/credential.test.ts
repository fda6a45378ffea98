import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import { Credential, credentialTypeOf } from "../../src/wire/credential.ts";
import { greaseValues } from "../../src/wire/registries.ts";
import { failure } from "../codec/failure.ts";

describe("a credential", () => {
  test.each([0, 3, 0xf000, 0xffff, ...greaseValues])("of the unknown type %i is carried by its number", (type) => {
    const value: Credential = { type, data: new Uint8Array([0xaa, 0xbb]) };
    const bytes = encode(Credential, value);
    expect(hex(bytes)).toBe(`${type.toString(16).padStart(4, "0")}02aabb`);
    expect(decode(Credential, bytes)).toEqual(value);
    expect(credentialTypeOf(value)).toBe(type);
  });

  test("of an unknown type must be one opaque byte string", () => {
    expect(failure(() => decode(Credential, fromHex("0003")))).toEqual(["decode-truncated", 2]);
    expect(failure(() => decode(Credential, fromHex("000301aabb")))).toEqual(["decode-trailing", 4]);
  });

  test("of a type of the RFC has its number", () => {
    expect(credentialTypeOf({ type: "basic", identity: new Uint8Array(0) })).toBe(1);
    expect(credentialTypeOf({ type: "x509", certificates: [] })).toBe(2);
  });

  test("holds certificates in their order, up to the limit", () => {
    const chain = (count: number): Uint8Array =>
      encode(Credential, {
        type: "x509",
        certificates: Array.from({ length: count }, (_, i) => new Uint8Array([i])),
      });
    const limits = { ...defaultLimits, certificates: 3 };
    expect(decode(Credential, chain(3), { limits })).toEqual({
      type: "x509",
      certificates: [new Uint8Array([0]), new Uint8Array([1]), new Uint8Array([2])],
    });
    expect(failure(() => decode(Credential, chain(4), { limits }))[0]).toBe("limit-exceeded");
  });
});
