import fc from "fast-check";
import { expect, test } from "vitest";
import { parseBigJson } from "../../../src/cli/vectors/big-json.ts";

test("integers keep all their digits", () => {
  expect(parseBigJson("[9007199254740991, 9007199254740992, 18446744073709551615, -9007199254740993, 0, -0]")).toEqual([
    9007199254740991,
    9007199254740992n,
    18446744073709551615n,
    -9007199254740993n,
    0,
    -0,
  ]);
  expect(parseBigJson("123456789012345678901234567890")).toBe(123456789012345678901234567890n);
});

test("what is no integer literal stays as JSON.parse has it", () => {
  for (const text of ['"18446744073709551615"', "1844674407370955161.5", "18446744073709551615e0", "1e400"]) {
    expect(parseBigJson(text)).toBe(JSON.parse(text));
  }
  expect(parseBigJson('{"18446744073709551615": "\\" 18446744073709551615 \\\\"}')).toEqual({
    "18446744073709551615": '" 18446744073709551615 \\',
  });
});

test("no string is taken for an integer, however it looks or is escaped", () => {
  for (const string of ["#1", "##12345678901234567890", "\u0023#1", "#", "####"]) {
    const escaped = JSON.stringify(string).replace("#", "\\u0023");
    expect(parseBigJson(`[${escaped}, ${JSON.stringify(string)}, 18446744073709551615]`)).toEqual([
      string,
      string,
      18446744073709551615n,
    ]);
  }
});

/** A value as JSON.parse would have it. */
function rounded(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
}

test("every JSON value comes back as from JSON.parse, but for the rounding", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(rounded(parseBigJson(text))).toEqual(rounded(JSON.parse(text)));
    }),
  );
});

test("any mix of large integers and strings comes back", () => {
  const item = fc.oneof(fc.string(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }), fc.bigInt({ max: -(2n ** 53n) }));
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const text = items.map((value) => (typeof value === "string" ? JSON.stringify(value) : value.toString()));
      expect(parseBigJson(`[${text.join(",")}]`)).toEqual(items);
    }),
  );
});

test("what is not JSON is refused as JSON.parse refuses it", () => {
  for (const text of [
    "",
    "01234567890123456789012",
    "+12345678901234567890",
    "12345678901234567890 1",
    '"12345678901234567890',
    "[12345678901234567890,]",
    "--12345678901234567890",
    "12345678901234567890x",
  ]) {
    expect(() => parseBigJson(text)).toThrow(SyntaxError);
  }
});
