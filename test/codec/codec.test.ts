import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import {
  decode,
  decodeCopy,
  empty,
  encode,
  enumeration,
  fixed,
  opaque,
  optional,
  select,
  struct,
  u16,
  u32,
  u64,
  u8,
  vector,
  type Codec,
} from "../../src/codec/codec.ts";
import { failure } from "./failure.ts";

type Shape =
  | { readonly kind: "circle"; readonly radius: number }
  | { readonly kind: "path"; readonly points: readonly Point[] }
  | { readonly kind: "nothing" };
interface Point {
  readonly x: number;
  readonly y: bigint;
}
const Point = struct<Point>({ x: u32, y: u64 });
const Shape = select<Shape, "kind">("kind", enumeration(u16, { circle: 1, path: 2, nothing: 0x0a0a }), {
  circle: struct<{ radius: number }>({ radius: u8 }),
  path: struct<{ points: readonly Point[] }>({ points: vector(Point, "proposals") }),
  nothing: empty,
});
interface Drawing {
  readonly name: Uint8Array;
  readonly tag: Uint8Array;
  readonly shapes: readonly Shape[];
  readonly origin: Point | undefined;
  readonly layers: readonly (Shape | undefined)[];
}
const Drawing = struct<Drawing>({
  name: opaque,
  tag: fixed(3),
  shapes: vector(Shape, "proposals"),
  origin: optional(Point),
  layers: vector(optional(Shape), "leaves"),
});

const point: fc.Arbitrary<Point> = fc.record({
  x: fc.nat(0xffff_ffff),
  y: fc.bigInt(0n, 2n ** 64n - 1n),
});
const shape: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({ kind: fc.constant("circle" as const), radius: fc.nat(255) }),
  fc.record({ kind: fc.constant("path" as const), points: fc.array(point, { maxLength: 8 }) }),
  fc.record({ kind: fc.constant("nothing" as const) }),
);
const drawing: fc.Arbitrary<Drawing> = fc.record({
  name: fc.uint8Array({ maxLength: 70 }),
  tag: fc.uint8Array({ minLength: 3, maxLength: 3 }),
  shapes: fc.array(shape, { maxLength: 5 }),
  origin: fc.option(point, { nil: undefined }),
  layers: fc.array(fc.option(shape, { nil: undefined }), { maxLength: 5 }),
});

/** A codec, and values for it. */
function pair<T>(
  name: string,
  codec: Codec<T>,
  values: fc.Arbitrary<T>,
): [string, Codec<unknown>, fc.Arbitrary<unknown>] {
  return [name, codec as Codec<unknown>, values];
}

describe.each([
  pair("u8", u8, fc.nat(0xff)),
  pair("u16", u16, fc.nat(0xffff)),
  pair("u32", u32, fc.nat(0xffff_ffff)),
  pair("u64", u64, fc.bigInt(0n, 2n ** 64n - 1n)),
  pair("opaque", opaque, fc.uint8Array({ maxLength: 200 })),
  pair("fixed", fixed(5), fc.uint8Array({ minLength: 5, maxLength: 5 })),
  pair("optional", optional(u16), fc.option(fc.nat(0xffff), { nil: undefined })),
  pair("vector", vector(u16, "capabilities"), fc.array(fc.nat(0xffff), { maxLength: 100 })),
  pair("enumeration", enumeration(u8, { one: 1, two: 2 }), fc.constantFrom<("one" | "two")[]>("one", "two")),
  pair("struct", Point, point),
  pair("select", Shape, shape),
  pair("a struct of everything", Drawing, drawing),
])("%s", (_, codec, values) => {
  test("what is written is read", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(codec, encode(codec, value, 1))).toEqual(value);
      }),
    );
  });

  test("what is cut off anywhere is refused, and so is a byte too many", () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(codec, value);
        for (let length = 0; length < bytes.length; length++) {
          expect(failure(() => decode(codec, bytes.subarray(0, length)))[0]).toBe("decode-truncated");
        }
        const longer = new Uint8Array(bytes.length + 1);
        longer.set(bytes);
        expect(failure(() => decode(codec, longer))).toEqual(["decode-trailing", bytes.length]);
      }),
      { numRuns: 50 },
    );
  });

  test("no value is read from two different byte strings", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        let value: unknown;
        try {
          value = decode(codec, bytes);
        } catch {
          return;
        }
        expect(hex(encode(codec, value))).toBe(hex(bytes));
      }),
      { numRuns: 300 },
    );
  });
});

describe("the bytes", () => {
  test("of a struct are its fields in the order of the declaration, not of the value", () => {
    const value = { y: 2n, x: 1 };
    expect(hex(encode(Point, value))).toBe("000000010000000000000002");
  });

  test("of a select are the tag, and the body of its case", () => {
    expect(hex(encode(Shape, { kind: "circle", radius: 7 }))).toBe("000107");
    expect(hex(encode(Shape, { kind: "nothing" }))).toBe("0a0a");
    expect(decode(Shape, fromHex("000200"))).toEqual({ kind: "path", points: [] });
  });

  test("of an optional value are its presence, and the value", () => {
    expect(hex(encode(optional(u16), undefined))).toBe("00");
    expect(hex(encode(optional(u16), 0x1234))).toBe("011234");
  });

  test("of a vector count bytes, not values", () => {
    expect(hex(encode(vector(u16, "capabilities"), [1, 2, 3]))).toBe("06000100020003");
    expect(hex(encode(vector(u16, "capabilities"), new Array<number>(32).fill(1)))).toBe(`4040${"0001".repeat(32)}`);
  });
});

describe("refusals", () => {
  test("a presence octet is 0 or 1", () => {
    for (const presence of [2, 3, 0x7f, 0x80, 0xff]) {
      expect(failure(() => decode(optional(u8), new Uint8Array([presence, 1])))).toEqual(["decode-presence", 1]);
    }
    expect(failure(() => decode(vector(optional(empty), "leaves"), fromHex("03000105")))).toEqual([
      "decode-presence",
      4,
    ]);
  });

  test("an enumeration has no other values than its own", () => {
    const codec = enumeration(u16, { one: 1, many: 0xffff });
    for (const value of [0, 2, 0xfffe]) {
      expect(failure(() => decode(codec, new Uint8Array([value >> 8, value & 255])))).toEqual(["decode-value", 2]);
    }
    expect(failure(() => decode(Shape, fromHex("0003")))).toEqual(["decode-value", 2]);
  });

  test("a vector ends with its last value", () => {
    // Three bytes hold one u16 and half of another.
    expect(failure(() => decode(vector(u16, "capabilities"), fromHex("03000100")))).toEqual(["decode-truncated", 3]);
    // The point's second field would run past the vector that holds it.
    const points = fromHex("0002" + "0b" + "00000001" + "00000000000000" + "ffffffff");
    expect(failure(() => decode(Shape, points))).toEqual(["decode-truncated", 7]);
  });

  test("a fixed byte string has one length", () => {
    for (const length of [0, 2, 4]) expect(() => encode(fixed(3), new Uint8Array(length))).toThrow(TypeError);
  });
});

describe("decodeCopy", () => {
  test("keeps nothing of the caller's array", () => {
    const bytes = encode(opaque, new Uint8Array([1, 2, 3]));
    const [copied, viewed] = [decodeCopy(opaque, bytes), decode(opaque, bytes)];
    bytes.fill(9);
    expect([...copied]).toEqual([1, 2, 3]);
    expect([...viewed]).toEqual([9, 9, 9]);
  });

  test("copies a Buffer too, whose slices are views", () => {
    const bytes = Buffer.from([2, 5, 6]);
    const value = decodeCopy(opaque, bytes);
    bytes.fill(0);
    expect([...value]).toEqual([5, 6]);
    expect(value).not.toBeInstanceOf(Buffer);
  });

  test("another kind of input is the caller's mistake", () => {
    const inputs: unknown[] = [undefined, null, "00", [0], new ArrayBuffer(1), new Uint16Array(1), { length: 1, 0: 0 }];
    for (const input of inputs) expect(() => decodeCopy(u8, input as Uint8Array)).toThrow(TypeError);
  });
});

/** What the compiler refuses. Nothing here runs: `tsc` is the judge, and it fails where an error is missing. */
export function refusedByTheCompiler(): readonly unknown[] {
  return [
    struct<Point>({ x: u32, y: u64 }),
    // @ts-expect-error a field is missing
    struct<Point>({ x: u32 }),
    // @ts-expect-error a field is too many
    struct<Point>({ x: u32, y: u64, z: u8 }),
    // @ts-expect-error a number is no bigint
    struct<Point>({ x: u32, y: u32 }),
    // @ts-expect-error a byte string is no number
    struct<Point>({ x: opaque, y: u64 }),
    // @ts-expect-error a value that may be absent is not one that is always there
    struct<Point>({ x: optional(u32), y: u64 }),
    // @ts-expect-error a value that is always there is not one that may be absent
    struct<{ readonly origin: Point | undefined }>({ origin: Point }),
    // @ts-expect-error an optional property is a field all the same
    struct<{ readonly x: number; readonly y?: number }>({ x: u8 }),
    // @ts-expect-error a codec that reads less than the type says
    struct<{ readonly name: "one" | "two" }>({ name: enumeration(u8, { one: 1 }) }),
    // @ts-expect-error a codec that reads more than the type says
    struct<{ readonly name: "one" }>({ name: enumeration(u8, { one: 1, two: 2 }) }),
    // @ts-expect-error a vector of something else
    struct<{ readonly points: readonly Point[] }>({ points: vector(u8, "psks") }),
    // @ts-expect-error messageBytes is no count
    vector(u8, "messageBytes"),
    // @ts-expect-error a vector has a limit
    vector(u8),
    // @ts-expect-error a case is missing
    select<Shape, "kind">("kind", enumeration(u8, { circle: 1, path: 2, nothing: 3 }), {
      circle: struct<{ radius: number }>({ radius: u8 }),
      path: struct<{ points: readonly Point[] }>({ points: vector(Point, "proposals") }),
    }),
    select<Shape, "kind">("kind", enumeration(u8, { circle: 1, path: 2, nothing: 3 }), {
      // @ts-expect-error the body of another case
      circle: struct<{ points: readonly Point[] }>({ points: vector(Point, "proposals") }),
      path: struct<{ points: readonly Point[] }>({ points: vector(Point, "proposals") }),
      nothing: empty,
    }),
    // @ts-expect-error a tag that not every case has a number for
    select<Shape, "kind">("kind", enumeration(u8, { circle: 1, path: 2 }), {
      circle: struct<{ radius: number }>({ radius: u8 }),
      path: struct<{ points: readonly Point[] }>({ points: vector(Point, "proposals") }),
      nothing: empty,
    }),
  ];
}
