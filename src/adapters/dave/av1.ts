/**
 * AV1: a frame is a row of OBUs, of each of which the header stays clear, with its extension and its size, and the payload is
 * secret. What packetizers drop is left out, and the last OBU says no size, so that the trailer can stand behind it.
 */

import { concat } from "../../bytes/concat.ts";
import { maxFrameUnits } from "../../call/codecs/units.ts";
import { Leb128Reader, leb128Length, writeLeb128 } from "./leb128.ts";
import type { Layout } from "./layout.ts";

const hasExtension = 0b100;
const hasSize = 0b10;
/** Temporal delimiter, tile list, padding. */
const dropped: readonly number[] = [2, 8, 15];

/** An OBU: AV1 section 5.3.2. */
interface Obu {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

export function av1Parts(frame: Uint8Array): Layout | undefined {
  const obus = readObus(frame);
  if (obus === undefined || obus.length === 0) return undefined;
  const body: Uint8Array[] = [];
  const ranges: number[] = [];
  let place = 0;
  let clearStart = 0;
  for (const [i, { header, payload }] of obus.entries()) {
    const clear = i === obus.length - 1 ? withoutSize(header) : withSize(header, payload.length);
    body.push(clear, payload);
    place += clear.length;
    if (payload.length === 0 && i < obus.length - 1) continue; // the clear part goes on into the next OBU
    ranges.push(clearStart, place - clearStart);
    place += payload.length;
    clearStart = place;
  }
  return { body: concat(...body), ranges };
}

/** The OBUs that packetizers pass on. Undefined where the frame is no row of OBUs, or one of too many. */
function readObus(frame: Uint8Array): readonly Obu[] | undefined {
  const obus: Obu[] = [];
  let visited = 0;
  for (let place = 0; place < frame.length;) {
    if (visited++ === maxFrameUnits) return undefined;
    const first = frame[place]!;
    const headerEnd = place + ((first & hasExtension) === 0 ? 1 : 2);
    const sizes = new Leb128Reader(frame, headerEnd, frame.length);
    const size = (first & hasSize) === 0 ? frame.length - headerEnd : sizes.next();
    const end = size === undefined ? -1 : sizes.place + size;
    if (end < sizes.place || end > frame.length) return undefined;
    const header = frame.subarray(place, headerEnd);
    if (!dropped.includes((first >> 3) & 0b1111)) obus.push({ header, payload: frame.subarray(sizes.place, end) });
    place = end;
  }
  return obus;
}

/** The size in as few bytes as it takes: packetizers shorten it. */
function withSize(header: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(header.length + leb128Length(size));
  bytes.set(header);
  bytes[0]! |= hasSize;
  writeLeb128(bytes, header.length, size);
  return bytes;
}

function withoutSize(header: Uint8Array): Uint8Array {
  const bytes = header.slice();
  bytes[0]! &= ~hasSize;
  return bytes;
}
