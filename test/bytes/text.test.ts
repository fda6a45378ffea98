import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, hex, utf8, utf8Decode } from "../../src/bytes/text.ts";

describe("hex", () => {
  test("is what Node writes, and is read back in either case", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const text = hex(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("hex"));
        expect(fromHex(text)).toEqual(bytes);
        expect(fromHex(text.toUpperCase())).toEqual(bytes);
      }),
    );
  });

  test.each(["0", "abc", "0g", "zz", " 00", "00 ", "0x00", "-1", "+1", "1.", "à0", "٠٠", "00\n"])(
    "%j is not a hex string",
    (text) => {
      expect(() => fromHex(text)).toThrow(TypeError);
    },
  );
});

describe("utf8", () => {
  test("every well-formed string comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(utf8Decode(utf8(text))).toBe(text);
      }),
    );
  });

  test("a byte order mark is part of the text", () => {
    expect(utf8Decode(utf8("\ufeffa"))).toBe("\ufeffa");
  });

  test.each(["ff", "c0af", "e28281c3", "eda080", "f4908080", "80"])("%s is not UTF-8", (text) => {
    expect(utf8Decode(fromHex(text))).toBeUndefined();
  });

  test("the bytes of one call are not those of another", () => {
    const first = utf8("same");
    first.fill(0);
    expect(utf8Decode(utf8("same"))).toBe("same");
  });
});
