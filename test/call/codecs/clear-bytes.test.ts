/**
 * Which bytes of a frame stay clear, to the byte: a codec that left more of them clear would work as well, and protect less.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { hex } from "../../../src/bytes/text.ts";
import { frameCodec } from "../../../src/call/codecs/codecs.ts";
import type { CodecName, FrameParts } from "../../../src/call/media.ts";
import { smallBytes } from "./frames.ts";

/** What an encoder made of a picture: no byte like another's place, no start code, no zero. */
const picture = Uint8Array.from({ length: 60 }, (_, i) => i + 100);

function split(name: CodecName, frame: Uint8Array, isKeyFrame: boolean): FrameParts {
  const parts = frameCodec(name)?.split(frame, isKeyFrame);
  if (parts === undefined) throw new Error("a frame of the codec was refused");
  return parts;
}

describe("what is sealed", () => {
  it.each(["opus", "vp9"] as const)("of %s is the whole frame", (name) => {
    const { secret, compose } = split(name, picture, true);
    expect(secret).toEqual(picture);
    expect(compose(Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("of a VP8 delta frame is all but the first byte", () => {
    const frame = concat(Uint8Array.of(0x31), picture);
    const { secret, compose } = split("vp8", frame, false);
    expect(secret).toEqual(picture);
    expect(compose(Uint8Array.of(7))).toEqual(Uint8Array.of(0x31, 7));
  });

  it("of a VP8 key frame is all but the ten bytes up to its dimensions", () => {
    const front = Uint8Array.of(0x30, 1, 2, 0x9d, 0x01, 0x2a, 64, 1, 180, 0);
    const { secret, compose } = split("vp8", concat(front, picture), true);
    expect(secret).toEqual(picture);
    expect(compose(Uint8Array.of(7))).toEqual(concat(front, Uint8Array.of(7)));
  });

  it("of H264 is the whole frame; clear are parameter sets, and of a slice what names one", () => {
    // NAL header; first_mb 0, slice type 7 and parameter set 0 end in the second byte of the slice.
    const [front, sets] = [Uint8Array.of(0, 0, 0, 1, 0x65, 0x88, 0x84), Uint8Array.of(0, 0, 0, 1, 0x67, 0x64, 1, 2)];
    const delimiter = Uint8Array.of(0, 0, 0, 1, 9, 0xf0);
    const frame = concat(delimiter, sets, front, picture);
    const { secret, compose } = split("h264", frame, true);
    expect(secret).toEqual(frame);
    const sealed = new Uint8Array(frame.length + 26).fill(0xee);
    expect(compose(sealed)).toEqual(concat(sets, front, sealed, Uint8Array.of(0x80)));
  });

  it("of H264 without a slice is the whole frame, carried by a slice of its own", () => {
    const sets = Uint8Array.of(0, 0, 0, 1, 0x67, 0x64, 1, 2);
    const { secret, compose } = split("h264", sets, true);
    expect(secret).toEqual(sets);
    expect(compose(Uint8Array.of(7))).toEqual(concat(sets, Uint8Array.of(0, 0, 0, 1, 0x01, 0xff, 7, 0x80)));
  });

  it("of AV1 is everything but the sequence header", () => {
    const sequenceHeader = Uint8Array.of(0x0a, 3, 9, 8, 7);
    const { secret, compose } = split(
      "av1",
      concat(Uint8Array.of(0x12, 0), sequenceHeader, Uint8Array.of(0x32, picture.length), picture),
      true,
    );
    const wire = hex(compose(secret.map(() => 0xee)));
    expect(wire).toContain(hex(sequenceHeader));
    for (let at = 0; at + 4 <= picture.length; at++) expect(wire).not.toContain(hex(picture.subarray(at, at + 4)));
  });
});

it("an H264 slice never shows a start code, nor ends in a zero, whatever is sealed", () => {
  const front = Uint8Array.of(0, 0, 0, 1, 0x65, 0x88, 0x84);
  const { compose } = split("h264", concat(front, picture), true);
  fc.assert(
    fc.property(smallBytes, (sealed) => {
      const wire = compose(sealed).subarray(4);
      for (let at = 0; at + 2 < wire.length; at++) {
        expect(wire[at] === 0 && wire[at + 1] === 0 && wire[at + 2]! < 3).toBe(false);
      }
      expect(wire.at(-1)).not.toBe(0);
    }),
  );
});
