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

  test("bytes are what the platform's strict decoder says", () => {
    const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const decoded = (bytes: Uint8Array): string | undefined => {
      try {
        return strict.decode(bytes);
      } catch {
        return undefined;
      }
    };
    // Every first byte with continuations at the edges of what may follow it, cut at every place, and with more behind it.
    for (let first = 0; first < 256; first++) {
      for (const second of [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0]) {
        const whole = new Uint8Array([first, second, 0x80, 0xbf, 0x41]);
        for (let end = 1; end <= whole.length; end++) {
          expect(utf8Decode(whole.subarray(0, end)), hex(whole.subarray(0, end))).toBe(decoded(whole.subarray(0, end)));
        }
      }
    }
    const units = fc.constantFrom("41", "c3a9", "e282ac", "f09f8cb3", "efbbbf", "80", "ff", "e0", "f4");
    fc.assert(
      fc.property(fc.array(units, { maxLength: 8 }), (parts) => {
        expect(utf8Decode(fromHex(parts.join("")))).toBe(decoded(fromHex(parts.join(""))));
      }),
    );
  });

  test("the bytes of one call are not those of another", () => {
    const first = utf8("same");
    first.fill(0);
    expect(utf8Decode(utf8("same"))).toBe("same");
  });
});
