/**
 * What a frame costs whoever receives or sends it: a number of steps that its bytes bound, and arrays that are as many for
 * a thousand units as for one.
 */

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { frameCodec } from "../../../src/call/codecs/codecs.ts";
import { NalUnits } from "../../../src/call/codecs/h264-nal.ts";
import { maxFrameUnits } from "../../../src/call/codecs/units.ts";
import type { CodecName, FrameCodec } from "../../../src/call/media.ts";
import { countingReads, countWork } from "./work.ts";

const codec = (name: CodecName): FrameCodec => frameCodec(name)!;

/** Of so many bytes, again and again the same. */
function repeated(unit: readonly number[], size: number): Uint8Array {
  const frame = new Uint8Array(size - (size % unit.length));
  for (let place = 0; place < frame.length; place++) frame[place] = unit[place % unit.length]!;
  return frame;
}

/** What a stranger sends to make others work. */
const hostile: readonly (readonly [name: string, codec: CodecName, make: (size: number) => Uint8Array])[] = [
  ["empty sequence headers", "av1", (size) => repeated([0x0a, 0], size)],
  ["empty delimiters", "av1", (size) => repeated([0x12, 0], size)],
  [
    "delimiters with sizes of eight bytes",
    "av1",
    (size) => repeated([0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0], size),
  ],
  ["tile groups behind a frame", "av1", (size) => repeated([0x22, 0], size)],
  ["one sequence header without a size", "av1", (size) => concat(Uint8Array.of(0x08), new Uint8Array(size - 1))],
  ["a wrapper and nothing else", "av1", (size) => concat(Uint8Array.of(0x30), new Uint8Array(size - 1))],
  ["delimiters", "h264", (size) => repeated([0, 0, 1, 9], size)],
  ["parameter sets", "h264", (size) => repeated([0, 0, 1, 7], size)],
  ["slices", "h264", (size) => repeated([0, 0, 1, 0x41, 0xff, 0x80], size)],
  ["slices without a header", "h264", (size) => repeated([0, 0, 1, 0x41], size)],
  ["delimiters of ones", "h264", (size) => concat(Uint8Array.of(0, 0, 1, 9), new Uint8Array(size - 4).fill(1))],
  ["zeros", "h264", (size) => new Uint8Array(size)],
  ["zeros behind a start code", "h264", (size) => concat(Uint8Array.of(0, 0, 1, 9), new Uint8Array(size - 4))],
  ["start codes", "h264", (size) => repeated([0, 0, 1], size)],
  [
    "escapes",
    "h264",
    (size) => concat(Uint8Array.of(0, 0, 1, 0x41, 0xff), repeated([0, 0, 3], size - 6), Uint8Array.of(0x80)),
  ],
  ["a slice header of zeros", "h264", (size) => concat(Uint8Array.of(0, 0, 1, 0x41), repeated([0, 0, 3], size - 4))],
  ["a frame", "vp8", (size) => new Uint8Array(size).fill(1)],
  ["a frame", "vp9", (size) => new Uint8Array(size)],
  ["a frame", "opus", (size) => new Uint8Array(size)],
];

/** Far more than a unit of each byte would need, and far less than two passes for each unit. */
const readsPerByte = 8;
const arrays = 16;
/** Two lengths of four bytes for each sequence header. */
const lengths = 12 * maxFrameUnits;

describe.each(hostile)("%s of %s", (_, name, make) => {
  const { front, split, join } = codec(name);

  it.each([2 ** 12, 2 ** 16, 2 ** 18])(
    "%i bytes, are read a few times each, and no arrays made for any of them",
    (size) => {
      for (const work of [front, split, join]) {
        const { frame, reads } = countingReads(make(size));
        const done = countWork(() => {
          work?.(frame, true);
        });
        expect(reads()).toBeLessThan(readsPerByte * size);
        expect(done.arrays).toBeLessThan(arrays);
        expect(done.entries).toBeLessThan(arrays);
        expect(done.allocated).toBeLessThan(3 * size + lengths);
      }
    },
  );

  it("of any size cost no memory before their key is known", () => {
    const frame = make(2 ** 18);
    const done = countWork(() => {
      front?.(frame, true);
    });
    expect(done.arrays).toBeLessThan(4);
    expect(done.allocated).toBeLessThan(64);
  });
});

describe("a frame of many units", () => {
  const h264 = (units: number): Uint8Array =>
    concat(repeated([0, 0, 1, 9], 4 * (units - 1)), Uint8Array.of(0, 0, 1, 0x41, 0xff, 7, 0x80));
  const av1 = (units: number): Uint8Array => concat(repeated([0x12, 0], 2 * (units - 1)), Uint8Array.of(0x32, 1, 7));

  it.each([
    ["h264", h264],
    ["av1", av1],
  ] as const)("%s: as many as encoders make are taken, and one more is refused in both directions", (name, make) => {
    const { split, join, front } = codec(name);
    const wire = make(maxFrameUnits);
    expect(split(wire, true)).toBeDefined();
    expect(join(wire, true)).toBeDefined();
    expect(front?.(wire, true)).toBeDefined();
    const more = make(maxFrameUnits + 1);
    expect(split(more, true)).toBeUndefined();
    expect(join(more, true)).toBeUndefined();
    expect(front?.(more, true)).toBeUndefined();
  });

  it("is left at the unit that is too many", () => {
    const units = new NalUnits(h264(10 * maxFrameUnits));
    while (units.next());
    expect(units.visited).toBe(maxFrameUnits);
    expect(units.isMalformed).toBe(true);
  });

  it("of AV1 may have that many behind its front, and one more is not sent", () => {
    const picture = (obus: number): Uint8Array => repeated([0x22, 0], 2 * obus);
    expect(codec("av1").split(picture(maxFrameUnits), true)).toBeDefined();
    expect(codec("av1").split(picture(maxFrameUnits + 1), true)).toBeUndefined();
  });

  it("is composed without an array for each", () => {
    const { split } = codec("h264");
    const slices = 1000;
    const parts = split(repeated([0, 0, 1, 0x41, 0xff, 0x80], 6 * slices), true)!;
    const done = countWork(() => {
      parts.compose(new Uint8Array(6 * slices + 26));
    });
    expect(done.allocated).toBeLessThan(40 * slices);
    expect(done.entries).toBeLessThan(arrays);
    expect(done.arrays).toBeLessThan(arrays);
  });
});
