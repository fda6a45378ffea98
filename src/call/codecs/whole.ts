/**
 * Opus and VP9: encrypted whole. What a router needs of them is in the RTP header and, for VP9, in the payload
 * descriptor (RFC 9628 section 4.2), which is written beside the frame and not into it. The layers of VP9 SVC are
 * frames of their own.
 */

import type { CodecName, FrameCodec, FrameParts } from "../media.ts";
import { clearMetadata } from "./clear.ts";

function wholeFrame(name: CodecName): FrameCodec {
  const metadata = clearMetadata(name);
  const take = (frame: Uint8Array): FrameParts => ({ secret: frame, metadata, compose: (secret) => secret });
  return { name, split: take, join: take, front: (frame) => frame };
}

export const opusCodec: FrameCodec = wholeFrame("opus");
export const vp9Codec: FrameCodec = wholeFrame("vp9");
