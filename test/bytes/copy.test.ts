import { expect, test } from "vitest";
import { copyBytes } from "../../src/bytes/copy.ts";

test("a copy is a plain Uint8Array in memory of its own, of a Buffer and of a view too", () => {
  const bytes = new Uint8Array([1, 2, 3, 4]);
  for (const input of [bytes, Buffer.from(bytes), bytes.subarray(0, 4)]) {
    const copy = copyBytes(input);
    input.fill(9);
    expect([...copy]).toEqual([1, 2, 3, 4]);
    expect(Object.getPrototypeOf(copy)).toBe(Uint8Array.prototype);
    expect(copy.buffer).not.toBe(input.buffer);
    input.set([1, 2, 3, 4]);
  }
  expect(copyBytes(bytes.subarray(1, 3)).buffer.byteLength).toBe(2);
});

test("what is no Uint8Array is the caller's mistake", () => {
  for (const input of [undefined, null, "00", [1], new ArrayBuffer(1), new Uint16Array(1)] as unknown[]) {
    expect(() => copyBytes(input as Uint8Array)).toThrow(TypeError);
  }
});
