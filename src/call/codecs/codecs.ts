/**
 * The codecs that a call protects, by name. Whatever is not here has no frame codec, and so nothing of it is sent.
 */

import { text } from "../../bytes/takes.ts";
import type { CodecName, FrameCodec } from "../media.ts";
import { av1Codec } from "./av1.ts";
import { h264Codec } from "./h264.ts";
import { vp8Codec } from "./vp8.ts";
import { opusCodec, vp9Codec } from "./whole.ts";

const codecs: Readonly<Record<CodecName, FrameCodec>> = {
  opus: opusCodec,
  vp8: vp8Codec,
  vp9: vp9Codec,
  h264: h264Codec,
  av1: av1Codec,
};

/** The frame codec of a name; undefined where there is none. */
export function frameCodec(name: string): FrameCodec | undefined {
  text("name", name);
  return Object.hasOwn(codecs, name) ? codecs[name as CodecName] : undefined;
}

/** The codec of a media type as RFC 6838 writes it, in any case: "video/VP8". Undefined where it is none of ours. */
export function codecOfMimeType(mimeType: string): CodecName | undefined {
  text("mimeType", mimeType);
  const name = /^(?:audio|video)\/(.*)$/i.exec(mimeType)?.[1]?.toLowerCase();
  return name === undefined ? undefined : frameCodec(name)?.name;
}
