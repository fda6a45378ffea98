/**
 * What stays clear of a frame, as SFrame metadata: authenticated with the frame, and not sent a second time.
 *
 * The metadata begins with a number for the codec, so that a frame of one codec never opens as another's. Each codec
 * writes behind it what tells its frames apart.
 */

import { concat } from "../../bytes/concat.ts";
import type { CodecName } from "../media.ts";

/** The numbers are part of the protocol: what they name never changes. 4 was H264 as copse 0.1.0 took it apart. */
const numbers: Readonly<Record<CodecName, number>> = { opus: 1, vp8: 2, vp9: 3, h264: 6, av1: 5 };

/** The number of a codec. */
export function numberOf(codec: CodecName): number {
  return numbers[codec];
}

/** The metadata of a codec's frame. */
export function clearMetadata(codec: CodecName, ...parts: readonly Uint8Array[]): Uint8Array {
  return concat(Uint8Array.of(numbers[codec]), ...parts);
}
