import { describe, expect, test } from "vitest";
import { isSame } from "../../../src/content/messages/same.ts";

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

describe("two values say the same", () => {
  test.each([
    ["numbers, but for rounding", 47.1234567, 47.12345671],
    ["bytes", bytes(1, 2), bytes(1, 2)],
    ["lists", [1, "a", bytes(3)], [1, "a", bytes(3)]],
    ["things, an absent part being one that is undefined", { a: 1, b: undefined }, { a: 1 }],
  ])("%s", (_, meant, read) => {
    expect(isSame(meant, read)).toBe(true);
  });

  test.each([
    ["other numbers", 1, 2],
    ["a degree that is not the same", 47.12345, 47.12346],
    ["other bytes", bytes(1, 2), bytes(1, 3)],
    ["fewer bytes", bytes(1, 2), bytes(1)],
    ["a list that is longer", [1], [1, 2]],
    ["a list that is shorter", [1, 2], [1]],
    ["a part that was not meant", { a: 1 }, { a: 1, b: 2 }],
    ["a part that is lost", { a: 1, b: 2 }, { a: 1 }],
    ["what stands deep inside", { a: [{ b: bytes(1) }] }, { a: [{ b: bytes(2) }] }],
    ["a number and its text", 1, "1"],
    ["nothing and something", undefined, {}],
  ])("and these don't: %s", (_, meant, read) => {
    expect(isSame(meant, read)).toBe(false);
  });
});
