import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { vectorHeaderSize, Writer } from "../../src/codec/writer.ts";

/** One call of a writer's method. */
type Write =
  | { readonly kind: "u8" | "u16" | "u32"; readonly value: number }
  | { readonly kind: "u64"; readonly value: bigint }
  | { readonly kind: "raw" | "vectorBytes"; readonly value: Uint8Array }
  | { readonly kind: "vector"; readonly value: readonly Write[] };

const { write } = fc.letrec<{ write: Write }>((tie) => ({
  write: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constant("u8" as const), value: fc.nat(0xff) }),
    fc.record({ kind: fc.constant("u16" as const), value: fc.nat(0xffff) }),
    fc.record({ kind: fc.constant("u32" as const), value: fc.nat(0xffff_ffff) }),
    fc.record({ kind: fc.constant("u64" as const), value: fc.bigInt(0n, 2n ** 64n - 1n) }),
    fc.record({ kind: fc.constant("raw" as const), value: fc.uint8Array({ maxLength: 80 }) }),
    fc.record({ kind: fc.constant("vectorBytes" as const), value: fc.uint8Array({ maxLength: 80 }) }),
    fc.record({ kind: fc.constant("vector" as const), value: fc.array(tie("write"), { maxLength: 6 }) }),
  ),
}));

function perform(out: Writer, { kind, value }: Write): void {
  switch (kind) {
    case "u8":
    case "u16":
    case "u32":
      out[kind](value);
      break;
    case "u64":
      out.u64(value);
      break;
    case "raw":
    case "vectorBytes":
      out[kind](value);
      break;
    case "vector":
      out.vector(() => {
        for (const inner of value) perform(out, inner);
      });
  }
}

/** The same bytes, digit by digit. */
function naive({ kind, value }: Write): string {
  switch (kind) {
    case "u8":
      return value.toString(16).padStart(2, "0");
    case "u16":
      return value.toString(16).padStart(4, "0");
    case "u32":
      return value.toString(16).padStart(8, "0");
    case "u64":
      return value.toString(16).padStart(16, "0");
    case "raw":
      return hex(value);
    case "vectorBytes":
      return header(value.length) + hex(value);
    case "vector": {
      const body = value.map(naive).join("");
      return header(body.length / 2) + body;
    }
  }
}

/** RFC 9420 section 2.1.2: two bits say how many bytes follow. */
function header(length: number): string {
  if (length < 64) return length.toString(16).padStart(2, "0");
  if (length < 16384) return (0x4000 + length).toString(16);
  return (0x8000_0000 + length).toString(16);
}

describe("a growing buffer", () => {
  test("any sequence of writes is their concatenation, however small the buffer is at first", () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 12 }), fc.constantFrom(0, 1, 2, 3, 7, 256), (writes, capacity) => {
        const out = new Writer(capacity);
        for (const each of writes) perform(out, each);
        const expected = writes.map(naive).join("");
        expect(out.length).toBe(expected.length / 2);
        expect(hex(out.finish())).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test.each<Write>([
    { kind: "u8", value: 0xab },
    { kind: "u16", value: 0xabcd },
    { kind: "u32", value: 0xabcdef01 },
    { kind: "u64", value: 0xabcdef0123456789n },
    { kind: "raw", value: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9]) },
    { kind: "vectorBytes", value: new Uint8Array([1, 2, 3]) },
    { kind: "vectorBytes", value: new Uint8Array(100).fill(9) },
    { kind: "vector", value: [] },
    { kind: "vector", value: [{ kind: "u8", value: 0xab }] },
    { kind: "vector", value: [{ kind: "raw", value: new Uint8Array(64).fill(9) }] },
  ])("$kind writes into the buffer that it has just grown, at every place in it", (each) => {
    for (let before = 0; before < 20; before++) {
      for (const capacity of [0, 1, before, before + 1]) {
        const out = new Writer(capacity);
        for (let i = 0; i < before; i++) out.u8(0xee);
        perform(out, each);
        out.u8(0xff);
        expect(hex(out.finish())).toBe(`${"ee".repeat(before)}${naive(each)}ff`);
      }
    }
  });

  test("grows by doubling: a long encoding is not copied for every byte", () => {
    const copies = vi.spyOn(Uint8Array.prototype, "set");
    const out = new Writer(1);
    for (let i = 0; i < 100_000; i++) out.u8(i & 0xff);
    expect(copies.mock.calls.length).toBeLessThanOrEqual(Math.ceil(Math.log2(100_000)));
    copies.mockRestore();
    expect(out.finish()).toHaveLength(100_000);
  });

  test("what growing leaves behind is overwritten", () => {
    const buffers = buffersOf(() => {
      const out = new Writer(2);
      for (const value of [0x01, 0x23, 0x45, 0x67, 0x89]) out.raw(new Uint8Array([value]));
      expect(hex(out.finish())).toBe("0123456789");
    });
    expect(buffers.map((buffer) => buffer.length)).toEqual([2, 4, 8]);
    for (const buffer of buffers) expect([...buffer]).toEqual([...new Uint8Array(buffer.length)]);
  });
});

/** The buffers that writers have written byte strings into. */
function buffersOf(work: () => void): readonly Uint8Array[] {
  const set = vi.spyOn(Uint8Array.prototype, "set");
  try {
    work();
    return [...new Set(set.mock.contexts)] as Uint8Array[];
  } finally {
    set.mockRestore();
  }
}

describe("a vector's length", () => {
  test.each([
    [0, 1, "00"],
    [1, 1, "01"],
    [63, 1, "3f"],
    [64, 2, "4040"],
    [65, 2, "4041"],
    [16383, 2, "7fff"],
    [16384, 4, "80004000"],
    [16385, 4, "80004001"],
    [65536, 4, "80010000"],
  ] as const)("of %i bytes takes %i: %s", (length, size, prefix) => {
    const body = new Uint8Array(length).fill(0x5a);
    expect(vectorHeaderSize(length)).toBe(size);
    for (const capacity of [0, 1, 256, length, length + size]) {
      const [whole, parts] = [new Writer(capacity), new Writer(capacity)];
      whole.vectorBytes(body);
      parts.vector(() => {
        parts.raw(body.subarray(0, length >> 1));
        parts.raw(body.subarray(length >> 1));
      });
      const expected = prefix + "5a".repeat(length);
      expect(hex(whole.finish()) === expected).toBe(true);
      expect(hex(parts.finish()) === expected).toBe(true);
    }
  });

  test("of nested vectors shifts what is inside, and only that", () => {
    const out = new Writer(1);
    out.u8(0xaa);
    out.vector(() => {
      out.vector(() => out.raw(new Uint8Array(63).fill(1)));
      out.u8(2);
    });
    out.u8(0xbb);
    expect(hex(out.finish())).toBe(`aa40413f${"01".repeat(63)}02bb`);
  });

  test("ends at 2^30 - 1", () => {
    const long = { length: 2 ** 30 } as unknown as Uint8Array; // which no test can hold
    const out = new Writer();
    expect(() => out.vectorBytes(long)).toThrow(TypeError);
    expect(vectorHeaderSize(2 ** 30 - 1)).toBe(4);
  });
});

test("a number that its type can't hold is not written: wrapped, it would be another member, epoch or suite", () => {
  const writes: readonly [keyof Writer & ("u8" | "u16" | "u32" | "u64"), readonly unknown[]][] = [
    ["u8", [-1, 2 ** 8, 0.5, NaN, "1"]],
    ["u16", [-1, 2 ** 16, 0.5, NaN, "1"]],
    ["u32", [-1, 2 ** 32, 0.5, NaN, "1"]],
    ["u64", [-1n, 2n ** 64n, 1, "1"]],
  ];
  for (const [type, values] of writes) {
    for (const value of values) {
      const out = new Writer();
      const write = out[type].bind(out) as (value: unknown) => void;
      expect(() => write(value)).toThrow(TypeError);
      expect(() => write(value)).toThrow(`a number does not fit into its uint${type.slice(1)}`);
      expect(out.length).toBe(0);
    }
  }
});

describe("the result", () => {
  test("is as long as what was written, whether the buffer was full or not", () => {
    for (const capacity of [3, 4]) {
      const out = new Writer(capacity);
      out.raw(new Uint8Array([1, 2, 3]));
      const bytes = out.finish();
      expect([...bytes]).toEqual([1, 2, 3]);
      expect(bytes.buffer.byteLength).toBe(3);
    }
  });

  test("is the only copy of what was written", () => {
    const secret = new Uint8Array(40).fill(7);
    let bytes: Uint8Array | undefined;
    const [buffer] = buffersOf(() => {
      const out = new Writer();
      out.raw(secret);
      bytes = out.finish();
    });
    expect(bytes).toEqual(secret);
    expect(buffer?.buffer).not.toBe(bytes?.buffer);
    expect(buffer?.some((byte) => byte !== 0)).toBe(false);
  });
});

describe("a buffer that is used again", () => {
  test("goes to one writer at a time, and a finished one has none", () => {
    const [first, second] = [new Writer(), new Writer()];
    first.u8(1);
    second.u8(2);
    expect(hex(first.finish())).toBe("01");
    const third = new Writer();
    third.u8(3);
    first.u8(4);
    second.u8(5);
    expect(hex(third.finish())).toBe("03");
    expect(hex(second.finish())).toBe("0205");
    expect(hex(first.finish())).toBe("04");
  });

  test("is not the one that a caller was given because it was full", () => {
    const out = new Writer();
    const { length } = buffersOf(() => out.raw(new Uint8Array(1)))[0]!;
    out.raw(new Uint8Array(length - 1).fill(9));
    const bytes = out.finish();
    const next = new Writer();
    next.raw(new Uint8Array(length).fill(8));
    next.finish();
    expect(bytes).toEqual(new Uint8Array(length).fill(9, 1));
  });
});

test("what is lent is overwritten when it comes back, also after an error", () => {
  for (const fail of [false, true]) {
    const out = new Writer();
    out.u32(0x01020304);
    let lent: Uint8Array | undefined;
    const use = (): string =>
      out.lend((bytes) => {
        lent = bytes;
        if (fail) throw new Error(hex(bytes));
        return hex(bytes);
      });
    if (fail) expect(use).toThrow("01020304");
    else expect(use()).toBe("01020304");
    expect(lent && hex(lent)).toBe("00000000");
  }
});
