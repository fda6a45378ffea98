/**
 * Frame codecs: what they take apart comes together again, what is not theirs is refused, what is clear is authenticated.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { codecOfMimeType, frameCodec } from "../../../src/call/codecs/codecs.ts";
import type { CodecName, FrameCodec } from "../../../src/call/media.ts";
import { SFrameReceiver } from "../../../src/sframe/receiver.ts";
import { SFrameSender } from "../../../src/sframe/sender.ts";
import { sframeSuite } from "../../../src/sframe/suites.ts";
import { frames, junk, smallBytes } from "./frames.ts";

const names: readonly CodecName[] = ["opus", "vp8", "vp9", "h264", "av1"];

const codec = (name: CodecName): FrameCodec => frameCodec(name)!;

/** Stands for what SFrame makes of a secret: longer, and full of what a packetizer could stumble over. */
const sealed = (secret: Uint8Array, header: Uint8Array): Uint8Array =>
  concat(
    header,
    secret.map((byte) => (byte * 5) & 3),
    new Uint8Array(4),
  );

describe.each(names)("%s", (name) => {
  const { split, join } = codec(name);

  it("is what its name says", () => {
    expect(codec(name).name).toBe(name);
  });

  it("splits, composes, joins and composes to the frame that went in", () => {
    fc.assert(
      fc.property(frames[name], smallBytes, fc.boolean(), (frame, header, isKeyFrame) => {
        const before = split(frame, isKeyFrame)!;
        const ciphertext = sealed(before.secret, header);
        const wire = before.compose(ciphertext);
        const after = join(wire, isKeyFrame)!;
        expect(after.secret).toEqual(ciphertext);
        expect(after.metadata).toEqual(before.metadata);
        expect(after.compose(before.secret)).toEqual(frame);
      }),
    );
  });

  it("leaves the caller's frame alone, and needs it no longer once it is split", () => {
    fc.assert(
      fc.property(frames[name], (frame) => {
        const copy = frame.slice();
        const parts = split(frame, false)!;
        const secret = parts.secret.slice();
        const wire = parts.compose(secret);
        expect(frame).toEqual(copy);
        frame.fill(0xff);
        expect(parts.compose(secret)).toEqual(wire);
      }),
    );
  });

  it("takes anything without throwing", () => {
    fc.assert(
      fc.property(junk, fc.boolean(), (frame, isKeyFrame) => {
        split(frame, isKeyFrame)?.compose(frame);
        join(frame, isKeyFrame)?.compose(frame);
      }),
      { numRuns: 2000 },
    );
  });

  it("takes a frame cut anywhere without throwing", () => {
    fc.assert(
      fc.property(frames[name], fc.nat(), (frame, place) => {
        const cut = frame.subarray(0, place % (frame.length + 1));
        split(cut, false)?.compose(cut);
        join(cut, false)?.compose(cut);
      }),
    );
  });

  it("opens nothing of which a bit was flipped", () => {
    fc.assert(
      fc.property(frames[name], fc.nat(), (frame, place) => {
        const suite = sframeSuite(4);
        const baseKey = new Uint8Array(16).fill(7);
        const parts = split(frame, false)!;
        const wire = parts.compose(new SFrameSender({ suite, kid: 5n, baseKey }).encrypt(parts.secret, parts.metadata));
        const open = (received: Uint8Array): Uint8Array | undefined => {
          const receiver = new SFrameReceiver({ suite });
          receiver.addKey(5n, baseKey);
          const joined = join(received, false);
          return joined && joined.compose(receiver.open(joined.secret, joined.metadata).plaintext);
        };
        expect(open(wire)).toEqual(frame);
        const bit = place % (8 * wire.length);
        const flipped = wire.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const opened = attempt(() => open(flipped));
        // What a transport may change by itself can't be authenticated: it changes no byte that a decoder reads.
        if (opened !== undefined) expect(normal(name, opened)).toEqual(normal(name, frame));
      }),
      { numRuns: 500 },
    );
  });
});

/** A frame without what transports change: the delimiters of AV1, and the length of its start codes. */
function normal(name: CodecName, frame: Uint8Array): Uint8Array {
  if (name !== "av1" && name !== "h264") return frame;
  const other = codec(name).split(frame, false)!;
  return concat(other.metadata, other.secret);
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

describe("names", () => {
  it("come from media types in any case", () => {
    expect(codecOfMimeType("audio/opus")).toBe("opus");
    expect(codecOfMimeType("video/VP8")).toBe("vp8");
    expect(codecOfMimeType("video/H264")).toBe("h264");
  });

  it("do not come from anything else", () => {
    for (const type of ["audio/red", "video/rtx", "video/H265", "video/", "text/opus", "opus", "video/constructor"]) {
      expect(codecOfMimeType(type)).toBeUndefined();
    }
    expect(frameCodec("toString")).toBeUndefined();
  });
});

describe("metadata", () => {
  it("of one codec is never another's", () => {
    const all = names.map((name) => {
      const frame = { opus: [1], vp8: [1], vp9: [1], h264: [0, 0, 1, 0x41, 0xb8], av1: [0x32, 0] }[name];
      return codec(name).split(Uint8Array.from(frame), false)!.metadata.join(",");
    });
    expect(new Set(all).size).toBe(names.length);
  });
});
