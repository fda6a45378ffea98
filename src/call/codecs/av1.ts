/**
 * AV1: a frame is a row of OBUs (AV1 section 5.3). Temporal delimiters and sequence headers at its front stay clear:
 * packetizers drop the former and look for the latter, to know a key frame. Everything behind them is encrypted, and
 * the ciphertext put into one frame OBU, since a packetizer takes OBUs apart. Layers of SVC are frames of their own.
 *
 * On the way delimiters go, and sizes are taken off OBUs and put back (AV1 RTP payload format, section 4.4): what is
 * authenticated of a sequence header is its header without the size flag, and its payload.
 */

import { concat } from "../../bytes/concat.ts";
import type { FrameCodec, FrameParts } from "../media.ts";
import { numberOf } from "./clear.ts";
import { maxFrameUnits } from "./units.ts";

const sequenceHeader = 1;
const temporalDelimiter = 2;
const frameObu = 6;

const hasSize = 0b10;
const hasExtension = 0b100;

/**
 * Walks over the OBUs of a frame, from offset to offset: nothing is allocated for any of them. AV1 section 5.3.2.
 *
 *     const obus = new Obus(frame);
 *     while (obus.next()) use(obus.type, obus.payload, obus.end);
 *     if (obus.isMalformed) refuse();
 */
class Obus {
  readonly #frame: Uint8Array;
  #visited = 0;
  #isMalformed = false;
  /** Where the current one begins, its payload, and the next one. */
  start = 0;
  payload = 0;
  end = 0;

  constructor(frame: Uint8Array) {
    this.#frame = frame;
  }

  /** Whether the frame is no row of OBUs, or one of too many. */
  get isMalformed(): boolean {
    return this.#isMalformed;
  }

  get type(): number {
    return (this.#frame[this.start]! >> 3) & 0b1111;
  }

  get headerLength(): number {
    return (this.#frame[this.start]! & hasExtension) === 0 ? 1 : 2;
  }

  get hasSize(): boolean {
    return (this.#frame[this.start]! & hasSize) !== 0;
  }

  /** Go on to the next one. False where there is none, or the frame is malformed: then it must not be asked again. */
  next(): boolean {
    if (this.end >= this.#frame.length) return false;
    this.#isMalformed = this.#visited++ === maxFrameUnits || !this.#read();
    return !this.#isMalformed;
  }

  #read(): boolean {
    const frame = this.#frame;
    this.start = this.end;
    if ((frame[this.start]! & 0b1000_0001) !== 0) return false; // obu_forbidden_bit, obu_reserved_1bit
    this.payload = this.start + this.headerLength;
    this.end = frame.length;
    if (this.hasSize) {
      const size = this.#readLeb128(); // moves `payload` behind it
      this.end = this.payload + size;
    }
    return this.payload <= this.end && this.end <= frame.length;
  }

  /** AV1 section 4.10.5: at most eight bytes. -1, which no OBU can have, where there is no such number. */
  #readLeb128(): number {
    let value = 0;
    for (let place = 0; place < 8; place++) {
      const byte = this.#frame[this.payload++];
      if (byte === undefined) return -1;
      value += (byte & 0x7f) * 2 ** (7 * place);
      if (byte < 0x80) return value;
    }
    return -1;
  }
}

/** The clear OBUs at the front. */
interface Front {
  readonly length: number;
  /** How many bytes of metadata the sequence headers take: header and payload, each behind its length. */
  readonly metadataLength: number;
  /** Where the last of them begins, if it says no size and so goes on to the frame's end. */
  readonly open: number | undefined;
}

/** The front of a frame, with the OBU behind it read where there is one. Undefined where it is malformed. */
function readFront(obus: Obus): Front | undefined {
  let [length, metadataLength] = [0, 1];
  let open: number | undefined;
  while (obus.next()) {
    const { type, headerLength, payload, end } = obus;
    if (type === sequenceHeader) metadataLength += 4 + headerLength + 4 + end - payload;
    else if (type !== temporalDelimiter) break;
    length = end;
    if (!obus.hasSize) open = obus.start;
  }
  return obus.isMalformed ? undefined : { length, metadataLength, open };
}

function metadataOf(frame: Uint8Array, { length, metadataLength }: Front): Uint8Array {
  const metadata = new Uint8Array(metadataLength);
  const view = new DataView(metadata.buffer);
  metadata[0] = numberOf("av1");
  let place = 1;
  const obus = new Obus(frame);
  while (place < metadataLength && obus.end < length && obus.next()) {
    if (obus.type !== sequenceHeader) continue;
    const { start, headerLength, payload, end } = obus;
    view.setUint32(place, headerLength);
    place += 4;
    metadata[place] = frame[start]! & ~hasSize;
    if (headerLength === 2) metadata[place + 1] = frame[start + 1]!;
    place += headerLength;
    view.setUint32(place, end - payload);
    place += 4;
    for (let byte = payload; byte < end; byte++) metadata[place++] = frame[byte]!;
  }
  return metadata;
}

function split(frame: Uint8Array): FrameParts | undefined {
  const obus = new Obus(frame);
  const front = readFront(obus);
  if (front === undefined) return undefined;
  while (obus.next()); // all of it must be OBUs
  if (obus.isMalformed) return undefined;
  const clear = clearFront(frame, front);
  return {
    secret: frame.subarray(front.length),
    metadata: metadataOf(frame, front),
    compose: (secret) => concat(clear, Uint8Array.of((frameObu << 3) | hasSize), leb128(secret.length), secret),
  };
}

/** A copy of the front, whose last OBU says its size, since another one will follow it. */
function clearFront(frame: Uint8Array, { length, open }: Front): Uint8Array {
  if (open === undefined) return frame.slice(0, length);
  const payload = open + ((frame[open]! & hasExtension) === 0 ? 1 : 2);
  const before = frame.slice(0, payload);
  before[open]! |= hasSize;
  return concat(before, leb128(length - payload), frame.subarray(payload, length));
}

function join(frame: Uint8Array): FrameParts | undefined {
  const wrapped = unwrap(frame);
  if (wrapped === undefined) return undefined;
  const { front, payload } = wrapped;
  const clear = frame.slice(0, front.length);
  return {
    secret: frame.subarray(payload),
    metadata: metadataOf(frame, front),
    compose: (secret) => concat(clear, secret),
  };
}

/** The front of a protected frame, and where the ciphertext begins in the OBU behind it, which is the last. */
function unwrap(frame: Uint8Array): { readonly front: Front; readonly payload: number } | undefined {
  const obus = new Obus(frame);
  const front = readFront(obus);
  if (front === undefined) return undefined;
  const isWrapper = obus.type === frameObu && obus.headerLength === 1 && obus.end === frame.length;
  return isWrapper ? { front, payload: obus.payload } : undefined;
}

function leb128(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return Uint8Array.of(...bytes, value);
}

export const av1Codec: FrameCodec = {
  name: "av1",
  split,
  join,
  front: (frame) => {
    const wrapped = unwrap(frame);
    return wrapped && frame.subarray(wrapped.payload);
  },
};
