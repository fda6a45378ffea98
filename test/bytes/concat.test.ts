import fc from "fast-check";
import { expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";

test("the parts stand one after another", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 6 }), (parts) => {
      expect([...concat(...parts)]).toEqual(parts.flatMap((part) => [...part]));
    }),
  );
});

test("the result is an array of its own, even of one part", () => {
  const part = new Uint8Array([1, 2, 3]);
  const whole = concat(part);
  part.fill(0);
  expect([...whole]).toEqual([1, 2, 3]);
  expect(concat()).toEqual(new Uint8Array(0));
});
