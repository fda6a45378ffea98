import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { padding as takesPadding, paddingLength, type Padding } from "../../../src/public-group/options/padding.ts";

describe("padding", () => {
  it("of none adds nothing", () => {
    for (const length of [0, 1, 1_000]) expect(paddingLength({ kind: "none" }, length)).toBe(0);
  });

  it("of a multiple goes up to the next one", () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 4_096 }), (length, of) => {
        const padding = paddingLength({ kind: "multiple", of }, length);
        expect((length + padding) % of).toBe(0);
        expect(padding).toBeLessThan(of);
      }),
      { seed: 1 },
    );
  });

  it("of Padmé costs at most 12 %, and leaves few lengths", () => {
    const padded = (length: number): number => length + paddingLength({ kind: "padme" }, length);
    expect([0, 1, 2, 3, 8, 9, 100, 1_000].map(padded)).toEqual([0, 1, 2, 3, 8, 10, 104, 1_024]);
    const lengths = new Set<number>();
    const wrong: number[] = [];
    for (let length = 0; length <= 100_000; length++) {
      const whole = padded(length);
      if (whole < length || whole > Math.max(length * 1.12, length + 1) || padded(whole) !== whole) wrong.push(length);
      lengths.add(whole);
    }
    expect(wrong).toEqual([]);
    expect(lengths.size).toBeLessThan(220);
  });

  it("of Padmé leaves one length up to the least", () => {
    const padded = (length: number, least: number): number => length + paddingLength({ kind: "padme", least }, length);
    expect([0, 1, 511, 512, 513, 1_000].map((length) => padded(length, 512))).toEqual([512, 512, 512, 512, 544, 1_024]);
    expect([0, 7, 9].map((length) => padded(length, 9))).toEqual([10, 10, 10]);
  });

  it("is one of three kinds", () => {
    const good: readonly Padding[] = [
      { kind: "none" },
      { kind: "padme" },
      { kind: "multiple", of: 2 ** 20 },
      { kind: "padme", least: 512 },
    ];
    for (const padding of good) takesPadding("padding", padding);
    const bad: readonly unknown[] = [
      { kind: "multiple" },
      { kind: "multiple", of: 0 },
      { kind: "multiple", of: -16 },
      { kind: "multiple", of: 2.5 },
      { kind: "multiple", of: 2 ** 21 },
      { kind: "multiple", of: "16" },
      { kind: "padme", least: 0 },
      { kind: "padme", least: 2 ** 21 },
      { kind: "padme", of: 512 },
      { kind: "other" },
      {},
    ];
    for (const padding of bad) {
      expect(() => {
        takesPadding("padding", padding);
      }).toThrow(TypeError);
    }
  });
});

it("padding of a kind that there is not is refused, also with a unit", () => {
  for (const padding of [{ kind: "some" }, { kind: "some", of: 8 }]) {
    expect(() => {
      takesPadding("padding", padding);
    }).toThrow('padding.kind must be "none" or "multiple" or "padme"');
  }
});
