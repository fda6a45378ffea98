/**
 * What public functions take: every value that does not belong there is a TypeError that says where it stands and what belongs there.
 */

import { describe, expect, it } from "vitest";
import * as takes from "../../src/bytes/takes.ts";

/** What is said of a value at the place "at", or undefined where it fits. */
function said(check: takes.Takes, value: unknown): string | undefined {
  try {
    check("at", value);
    return undefined;
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

const values: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    0,
    1,
    0.5,
    -1,
    65_535,
    65_536,
    2 ** 32 - 1,
    2 ** 32,
    0n,
    -1n,
    2n ** 64n - 1n,
    2n ** 64n,
    "",
  ],
  ...["text", [], [1], {}, new Uint8Array(1), new Uint16Array(1), () => undefined, Symbol("s")],
];

describe("a value", () => {
  it.each<[string, takes.Takes, (value: unknown) => boolean, RegExp]>([
    ["bytes", takes.bytes, (value) => value instanceof Uint8Array, /^at must be a Uint8Array$/],
    ["flag", takes.flag, (value) => typeof value === "boolean", /^at must be true or false$/],
    ["text", takes.text, (value) => typeof value === "string", /^at must be a string$/],
    ["hook", takes.hook, (value) => typeof value === "function", /^at must be a function$/],
    ["uint16", takes.uint16, (value) => [0, 1, 65_535].includes(value as number), /^at must be /],
    ["uint32", takes.uint32, (value) => [0, 1, 65_535, 65_536, 2 ** 32 - 1].includes(value as number), /^at must be /],
    ["uint64", takes.uint64, (value) => value === 0n || value === 2n ** 64n - 1n, /^at must be /],
    ["oneOf", takes.oneOf("text", ""), (value) => value === "text" || value === "", /^at must be "text" or ""$/],
    ["anything", takes.anything, () => true, /never/],
  ])("of the kind %s, and no other", (_, check, fits, words) => {
    for (const value of values) {
      if (fits(value)) expect(said(check, value)).toBeUndefined();
      else expect(said(check, value)).toMatch(words);
    }
  });
});

describe("an object", () => {
  const shape = { name: takes.text, of: takes.list(takes.bytes) };

  it("is no array, no function and not null", () => {
    for (const value of values) {
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      expect(takes.isObject(value)).toBe(isObject);
      expect(said(takes.thing("a thing", {}), value)).toBe(isObject ? undefined : "at must be a thing");
      if (!isObject) expect(said(takes.options({}), value)).toBe("at must be an object");
    }
  });

  it("has what is required, and what it has is checked where it stands", () => {
    const check = takes.thing("a thing", shape, ["name"]);
    expect(said(check, { name: "a", more: 1 })).toBeUndefined();
    expect(said(check, { of: [] })).toBe("at.name must be a string");
    expect(said(check, { name: "a", of: 1 })).toBe("at.of must be an array");
    expect(said(check, { name: "a", of: [new Uint8Array(1), 1] })).toBe("at.of[1] must be a Uint8Array");
  });

  it("of options has no other name", () => {
    const check = takes.options(shape, "name");
    expect(said(check, { name: "a", of: [] })).toBeUndefined();
    expect(said(check, { name: "a", off: [] })).toBe("at has no option off: it takes name, of");
    expect(said(check, { name: "a", toString: 1 })).toBe("at has no option toString: it takes name, of");
    expect(said(check, {})).toBe("at.name must be a string");
  });

  it("has methods", () => {
    const check = takes.having("a port", "read", "write");
    const read = (): void => undefined;
    expect(said(check, { read, write: read })).toBeUndefined();
    for (const wrong of [{ read }, { read, write: 1 }, [], null, 1])
      expect(said(check, wrong)).toBe("at must be a port");
  });

  it("is of one of some shapes, which a name tells", () => {
    const check = takes.variants("kind", { one: takes.thing("an object", shape, ["name"]), two: takes.anything });
    expect(said(check, { kind: "two" })).toBeUndefined();
    expect(said(check, { kind: "one" })).toBe("at.name must be a string");
    for (const kind of [undefined, "three", "toString"])
      expect(said(check, { kind })).toBe('at.kind must be "one" or "two"');
    expect(said(check, [])).toBe("at must be an object");
  });

  it("fits at once, or is looked at more closely", () => {
    const check = takes.either("a box", (value) => value instanceof Map, takes.thing("a thing", shape, ["name"]));
    expect(said(check, new Map())).toBeUndefined();
    expect(said(check, { name: "a" })).toBeUndefined();
    expect(said(check, { name: 1 })).toBe("at.name must be a string");
    for (const wrong of [1, null, "text"]) expect(said(check, wrong)).toBe("at must be a box");
  });
});
