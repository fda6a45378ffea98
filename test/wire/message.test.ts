import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex } from "../../src/bytes/text.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import { decodeMessage, encodeMessage, type MlsMessage } from "../../src/wire/message.ts";
import { failure } from "../codec/failure.ts";
import * as arbitrary from "./arbitraries.ts";
import * as naive from "./naive.ts";
import { keyPackage } from "./values.ts";

const message: MlsMessage = { wireFormat: "mls_key_package", keyPackage };

test("any message is written and read again", () => {
  fc.assert(
    fc.property(arbitrary.mlsMessage, (value) => {
      const bytes = encodeMessage(value);
      expect(hex(bytes)).toBe(hex(naive.mlsMessage(value)));
      expect(decodeMessage(bytes, arbitrary.reading)).toEqual(value);
    }),
  );
});

describe("what is refused", () => {
  test.each([0, 2, 0x0a0a, 0x0100, 0xffff])("version %i, whatever follows", (version) => {
    const whole = concat(naive.uint(2, version), encodeMessage(message).subarray(2));
    expect(failure(() => decodeMessage(whole))).toEqual(["decode-version", 2]);
    expect(failure(() => decodeMessage(naive.uint(2, version)))).toEqual(["decode-version", 2]);
  });

  test.each([0, 6, 0x0a0a, 0xfafa, 0xffff])("wire format %i", (format) => {
    const whole = concat(naive.uint(2, 1), naive.uint(2, format), encodeMessage(message).subarray(4));
    expect(failure(() => decodeMessage(whole))).toEqual(["decode-value", 4]);
  });

  test("a message that is longer than the limit", () => {
    const bytes = encodeMessage(message);
    const limits = { ...defaultLimits, messageBytes: bytes.length };
    expect(decodeMessage(bytes, { limits })).toEqual(message);
    expect(failure(() => decodeMessage(concat(bytes, bytes), { limits }))[0]).toBe("limit-exceeded");
  });

  test("what is no Uint8Array", () => {
    expect(() => decodeMessage("0001" as unknown as Uint8Array)).toThrow(TypeError);
  });
});

test("a message keeps nothing of the caller's bytes", () => {
  const bytes = encodeMessage(message);
  const read = decodeMessage(bytes);
  bytes.fill(0);
  expect(read).toEqual(message);
  expect(hex(encodeMessage(read))).toBe(hex(naive.mlsMessage(message)));
});
