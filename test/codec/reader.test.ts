import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { fromHex } from "../../src/bytes/text.ts";
import { Reader } from "../../src/codec/reader.ts";
import { Writer } from "../../src/codec/writer.ts";
import { CopseError } from "../../src/errors.ts";
import { failure } from "./failure.ts";

describe("numbers", () => {
  test("are big-endian, wherever in a buffer the bytes stand", () => {
    for (const offset of [0, 1, 5]) {
      const bytes = concat(new Uint8Array(offset), fromHex("01020304050607f8090a0b0c0d0e0f")).subarray(offset);
      const input = new Reader(bytes);
      expect([input.u8(), input.u16(), input.u32(), input.u64()]).toEqual([
        0x01,
        0x0203,
        0x04050607,
        0xf8090a0b0c0d0e0fn,
      ]);
      expect(input.remaining).toBe(0);
    }
  });

  test.each(["u8", "u16", "u32", "u64"] as const)("a %s that is cut off names the place where it begins", (kind) => {
    const size = { u8: 1, u16: 2, u32: 4, u64: 8 }[kind];
    for (let length = 0; length < size; length++) {
      const input = new Reader(new Uint8Array(3 + length));
      input.take(3);
      expect(failure(() => input[kind]())).toEqual(["decode-truncated", 3]);
      expect(input.offset).toBe(3);
    }
  });
});

describe("byte strings", () => {
  test("are views of the input", () => {
    const bytes = fromHex("0302aabbcc");
    const input = new Reader(bytes);
    const taken = input.take(1);
    const vector = input.vectorBytes();
    expect(taken.buffer).toBe(bytes.buffer);
    expect(vector.buffer).toBe(bytes.buffer);
    expect([...vector]).toEqual([0xaa, 0xbb]);
    expect(input.offset).toBe(4);
  });

  test("more than there is can't be taken", () => {
    const input = new Reader(new Uint8Array(4));
    input.take(1);
    expect(failure(() => input.take(4))).toEqual(["decode-truncated", 1]);
    expect(input.take(3)).toHaveLength(3);
    expect(input.take(0)).toHaveLength(0);
  });

  test("what is left at the end is refused, at its first byte", () => {
    const input = new Reader(new Uint8Array(4));
    input.take(3);
    expect(failure(() => input.end())).toEqual(["decode-trailing", 3]);
    input.take(1);
    input.end();
  });
});

/** ReadVarint of RFC 9420 section 2.1.2, in the RFC's steps. */
function readVarint(data: Uint8Array): number | "decode-truncated" | "decode-length" {
  let v = data[0];
  if (v === undefined) return "decode-truncated";
  const prefix = v >> 6;
  if (prefix === 3) return "decode-length";
  const length = 1 << prefix;
  v &= 0x3f;
  for (let i = 1; i < length; i++) {
    const next = data[i];
    if (next === undefined) return "decode-truncated";
    v = v * 256 + next;
  }
  if (prefix >= 1 && v < 2 ** (8 * (length / 2) - 2)) return "decode-length";
  return v;
}

describe("a vector's length", () => {
  test("is read as the RFC's own steps read it, whatever the bytes", () => {
    const interesting = fc.constantFrom(0x00, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff);
    const byte = fc.oneof(interesting, fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 5 }), (bytes) => {
        const data = new Uint8Array(bytes);
        const expected = readVarint(data);
        const input = new Reader(data);
        if (typeof expected === "number") {
          expect(input.vectorLength()).toBe(expected);
          expect(input.offset).toBe(1 << (data[0]! >> 6));
        } else {
          expect(failure(() => input.vectorLength())[0]).toBe(expected);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("is what the writer writes, at every boundary", () => {
    for (const length of [0, 1, 62, 63, 64, 65, 127, 128, 16382, 16383, 16384, 16385, 70000]) {
      const out = new Writer();
      out.vectorBytes(new Uint8Array(length));
      const input = new Reader(out.finish());
      expect(input.vectorLength()).toBe(length);
      expect(input.remaining).toBe(length);
    }
  });

  test.each([
    ["the prefix 11", "c0"],
    ["the prefix 11, with bytes behind it", "ff00000000"],
    ["0 in two bytes", "4000"],
    ["63 in two bytes", "403f"],
    ["0 in four bytes", "80000000"],
    ["63 in four bytes", "8000003f"],
    ["64 in four bytes", "80000040"],
    ["16383 in four bytes", "80003fff"],
  ])("is refused: %s", (_, bytes) => {
    const input = new Reader(concat(new Uint8Array(7), fromHex(bytes), new Uint8Array(20_000)));
    input.take(7);
    for (const read of [() => input.vectorLength(), () => input.vectorBytes(), () => input.vector()]) {
      expect(failure(read)).toEqual(["decode-length", 7]);
      expect(input.offset).toBe(7);
    }
  });

  test.each([
    ["the RFC's example of one byte", "25", 37],
    ["the RFC's example of two bytes", "7bbd", 15293],
    ["the RFC's example of four bytes", "9d7f3e7d", 494878333],
    ["64 in two bytes", "4040", 64],
    ["16384 in four bytes", "80004000", 16384],
    ["the longest", "bfffffff", 2 ** 30 - 1],
  ])("is accepted: %s", (_, bytes, length) => {
    expect(new Reader(fromHex(bytes)).vectorLength()).toBe(length);
  });

  test("may not announce more than there is; nothing is allocated for it", () => {
    for (const bytes of ["01", "bfffffff", "7fff00", "3f00"]) {
      const input = new Reader(fromHex(bytes));
      const [code, offset] = failure(() => input.vectorBytes());
      expect(code).toBe("decode-truncated");
      expect(offset).toBe(1 << (fromHex(bytes)[0]! >> 6));
    }
  });
});

describe("a reader of a vector", () => {
  test("ends where the vector ends, and the outer one goes on behind it", () => {
    const input = new Reader(fromHex("020102ff"));
    const inner = input.vector();
    expect(inner.remaining).toBe(2);
    expect(inner.u16()).toBe(0x0102);
    expect(failure(() => inner.u8())).toEqual(["decode-truncated", 3]);
    expect(input.u8()).toBe(0xff);
  });

  test("refuses a vector that runs past it, even where the outer input would suffice", () => {
    // A vector of three bytes, in it a vector that claims four of them.
    const input = new Reader(fromHex("aa0304bbccddeeff"));
    input.u8();
    expect(failure(() => input.vector().vectorBytes())).toEqual(["decode-truncated", 3]);
    input.offset = 1;
    expect(failure(() => input.vector().vector())).toEqual(["decode-truncated", 3]);
  });

  test("names places in the outermost input, however deep it is", () => {
    const depth = fc.array(fc.nat(5), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(depth, (before) => {
        const out = new Writer();
        const nest = (level: number): void => {
          const filler = before[level];
          if (filler === undefined) {
            out.u8(0xc0);
            return;
          }
          out.raw(new Uint8Array(filler));
          out.vector(() => nest(level + 1));
        };
        nest(0);
        const bytes = out.finish();
        let input = new Reader(bytes);
        for (const filler of before) {
          input.take(filler);
          input = input.vector();
        }
        expect(failure(() => input.vectorLength())).toEqual(["decode-length", bytes.length - 1]);
      }),
    );
  });

  test("has the options of the outer one", () => {
    const limits = { ...new Reader(new Uint8Array(0)).limits, psks: 3 };
    const proposals = new Map([[9, () => undefined]]);
    const inner = new Reader(fromHex("020100"), { limits, proposals }).vector().vector();
    expect(inner.limits).toBe(limits);
    expect(inner.proposals).toBe(proposals);
  });
});

test("fail gives an error of the code, the place and the details", () => {
  const input = new Reader(fromHex("00020304"));
  input.u8();
  const error = input.vector().fail("limit-exceeded", { limit: "psks" });
  expect(error).toBeInstanceOf(CopseError);
  expect(error).toMatchObject({ code: "limit-exceeded", offset: 2, details: { limit: "psks" } });
  expect(error.message).toBe("limit-exceeded: psks");
});
