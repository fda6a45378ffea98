import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { escapeBody, unescapeBody } from "../../../src/call/codecs/h264-escape.ts";

/** A body, escaped behind clear bytes: what stands behind them. */
function escaped(clear: Uint8Array, body: Uint8Array): Uint8Array {
  const out = concat(clear, new Uint8Array(2 * body.length + 2));
  return out.slice(clear.length, escapeBody({ bytes: body, start: 0, end: body.length }, out, 0, clear.length));
}

/** What comes of bytes behind clear ones, or undefined where escaping gives no such bytes. */
function unescaped(clear: Uint8Array, bytes: Uint8Array): Uint8Array | undefined {
  const frame = concat(clear, bytes);
  const out = new Uint8Array(bytes.length);
  const length = unescapeBody({ frame, clearStart: 0, start: clear.length, end: frame.length }, out, 0);
  return length === undefined ? undefined : out.subarray(0, length);
}

// The bytes that matter: zeros, the escape and its neighbours, the stop byte.
const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.array(fc.constantFrom(0, 0, 0, 1, 2, 3, 3, 4, 0x80), { maxLength }).map((list) => Uint8Array.from(list));

describe("an escaped body", () => {
  it("holds no start code and ends in no zero, behind any clear bytes", () => {
    fc.assert(
      fc.property(bytes(4), bytes(12), (clear, body) => {
        const written = escaped(clear, body);
        expect(unescaped(clear, written)).toEqual(body);
        expect(written.at(-1)).toBe(0x80);
        const whole = [...clear.slice(-2), ...written];
        const begun = Math.min(2, clear.length);
        for (let i = begun; i < whole.length; i++) {
          const follows = i >= 2 && whole[i - 1] === 0 && whole[i - 2] === 0;
          // 03 may follow two zeros: it is the escape. Clear bytes that end in three zeros are no NAL unit's.
          if (follows && !(clear.at(-1) === 0 && clear.at(-2) === 0 && clear.at(-3) === 0))
            expect(whole[i]! > 2).toBe(true);
        }
      }),
    );
  });

  it("has one form: what is accepted is what escaping gives", () => {
    let accepted = 0;
    fc.assert(
      fc.property(bytes(3), bytes(8), (clear, written) => {
        const body = unescaped(clear, written);
        if (body === undefined) return;
        accepted++;
        expect(escaped(clear, body)).toEqual(written);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  it.each<[string, number[], number[]]>([
    ["nothing", [0x65], []],
    ["no stop byte", [0x65], [7, 8]],
    ["a stop byte that is one of the clear bytes", [0x65, 0x80], []],
    ["an escape before a byte that needs none", [0x65], [0, 0, 3, 4, 0x80]],
    ["an escape before the stop byte", [0x65], [0, 0, 3, 0x80]],
    ["a start code", [0x65], [0, 0, 1, 0x80]],
    ["three zeros", [0x65], [0, 0, 0, 0x80]],
    ["a two behind zeros, one of them clear", [0x65, 0], [0, 2, 0x80]],
  ])("is not %s", (_, clear, written) => {
    expect(unescaped(Uint8Array.from(clear), Uint8Array.from(written))).toBeUndefined();
  });
});
