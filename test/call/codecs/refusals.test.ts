/**
 * What is no frame of a codec is refused, form by form, and what stands at the ends of things is kept.
 */

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { frameCodec } from "../../../src/call/codecs/codecs.ts";
import { NalUnits } from "../../../src/call/codecs/h264-nal.ts";

const h264 = frameCodec("h264")!;
const av1 = frameCodec("av1")!;

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** A slice whose clear bytes are its header and the next. */
const slice = (...body: readonly number[]): Uint8Array => bytes(0, 0, 1, 0x41, 0xff, ...body);

describe("H264", () => {
  it.each([
    ["nothing", bytes()],
    ["zeros", bytes(0, 0, 0, 0)],
    ["a one without zeros before it", bytes(1, 0x41, 0xff, 7)],
    ["a one behind one zero", bytes(0, 1, 0x41, 0xff, 7)],
    ["something before the first start code", bytes(5, 0, 0, 1, 0x41, 0xff, 7)],
    ["an empty NAL unit", bytes(0, 0, 1)],
    ["an empty NAL unit behind another", concat(slice(7, 0x80), bytes(0, 0, 1))],
    ["an empty NAL unit of zeros between others", concat(bytes(0, 0, 1, 0, 0), slice(7, 0x80))],
    ["a slice that ends in its header", bytes(0, 0, 1, 0x41, 0x01)],
    ["a slice that ends in its header, though the frame goes on", concat(bytes(0, 0, 1, 0x41, 0x02), slice(7, 0x80))],
    [
      "a slice with a number of more than 32 bits",
      bytes(0, 0, 1, 0x41, 0, 0, 3, 0, 0, 3, 0, 0x40, ...Array<number>(20).fill(0xff)),
    ],
  ])("is not %s, in either direction", (_, frame) => {
    expect(h264.split(frame, true)).toBeUndefined();
    expect(h264.join(frame, true)).toBeUndefined();
    expect(h264.front?.(frame, true)).toBeUndefined();
  });

  it.each([
    ["no stop byte", slice(7)],
    ["no body, but a clear byte like the stop byte", bytes(0, 0, 1, 0x41, 0xc0, 0x80)],
    ["an escape with nothing behind it", slice(5, 0, 0, 3, 0x80)],
    ["an escape where none is needed", slice(5, 0, 0, 3, 5, 0x80)],
    ["no escape where one is needed", slice(5, 0, 0, 2, 0x80)],
    ["another byte as an escape", slice(5, 0, 0, 2, 1, 0x80)],
    ["no slice", bytes(0, 0, 1, 0x67, 7, 0x80)],
    ["one slice of ours and one that is not", concat(slice(1, 2, 0x80), slice(7))],
  ])("of ours has not %s", (_, frame) => {
    expect(h264.join(frame, true)).toBeUndefined();
    expect(h264.front?.(frame, true)).toBeUndefined();
  });

  it("without a byte of ciphertext has no front", () => {
    expect(h264.front?.(slice(0x80), true)).toBeUndefined();
    expect(h264.front?.(concat(slice(0x80), slice(9, 0x80)), true)).toEqual(bytes(9));
  });

  it("has no front where it is malformed before that is whole", () => {
    expect(h264.front?.(concat(slice(1, 2, 0x80), bytes(0, 0, 1)), true)).toBeUndefined();
  });

  it.each([
    ["a zero", bytes(0, 0, 1, 0x41, 0xc0, 0x20, 0x00, 0x55)],
    ["two zeros", bytes(0, 0, 1, 0x41, 0xc0, 0x00, 0x08, 0x00, 0x00, 0x55)],
  ])("whose clear bytes end in %s keeps whatever comes behind them", (_, frame) => {
    const parts = h264.split(frame, true)!;
    for (const secret of [[0], [1], [2], [3], [0, 0], [0, 1], [0, 0, 1], [0, 0, 3], [3, 0, 0, 0, 2]].map((values) =>
      bytes(...values),
    )) {
      const wire = parts.compose(secret);
      const units = new NalUnits(wire);
      expect([units.next(), units.next()]).toEqual([true, false]);
      expect(wire.subarray(4).join()).not.toMatch(/(^|,)0,0,[012](,|$)/);
      expect(h264.join(wire, true)?.secret).toEqual(secret);
      expect(h264.join(wire, true)?.metadata).toEqual(parts.metadata);
    }
  });

  it("puts what is more than the frame into all slices alike", () => {
    const frame = concat(...Array.from({ length: 4 }, () => slice(...Array<number>(50).fill(9))));
    const wire = h264.split(frame, true)!.compose(new Uint8Array(frame.length + 30).fill(7));
    const units = new NalUnits(wire);
    const lengths: number[] = [];
    while (units.next()) lengths.push(units.end - units.start);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThan(4);
  });

  it.each([0x41, 0x42, 0x65])("has its ciphertext carried by a slice of type %i", (header) => {
    const wire = h264.split(bytes(0, 0, 1, header, 0xff, 7), true)!.compose(bytes(7));
    expect(wire).toEqual(bytes(0, 0, 0, 1, header, 0xff, 7, 0x80));
  });

  it("shows parameter sets of all kinds, and nothing else that is no slice", () => {
    const unit = (type: number): Uint8Array => bytes(0, 0, 0, 1, type, 0xf0 + type);
    const frame = concat(...[6, 7, 8, 9, 12, 13, 14, 15, 19].map(unit), slice(7));
    const wire = h264.split(frame, true)!.compose(bytes(7));
    expect(wire).toEqual(concat(...[7, 8, 13, 15].map(unit), bytes(0, 0, 0, 1, 0x41, 0xff, 7, 0x80)));
  });
});

describe("AV1", () => {
  const sequence = bytes(0x0a, 1, 9);

  it.each([
    ["an OBU with the forbidden bit", bytes(0xb2, 1, 7)],
    ["an OBU with the reserved bit", bytes(0x33, 1, 7)],
    ["an OBU without its extension", bytes(0x34)],
    ["an OBU without its size", bytes(0x32)],
    ["an OBU that is longer than the frame", bytes(0x32, 2, 7)],
    ["a size of nine bytes", bytes(0x32, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 7)],
    ["a size of more than 32 bits", bytes(0x32, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 7)],
    ["a malformed OBU at the front", bytes(0x0a, 9, 9)],
  ])("is not %s, in either direction", (_, frame) => {
    expect(av1.split(frame, true)).toBeUndefined();
    expect(av1.join(frame, true)).toBeUndefined();
    expect(av1.front?.(frame, true)).toBeUndefined();
  });

  it("is not sent with something behind its OBUs", () => {
    expect(av1.split(bytes(0x32, 1, 7, 0xff), true)).toBeUndefined();
    expect(av1.split(bytes(0x32, 1, 7, 0x32, 9), true)).toBeUndefined();
  });

  it.each([
    ["without a wrapper", sequence],
    ["with a wrapper of another type", concat(sequence, bytes(0x1a, 1, 7))],
    ["with a wrapper of a layer", concat(sequence, bytes(0x36, 0x20, 1, 7))],
    ["with something behind its wrapper", concat(sequence, bytes(0x32, 1, 7, 0x12, 0))],
  ])("of ours is not taken %s", (_, frame) => {
    expect(av1.join(frame, true)).toBeUndefined();
    expect(av1.front?.(frame, true)).toBeUndefined();
  });

  it("has as many eight-byte sizes as it likes", () => {
    const frame = bytes(0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 0x32, 0x81, 0x80, 0, 7);
    expect(av1.join(frame, true)?.secret).toEqual(bytes(7));
  });
});
