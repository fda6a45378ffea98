import { describe, expect, test } from "vitest";
import { codecNamed, isTransportable, layoutOf } from "../../../src/adapters/dave/codecs.ts";
import type { DaveCodec } from "../../../src/adapters/dave/index.ts";
import { noise } from "./world.ts";

const whole = (codec: DaveCodec, ...bytes: readonly number[]): void => {
  const frame = Uint8Array.from(bytes);
  expect(layoutOf(codec, frame)).toEqual({ body: frame, ranges: [] });
};

describe("codecs", () => {
  test("have the names of their media types, and nothing else has", () => {
    expect(["opus", "audio/opus", "video/VP8", "VIDEO/h264", "H265", "av1"].map(codecNamed)).toEqual([
      ...["opus", "opus", "vp8", "h264", "h265", "av1"],
    ]);
    for (const name of ["theora", "", "text/vp8", "constructor", "__proto__", "video/video/vp8"]) {
      expect(codecNamed(name)).toBeUndefined();
    }
  });
});

describe("AV1", () => {
  test("sizes of OBUs are written short, and the last has none", () => {
    const frame = Uint8Array.of(0x12, 0, ...[0x0a, 0x82, 0x80, 0, 7, 8], ...[0x36, 0x18, 2, 5, 6]);
    expect(layoutOf("av1", frame)).toEqual({
      body: Uint8Array.of(...[0x0a, 2, 7, 8], ...[0x34, 0x18, 5, 6]),
      ranges: [0, 2, 4, 2],
    });
  });

  test("an OBU without a payload is clear, and the clear part goes on into the next", () => {
    const frame = Uint8Array.of(...[0x0a, 1, 7], ...[0x1a, 0], ...[0x32, 2, 5, 6]);
    expect(layoutOf("av1", frame)).toEqual({
      body: Uint8Array.of(...[0x0a, 1, 7], ...[0x1a, 0], ...[0x30, 5, 6]),
      ranges: [0, 2, 3, 3],
    });
    const last = Uint8Array.of(...[0x0a, 1, 7], ...[0x1a, 0]);
    expect(layoutOf("av1", last)).toEqual({ body: Uint8Array.of(0x0a, 1, 7, 0x18), ranges: [0, 2, 3, 1] });
  });

  test("what packetizers drop is left out, wherever it stands", () => {
    const frame = Uint8Array.of(...[0x12, 0], ...[0x32, 1, 7], ...[0x42, 1, 9], ...[0x7a, 2, 0, 0]);
    expect(layoutOf("av1", frame)).toEqual({ body: Uint8Array.of(0x30, 7), ranges: [0, 1] });
  });

  test("what is no row of OBUs is sealed whole", () => {
    whole("av1", 0x12, 0); // nothing that is sent
    whole("av1", 0x32, 3, 1, 2); // longer than the frame
    whole("av1", 0x32); // no size
    whole("av1", 0x32, 0x80); // half a size
    whole("av1", 0x34); // an extension is missing
    whole("av1", 0x32, 1, 9, 0x34); // behind one that is whole, too
    whole("av1", 0x32, ...Array<number>(8).fill(0x80), 0); // a size of nine bytes
    const many = Array.from({ length: 4097 }, () => [0x12, 0]).flat();
    whole("av1", ...many, 0x32, 1, 7);
    expect(layoutOf("av1", Uint8Array.of(...many.slice(4), 0x32, 1, 7)).ranges).toEqual([0, 1]);
  });
});

describe("H264 and H265", () => {
  const code = [0, 0, 0, 1];

  test("parameter sets, delimiters and filler stay clear, together with the header that follows", () => {
    const frame = Uint8Array.of(...[0, 0, 1, 9, 0x10], ...[0, 0, 1, 0x67, 1, 2, 3], ...[0, 0, 1, 0x65, 0x88, 0x84, 5]);
    const body = Uint8Array.of(...code, 9, 0x10, ...code, 0x67, 1, 2, 3, ...code, 0x65, 0x88, 0x84, 5);
    expect(layoutOf("h264", frame)).toEqual({ body, ranges: [0, 21] });
  });

  test("a frame of what is clear alone has no secret part", () => {
    const frame = Uint8Array.of(...code, 0x67, 1, 2, ...code, 0x68, 3);
    expect(layoutOf("h264", frame)).toEqual({ body: frame, ranges: [0, frame.length] });
    const h265 = Uint8Array.of(...code, 0x40, 1, 7, ...code, 0x42, 1, 9);
    expect(layoutOf("h265", h265)).toEqual({ body: h265, ranges: [0, h265.length] });
  });

  test("supplemental information is secret", () => {
    const frame = Uint8Array.of(...code, 6, 5, 1, 7, ...code, 0x4e, 1, 5, 1);
    expect(layoutOf("h264", frame).ranges).toEqual([0, 5, 8, 5]);
    expect(layoutOf("h265", Uint8Array.of(...code, 0x4e, 1, 5, 1)).ranges).toEqual([0, 6]);
  });

  test("what is no row of NAL units is sealed whole", () => {
    for (const codec of ["h264", "h265"] as const) {
      whole(codec, 0x65, 0x88, 1, 2, 3, 4); // no start code
      whole(codec, 0, 0, 0, 0);
      whole(codec, ...code); // nothing behind it
      whole(codec, ...code, 0x65); // half a header of H265, and a slice of H264 without one
    }
    whole("h264", ...code, 0x65, 0, 0); // a slice that names no parameter set
    whole("h265", ...code, 0x26, 1, 7, ...code, 0x26);
  });

  test("a start code or a zero before one is looked for in secret parts alone", () => {
    const frame = Uint8Array.of(...code, 9, 0, 0, 1, 9, 0, ...noise(20, 3).map((byte) => byte | 4));
    expect(isTransportable("h264", frame, [0, 4, 4, 6])).toBe(true); // between two clear parts is nothing
    expect(isTransportable("h264", frame, [0, 3, 3, 7])).toBe(true);
    expect(isTransportable("h264", frame, [0, 4, 9, 1])).toBe(false); // in the middle
    expect(isTransportable("h264", frame, [0, 4])).toBe(false);
    expect(isTransportable("h264", frame, [0, 10])).toBe(true);
    expect(isTransportable("h264", frame, [])).toBe(false);
    expect(isTransportable("h265", frame, [])).toBe(false);
    expect(isTransportable("av1", frame, [])).toBe(true);
  });
});
