import fc from "fast-check";
import { Packr } from "#msgpack";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { fromHex, hex } from "../../../src/bytes/text.ts";
import { pack, packBehind, unpack } from "../../../src/public-group/records/msgpack.ts";
import { failure, refusal } from "../../group/refusal.ts";

/** What wrote the snapshots of 0.1.0. */
const packr = new Packr({ useRecords: false, structuredClone: false });

const numbers = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.maxSafeNat(),
  fc.nat(2 ** 31 - 1),
  fc.double({ noNaN: true }).map((value) => value + 0), // msgpackr writes -0 as 0: nothing stored is either
  fc.constantFrom(0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 2 ** 32 - 1, 2 ** 32, Infinity),
);
const { value: plain } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    numbers,
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(
      fc.string({ maxLength: 6 }).filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
}));

/** Quicker than a matcher, and without a difference between kinds of byte arrays. */
function sameAs(value: unknown, read: unknown): boolean {
  const text = (from: unknown): string => JSON.stringify(from instanceof Uint8Array ? [...from] : from);
  return text(value) === text(read);
}

describe("a stored value", () => {
  it("is read as it was written, and so is what 0.1.0 wrote", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const packed = pack(value);
        expect(unpack(packed)).toEqual(value);
        expect(packBehind(7, value)).toEqual(Uint8Array.of(7, ...packed));
        expect(unpack(new Uint8Array(packr.pack(value)))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it("may be long, and longer than what 0.1.0 wrote", () => {
    for (const length of [15, 16, 31, 32, 255, 256, 65_535, 65_536]) {
      const bytes = new Uint8Array(length).fill(9);
      const text = "x".repeat(length);
      const list = new Array<number>(length).fill(1);
      const map = Object.fromEntries(list.map((one, i) => [String(i), one]));
      for (const value of [bytes, text, list, map]) {
        const packed = pack(value);
        expect(sameAs(value, unpack(packed))).toBe(true);
        if (value === map && length > 65_535) continue;
        expect(sameAs(value, packr.unpack(packed))).toBe(true);
        expect(sameAs(value, unpack(packr.pack(value)))).toBe(true);
      }
    }
    expect(unpack(pack(new Array<null>(300_000).fill(null)))).toHaveLength(300_000);
  });

  it("does not share memory with what it was read from", () => {
    const packed = pack([Uint8Array.of(1, 2, 3)]);
    const [bytes] = unpack(packed) as [Uint8Array];
    packed.fill(0);
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
    expect(bytes.buffer.byteLength).toBe(3);
  });

  it.each([
    ["nothing", ""],
    ["bytes behind it", "c0c0"],
    ["a form that is never used", "c1"],
    ["a date", "d6ff00000000"],
    ["a byte string that ends early", "c40201"],
    ["an array that ends early", "9201"],
    ["more items than there are bytes", "ddffffffff00"],
    ["more entries than there are bytes", "dfffffffff00"],
    ["a float that ends early", "cb000000"],
  ])("is damaged where it is %s", async (_, text) => {
    expect(await refusal(() => unpack(fromHex(text)))).toBe("snapshot-damaged");
  });

  it("is not told by the error of what is behind it", async () => {
    const error = await failure(() => unpack(packBehind(0x90, "a secret")));
    expect(error).toMatchObject({ code: "snapshot-damaged" });
    expect(error).not.toHaveProperty("cause");
    const behind = await failure(() => unpack(Uint8Array.of(...pack(["a secret"]), 0xc0)));
    expect(inspect(behind)).not.toContain("a secret");
  });

  it("is damaged or a value, whatever its bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let value: unknown;
        try {
          value = unpack(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "snapshot-damaged" });
          return;
        }
        expect(hex(pack(unpack(pack(value))))).toBe(hex(pack(value)));
      }),
      { numRuns: 3_000 },
    );
  });
});
