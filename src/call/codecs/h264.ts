/**
 * H264: a frame is a row of NAL units behind start codes (H.264 Annex B), which packetizers take apart. Clear stay:
 *
 * - the header byte of each NAL unit;
 * - of a slice the bytes up to the number of its picture parameter set, at least one: receivers refuse a slice that
 *   names a parameter set that they have not seen;
 * - parameter sets: receivers of WebRTC read them, and rewrite those that seem to lack something.
 *
 * What is encrypted is the rest of every other NAL unit, one behind another. The ciphertext is laid over the same NAL
 * units, each taking as many bytes as it gave and the last one the surplus; a stop byte and escapes keep start codes and
 * trailing zeros out of it. The number of bytes that each gave is authenticated with the clear ones. The length of a
 * start code is not: receivers write all of them with four bytes.
 */

import { concat } from "../../bytes/concat.ts";
import type { FrameCodec, FrameParts } from "../media.ts";
import { clearMetadata, lengthPrefixed, uint32 } from "./clear.ts";
import { escapeBody, unescapeBody } from "./h264-escape.ts";
import { isParameterSet, readNalUnits } from "./h264-nal.ts";

/** A NAL unit in parts. */
interface Piece {
  readonly startCode: Uint8Array;
  readonly clear: Uint8Array;
  /** What it has of the secret. Undefined for a parameter set. */
  readonly body: Uint8Array | undefined;
}

/** Between a body's bytes in the secret and what stands in the NAL unit. */
type Change = (clear: Uint8Array, body: Uint8Array) => Uint8Array | undefined;

const asItIs: Change = (_clear, body) => body;

/** Stands for the length of the last body, which differs by the SFrame header and the tag. */
const surplus = 0xffff_ffff;

function take(frame: Uint8Array, read: Change, write: Change): FrameParts | undefined {
  const pieces = readPieces(frame, read);
  const last = pieces?.findLastIndex(({ body }) => body !== undefined) ?? -1;
  if (pieces === undefined || last < 0) return undefined;
  const layout = pieces.flatMap(({ clear, body }, place) => [
    lengthPrefixed(clear),
    uint32(place === last ? surplus : (body?.length ?? 0)),
  ]);
  return {
    secret: concat(...pieces.map(({ body }) => body ?? new Uint8Array(0))),
    metadata: clearMetadata("h264", ...layout),
    compose: (secret) => {
      let taken = 0;
      const parts = pieces.flatMap(({ startCode, clear, body }, place) => {
        if (body === undefined) return [startCode, clear];
        const part = secret.subarray(taken, place === last ? secret.length : taken + body.length);
        taken += body.length;
        return [startCode, clear, write(clear, part) ?? part];
      });
      return concat(...parts);
    },
  };
}

function readPieces(frame: Uint8Array, read: Change): readonly Piece[] | undefined {
  const units = readNalUnits(frame);
  if (units === undefined) return undefined;
  const pieces: Piece[] = [];
  for (const { startCode, bytes, clearLength } of units) {
    const clear = bytes.slice(0, clearLength);
    const isSet = isParameterSet(bytes);
    const body = isSet ? undefined : read(clear, bytes.subarray(clearLength));
    if (body === undefined && !isSet) return undefined;
    pieces.push({ startCode, clear, body });
  }
  return pieces;
}

export const h264Codec: FrameCodec = {
  name: "h264",
  split: (frame) => take(frame, asItIs, escapeBody),
  join: (frame) => take(frame, unescapeBody, asItIs),
};
