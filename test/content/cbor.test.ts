/**
 * CBOR at its edges: what a caller may give, and what of a stranger's is refused before it costs anything.
 */

import { describe, expect, test } from "vitest";
import { fromHex } from "../../src/bytes/text.ts";
import { copyCbor, decodeCbor, encodeCbor, type CborValue } from "../../src/content/cbor.ts";
import { ContentError } from "../../src/content/errors.ts";

const far = { depth: 8, items: 64 };

function refusal(hexadecimal: string, limits = far): string {
  try {
    decodeCbor(fromHex(hexadecimal), limits);
    return "none";
  } catch (error) {
    if (error instanceof ContentError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe("what a caller gives", () => {
  test.each([
    ["undefined", undefined, "value is no CBOR value"],
    ["a function", () => 1, "value is no CBOR value"],
    ["a Date", new Date(0), "value is no CBOR value"],
    ["a tag below zero", { tag: -1, value: 1 }, "value is no CBOR value"],
    ["a float that is no object", 1.5, "value must be an integer"],
    ["an integer beyond 64 bits", 2n ** 64n, "value must be an integer"],
    ["one below them", -(2n ** 64n) - 1n, "value must be an integer"],
    ["a map's key that is an array", new Map([[[1], 1]]), "a key of value must be"],
    ["a map's key that is a float", new Map([[1.5, 1]]), "a key of value must be"],
    ["what stands in an array", [[0, undefined]], String.raw`value\[0\]\[1\] is no CBOR value`],
    ["too many arrays", [[[[1]]]], "is nested too deeply"],
  ])("is refused by its place: %s", (_, value, words) => {
    expect(() => copyCbor("value", value, 3)).toThrow(TypeError);
    expect(() => copyCbor("value", value, 3)).toThrow(new RegExp(words));
  });

  test("is a copy", () => {
    const bytes = Uint8Array.of(1);
    const value: CborValue = [
      bytes,
      new Map([[bytes, -(2n ** 64n)]]),
      { float: 0.5 },
      { tag: 1, value: 2n ** 64n - 1n },
    ];
    const copy = copyCbor("value", value, 3);
    expect(copy).toEqual(value);
    bytes[0] = 2;
    expect((copy as readonly unknown[])[0]).toEqual(Uint8Array.of(1));
  });

  test("is never written as a float that was meant as an integer", () => {
    expect(() => encodeCbor(1.5)).toThrow(TypeError);
    expect(() => encodeCbor(2 ** 53)).toThrow(TypeError);
  });
});

describe("what a stranger gives", () => {
  test("has so many items, those inside of others included", () => {
    expect(refusal("83010203", { depth: 8, items: 4 })).toBe("none");
    expect(refusal("83010203", { depth: 8, items: 3 })).toMatch(/^content-limit: .*items/);
    expect(refusal("9b00000000ffffffff", far)).toMatch(/^content-/); // four thousand million, and none of them there
  });

  test.each([
    ["undefined", "f7"],
    ["a simple value", "f0"],
    ["a break", "ff"],
    ["an array of no stated length", "9f01ff"],
    ["a text of no stated length", "7f6161ff"],
    ["a length that is not the shortest", "1801"],
    ["a float that is not the shortest", "fb3ff8000000000000"],
    ["a tag beyond 2^53", "db002000000000000001"],
    ["text that is not UTF-8", "61ff"],
    ["a map whose key is a map", "a1a000"],
    ["keys out of order", "a202000100"],
    ["a key twice", "a201000100"],
    ["bytes behind the value", "0000"],
    ["nothing", ""],
    ["an item that is cut off", "43aabb"],
  ])("is refused: %s", (_, bytes) => {
    expect(refusal(bytes)).toMatch(/^content-cbor/);
  });
});
