/**
 * VP8: packetizers and routers read the uncompressed data chunk at the front (RFC 6386 section 9.1). Its first byte says
 * whether this is a key frame; a key frame goes on with the start code and the dimensions, ten bytes in all.
 */

import { concat } from "../../bytes/concat.ts";
import type { FrameCodec, FrameParts } from "../media.ts";
import { clearMetadata } from "./clear.ts";

const startCode = [0x9d, 0x01, 0x2a];

function take(frame: Uint8Array): FrameParts | undefined {
  const length = clearLength(frame);
  if (length === undefined) return undefined;
  const clear = frame.slice(0, length);
  return {
    secret: frame.subarray(length),
    metadata: clearMetadata("vp8", clear),
    compose: (secret) => concat(clear, secret),
  };
}

/** The frame's own bit decides, which both ends see alike. An empty frame is a key frame that is too short. */
function clearLength(frame: Uint8Array): number | undefined {
  const isInterFrame = (frame[0]! & 1) === 1;
  if (isInterFrame) return 1;
  return frame.length >= 10 && startCode.every((byte, place) => frame[3 + place] === byte) ? 10 : undefined;
}

function front(frame: Uint8Array): Uint8Array | undefined {
  const length = clearLength(frame);
  return length === undefined ? undefined : frame.subarray(length);
}

export const vp8Codec: FrameCodec = { name: "vp8", split: take, join: take, front };
