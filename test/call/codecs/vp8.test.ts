import { describe, expect, it } from "vitest";
import { vp8Codec } from "../../../src/call/codecs/vp8.ts";

const keyFrame = Uint8Array.of(0x30, 1, 2, 0x9d, 0x01, 0x2a, 64, 1, 180, 0);

describe("a VP8 frame", () => {
  it.each<[string, Uint8Array]>([
    ["an empty one", new Uint8Array(0)],
    ...[1, 6, 9].map((length): [string, Uint8Array] => [
      `a key frame that ends after ${String(length)} bytes`,
      keyFrame.subarray(0, length),
    ]),
    ...[3, 4, 5].map((place): [string, Uint8Array] => [
      `a key frame with another byte ${String(place - 2)} of the start code`,
      keyFrame.with(place, 0),
    ]),
  ])("is not %s", (_, frame) => {
    for (const take of [vp8Codec.split, vp8Codec.join, vp8Codec.front]) expect(take?.(frame, true)).toBeUndefined();
  });

  it("is a key frame of ten bytes, or any other of one", () => {
    for (const frame of [keyFrame, Uint8Array.of(0x31)]) {
      expect(vp8Codec.split(frame, true)?.secret).toEqual(new Uint8Array(0));
      expect(vp8Codec.front?.(frame, true)).toEqual(new Uint8Array(0));
    }
  });
});
