/**
 * H264 and H265: a frame is a row of NAL units behind start codes. Their headers stay clear, of an H264 slice what follows up to
 * the number of its picture parameter set, and what depacketizers read: parameter sets and delimiters. Everything else is secret,
 * supplemental information too. Start codes get four bytes, and zeros behind NAL units go: receivers write them so.
 */

import { concat } from "../../bytes/concat.ts";
import { NalUnits } from "../../call/codecs/h264-nal.ts";
import type { Layout } from "./layout.ts";

const startCode = Uint8Array.of(0, 0, 0, 1);

/** Where the clear bytes of the current NAL unit end; undefined where it is not one of its codec. */
type ClearEnd = (units: NalUnits, frame: Uint8Array) => number | undefined;

/** ITU-T H.264 table 7-1. */
const h264ClearEnd: ClearEnd = (units, frame) => {
  const type = frame[units.start]! & 0x1f;
  if (units.kind === "slice") return units.clearEnd();
  const isRead = units.kind === "parameter-set" || (type >= 9 && type <= 12); // delimiters, ends, filler
  return isRead ? units.end : units.start + 1;
};

/** ITU-T H.265 table 7-1: below 32 are slices, 32 to 38 parameter sets, delimiters, ends and filler. */
const h265ClearEnd: ClearEnd = ({ start, end }, frame) => {
  const type = (frame[start]! >> 1) & 0x3f;
  if (start + 2 > end) return undefined;
  return type >= 32 && type <= 38 ? end : start + 2;
};

export function h264Parts(frame: Uint8Array): Layout | undefined {
  return nalParts(frame, h264ClearEnd);
}

export function h265Parts(frame: Uint8Array): Layout | undefined {
  return nalParts(frame, h265ClearEnd);
}

function nalParts(frame: Uint8Array, clearEndOf: ClearEnd): Layout | undefined {
  const units = new NalUnits(frame);
  const body: Uint8Array[] = [];
  const ranges: number[] = [];
  let [length, clearStart] = [0, 0];
  while (units.next()) {
    const { start, end } = units;
    const clearEnd = clearEndOf(units, frame);
    if (clearEnd === undefined) return undefined;
    body.push(startCode, frame.subarray(start, end));
    length += startCode.length + end - start;
    if (clearEnd === end) continue; // the clear part goes on into the next unit
    const place = length - (end - clearEnd);
    ranges.push(clearStart, place - clearStart);
    clearStart = length;
  }
  if (units.isMalformed) return undefined;
  if (clearStart < length) ranges.push(clearStart, length - clearStart);
  return { body: concat(...body), ranges };
}

/** Whether three bytes of a part are a start code. */
export function hasStartCode(bytes: Uint8Array, start: number, end: number): boolean {
  const last = Math.min(end, bytes.length);
  for (let place = start + 2; place < last;) {
    const byte = bytes[place]!;
    if (byte === 1 && bytes[place - 1] === 0 && bytes[place - 2] === 0) return true;
    place += byte === 0 ? 1 : 3;
  }
  return false;
}
