/**
 * What of a media frame stays clear ("Codec Handling"): the sender alone knows codecs, and says in each frame which of its
 * parts are clear. A frame that is not what its codec's frames are is sealed whole.
 */

import type { CodecName } from "../../call/media.ts";
import { av1Parts } from "./av1.ts";
import { hasStartCode, h264Parts, h265Parts } from "./h26x.ts";
import type { Ranges } from "./frame.ts";
import type { Layout } from "./layout.ts";

/** The codecs of DAVE: those of calls, and H265. */
export type DaveCodec = CodecName | "h265";

type Parts = (frame: Uint8Array) => Layout | undefined;

const whole: Parts = () => undefined;

const vp8StartCode: readonly number[] = [0x9d, 0x01, 0x2a];

/**
 * The uncompressed header: its first byte says whether this is a key frame, whose header has ten, of which three are a start code.
 * RFC 6386 section 9.1
 */
const vp8Parts: Parts = (frame) => {
  const isKeyFrame = (frame[0]! & 1) === 0;
  if (!isKeyFrame) return { body: frame, ranges: [0, 1] };
  const isWhole = frame.length >= 10 && vp8StartCode.every((byte, place) => frame[3 + place] === byte);
  return isWhole ? { body: frame, ranges: [0, 10] } : undefined;
};

const parts: Readonly<Record<DaveCodec, Parts>> = {
  opus: whole,
  vp8: vp8Parts,
  vp9: whole,
  h264: h264Parts,
  h265: h265Parts,
  av1: av1Parts,
};

/** A codec by its name, or by its media type where a browser gives that. */
export function codecNamed(name: string): DaveCodec | undefined {
  const short = name.toLowerCase().replace(/^(audio|video)\//, "");
  return Object.hasOwn(parts, short) ? (short as DaveCodec) : undefined;
}

/** How a frame of a codec is sealed. */
export function layoutOf(codec: DaveCodec, frame: Uint8Array): Layout {
  return parts[codec](frame) ?? { body: frame, ranges: [] };
}

/**
 * Whether packetizers of the codec pass the protocol frame on as it is: a start code within a secret part or the trailer would
 * be taken for the beginning of a NAL unit, and a zero in front of one for no part of any.
 */
export function isTransportable(codec: DaveCodec, frame: Uint8Array, ranges: Ranges): boolean {
  if (codec !== "h264" && codec !== "h265") return true;
  let place = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    const start = ranges[i]!;
    // two bytes of what is clear on either side: a start code may reach over
    if (start > place && (frame[start - 1] === 0 || hasStartCode(frame, Math.max(0, place - 2), start + 2)))
      return false;
    place = start + ranges[i + 1]!;
  }
  return !hasStartCode(frame, Math.max(0, place - 2), frame.length);
}
