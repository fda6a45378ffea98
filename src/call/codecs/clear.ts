/**
 * What stays clear of a frame, as SFrame metadata: authenticated with the frame, and not sent a second time.
 *
 * The metadata begins with a number for the codec, so that a frame of one codec never opens as another's. Each codec
 * writes behind it what tells its frames apart.
 */

import { concat } from "../../bytes/concat.ts";
import type { CodecName } from "../media.ts";

/** The numbers are part of the protocol: what they name never changes. */
const numbers: Readonly<Record<CodecName, number>> = { opus: 1, vp8: 2, vp9: 3, h264: 4, av1: 5 };

/** The metadata of a codec's frame. */
export function clearMetadata(codec: CodecName, ...parts: readonly Uint8Array[]): Uint8Array {
  return concat(Uint8Array.of(numbers[codec]), ...parts);
}

/** Bytes behind their length, so that what follows them can't be taken for more of them. */
export function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  return concat(uint32(bytes.length), bytes);
}

/** Four bytes, big-endian. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
