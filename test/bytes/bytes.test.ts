import { expect, test } from "vitest";
import { asBytes } from "../../src/bytes/bytes.ts";

test("bytes that leave are the same ones, and copied out of memory that is shared", () => {
  const own = Uint8Array.of(1, 2, 3);
  expect(asBytes(own)).toBe(own);
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  shared.set(own);
  const copy = asBytes(shared);
  expect(copy.buffer).toBeInstanceOf(ArrayBuffer);
  expect(copy).toEqual(own);
  shared.fill(0);
  expect(copy).toEqual(own);
});
