import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { decode, encode, struct, u16, vector, type Codec } from "../../src/codec/codec.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import { Reader } from "../../src/codec/reader.ts";
import { shared } from "../../src/codec/shared.ts";

interface Lists {
  readonly some: readonly number[];
  readonly others: readonly number[];
}
const list = vector(u16, "capabilities");
const plain: Codec<Lists> = struct<Lists>({ some: list, others: list });

const lists = fc.record({
  some: fc.array(fc.nat(2), { maxLength: 3 }),
  others: fc.array(fc.nat(2), { maxLength: 3 }),
});

describe("values that come again", () => {
  test("are read as any other codec reads them, whatever came before", () => {
    const Shared = shared(plain);
    fc.assert(
      fc.property(fc.array(lists, { maxLength: 6 }), (values) => {
        const input = new Reader(concat(...values.map((value) => encode(Shared, value))));
        expect(values.map(() => Shared.read(input))).toEqual(values);
        input.end();
      }),
    );
  });

  test("are one value, which nobody can change, and the one before is forgotten", () => {
    const Shared = shared(plain);
    const [one, two] = [
      { some: [1, 2], others: [3] },
      { some: [1], others: [] },
    ].map((value) => encode(plain, value)) as [Uint8Array, Uint8Array];
    const first = decode(Shared, one);
    expect(decode(Shared, one.slice())).toBe(first);
    expect(() => (first.some as number[]).push(4)).toThrow(TypeError);
    expect(() => ((first as { others: readonly number[] }).others = [])).toThrow(TypeError);
    expect(decode(Shared, two)).not.toBe(first);
    expect(decode(Shared, one)).not.toBe(first);
    expect(decode(Shared, one)).toEqual(first);
  });

  test("are not kept with the bytes that they came in, which somebody may change", () => {
    const Shared = shared(plain);
    const bytes = encode(plain, { some: [1, 2], others: [3] });
    decode(Shared, bytes);
    bytes[2] = 9;
    expect(decode(Shared, encode(plain, { some: [1, 2], others: [3] })).some).toEqual([1, 2]);
    expect(decode(Shared, bytes).some).not.toEqual([1, 2]);
  });

  test("are kept up to 1,024 bytes, so that a stranger's long list stays with nobody", () => {
    const Shared = shared(plain);
    for (const [count, isKept] of [
      [254, true],
      [255, false],
    ] as const) {
      const value = encode(plain, { some: Array<number>(256).fill(1), others: Array<number>(count).fill(1) });
      expect(value.length <= 1_024).toBe(isKept);
      expect(decode(Shared, value) === decode(Shared, value)).toBe(isKept);
    }
  });

  test("are held to the limits of whoever reads them now", () => {
    const Shared = shared(plain);
    const bytes = encode(plain, { some: [1, 2, 3], others: [] });
    decode(Shared, bytes);
    expect(() => decode(Shared, bytes, { limits: { ...defaultLimits, capabilities: 2 } })).toThrow("limit-exceeded");
  });

  test("end where what holds them ends", () => {
    const Shared = shared(plain);
    const bytes = encode(plain, { some: [1, 2], others: [3, 4] });
    decode(Shared, bytes);
    // The same bytes, of which the reader may see all but the last.
    expect(() => Shared.read(new Reader(bytes, {}, 0, bytes.length - 1))).toThrow("decode-truncated");
  });
});
