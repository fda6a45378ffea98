import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesEqual, constantTimeEqual } from "../../src/bytes/compare.ts";

const bytes = fc.uint8Array({ maxLength: 40 });

describe.each([
  ["constantTimeEqual", constantTimeEqual],
  ["bytesEqual", bytesEqual],
])("%s", (_, equal) => {
  test("a byte string equals its copy and itself, views included", () => {
    fc.assert(
      fc.property(bytes, fc.nat(8), (value, offset) => {
        const buffer = new Uint8Array(value.length + offset + 3);
        buffer.set(value, offset);
        expect(equal(value, value)).toBe(true);
        expect(equal(value, buffer.subarray(offset, offset + value.length))).toBe(true);
      }),
    );
  });

  test("one flipped bit anywhere makes a difference", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), fc.nat(7), (value, at, bit) => {
        const index = at % value.length;
        const other = value.with(index, value[index]! ^ (1 << bit));
        expect(equal(value, other)).toBe(false);
        expect(equal(other, value)).toBe(false);
      }),
    );
  });

  test("differences don't cancel each other out", () => {
    expect(equal(new Uint8Array([1, 2, 3]), new Uint8Array([3, 2, 1]))).toBe(false);
    expect(equal(new Uint8Array([0x55, 0x55]), new Uint8Array([0xaa, 0xaa]))).toBe(false);
  });

  test("a prefix is not equal", () => {
    expect(equal(new Uint8Array([1, 2]), new Uint8Array([1, 2, 0]))).toBe(false);
    expect(equal(new Uint8Array([1, 2, 0]), new Uint8Array([1, 2]))).toBe(false);
    expect(equal(new Uint8Array(0), new Uint8Array(1))).toBe(false);
    expect(equal(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });
});

/** The number of elements that a comparison reads. */
function reads(equal: typeof bytesEqual, a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  const watched = new Proxy(a, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) count++;
      return Reflect.get(target, key, target) as unknown;
    },
  });
  equal(watched, b);
  return count;
}

test("constantTimeEqual reads every byte, whatever the contents; bytesEqual stops at the first difference", () => {
  const a = new Uint8Array(32).fill(7);
  for (const at of [0, 1, 16, 31]) {
    const b = a.with(at, 8);
    expect(reads(constantTimeEqual, a, b)).toBe(32);
    expect(reads(bytesEqual, a, b)).toBe(at + 1);
  }
  expect(reads(constantTimeEqual, a, a.slice())).toBe(32);
});

test("constantTimeEqual takes byte strings alone, on either side", () => {
  const bytes = Uint8Array.of(1, 2);
  const wrong: readonly (readonly [a: unknown, b: unknown])[] = [
    [bytes, "ab"],
    ["ab", bytes],
    ["ab", "cd"],
    [bytes, [1, 2]],
  ];
  for (const [a, b] of wrong) expect(() => constantTimeEqual(a as Uint8Array, b as Uint8Array)).toThrow(TypeError);
});
