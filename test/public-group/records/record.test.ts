/**
 * What a record may hold: what is read is what was written, and nothing that only looks like it.
 */

import { describe, expect, it } from "vitest";
import { pack } from "../../../src/public-group/records/msgpack.ts";
import {
  asRecords,
  bytesRecord,
  isBytes,
  isBytesOrNull,
  isCount,
  isEpoch,
  isFlag,
  isNumber,
  isPlain,
  mapOf,
  oneOf,
  recordKind,
  type Check,
} from "../../../src/public-group/records/record.ts";
import { refusal } from "../../group/refusal.ts";

const bytes = Uint8Array.of(1, 2);

describe("a field", () => {
  it.each<[string, Check, readonly unknown[], readonly unknown[]]>([
    ["bytes", isBytes, [bytes, new Uint8Array(0)], [null, undefined, [1], "12", {}]],
    ["a count", isCount, [0, 1, 2 ** 53 - 1], [-1, 1.5, NaN, Infinity, 2 ** 53, "1", 1n, null]],
    ["one of some words", oneOf("a", "b"), ["a", "b"], ["", "c", "ab", ["a"], bytes, null, 7]],
    ["a number", isNumber, [0, -1, 1.5, Infinity], [NaN, "1", 1n, null, undefined]],
    ["an epoch", isEpoch, ["0", "18446744073709551615"], ["", "1".repeat(21), "-1", "1x", " 1", 1, 1n, null, [1]]],
    ["a flag", isFlag, [true, false], [0, 1, "true", null, undefined]],
    ["bytes or nothing", isBytesOrNull, [bytes, null], [undefined, 0, "", [], {}]],
    ["a map of counts", mapOf(isCount), [{}, { 0: 1, 4294967295: 2 }], [{ 0: -1 }, { 0: 1, 1: "1" }]],
    [
      "a map by numbers",
      mapOf(isCount),
      [{ 7: 1 }],
      [{ "07": 1 }, { "-1": 1 }, { a: 1 }, { "": 1 }, { 12345678901: 1 }],
    ],
    ["a map, and nothing that has entries beside", mapOf(isCount), [{}], [null, undefined, 7, "12", [], [1], bytes]],
    ["a map with names", isPlain, [{}, { a: 1 }], [null, undefined, 7, "a", true, [], new Uint8Array(0)]],
  ])("is %s", (_, check, right, wrong) => {
    expect(right.map(check)).toEqual(right.map(() => true));
    expect(wrong.map(check)).toEqual(wrong.map(() => false));
  });
});

describe("a record", () => {
  const kind = recordKind<{ readonly count: number; readonly content: Uint8Array }>({
    count: isCount,
    content: isBytes,
  });

  it("is read as it was written, with what a later version has put beside", () => {
    const value = { count: 7, content: bytes };
    expect(kind.read(kind.write(value))).toEqual(value);
    expect(kind.read(Uint8Array.of(1, ...pack({ ...value, more: "later" })))).toMatchObject(value);
  });

  it("is damaged where a field is missing or another thing, or where it is no map", async () => {
    for (const value of [
      { count: 7 },
      { content: bytes },
      { count: "7", content: bytes },
      {},
      null,
      7,
      "x",
      [],
      bytes,
    ]) {
      expect(await refusal(() => kind.read(Uint8Array.of(1, ...pack(value))))).toBe("snapshot-damaged");
    }
  });

  it("is of a version that this code knows", async () => {
    const right = kind.write({ count: 7, content: bytes });
    for (const each of [kind, bytesRecord]) {
      expect(await refusal(() => each.read(right.slice().fill(2, 0, 1)))).toBe("snapshot-version");
      expect(await refusal(() => each.read(right.slice().fill(0, 0, 1)))).toBe("snapshot-damaged");
      expect(await refusal(() => each.read(new Uint8Array(0)))).toBe("snapshot-damaged");
    }
    expect(bytesRecord.read(bytesRecord.write(bytes))).toEqual(bytes);
  });
});

it("the records in a snapshot are bytes by names", async () => {
  expect(asRecords({ a: bytes })).toEqual([["a", bytes]]);
  for (const value of [null, undefined, 7, "a", [], [bytes], bytes, new Uint8Array(0), { a: bytes, b: "text" }]) {
    expect(await refusal(() => asRecords(value))).toBe("snapshot-damaged");
  }
});
