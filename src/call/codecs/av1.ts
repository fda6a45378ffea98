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
import { clearMetadata, lengthPrefixed } from "./clear.ts";

const sequenceHeader = 1;
const temporalDelimiter = 2;
const frameObu = 6;

const hasSize = 0b10;

interface Obu {
  readonly type: number;
  /** One byte or two, the size flag taken off. */
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  /** Where the next one begins. */
  readonly end: number;
}

function split(frame: Uint8Array): FrameParts | undefined {
  const front = readFront(frame);
  if (front === undefined) return undefined;
  for (let place = front.length; place < frame.length;) {
    const obu = readObu(frame, place);
    if (obu === undefined) return undefined;
    place = obu.end;
  }
  const clear = frame.slice(0, front.length);
  return {
    secret: frame.subarray(front.length),
    metadata: front.metadata,
    compose: (secret) => {
      const size = leb128(secret.length);
      return concat(clear, Uint8Array.of((frameObu << 3) | hasSize), size, secret);
    },
  };
}

function join(frame: Uint8Array): FrameParts | undefined {
  const front = readFront(frame);
  if (front === undefined) return undefined;
  const wrapper = readObu(frame, front.length);
  if (wrapper?.type !== frameObu || wrapper.header.length !== 1 || wrapper.end !== frame.length) return undefined;
  const clear = frame.slice(0, front.length);
  return { secret: wrapper.payload, metadata: front.metadata, compose: (secret) => concat(clear, secret) };
}

/** The clear OBUs at the front. Undefined where they are none, or there is nothing behind them. */
function readFront(frame: Uint8Array): { readonly length: number; readonly metadata: Uint8Array } | undefined {
  const authenticated: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const obu = readObu(frame, length);
    if (obu === undefined) return undefined;
    if (obu.type === sequenceHeader) authenticated.push(lengthPrefixed(obu.header), lengthPrefixed(obu.payload));
    else if (obu.type !== temporalDelimiter) break;
    length = obu.end;
  }
  return { length, metadata: clearMetadata("av1", ...authenticated) };
}

/** AV1 section 5.3.2. Undefined where there is no OBU at this place. */
function readObu(frame: Uint8Array, start: number): Obu | undefined {
  const first = frame[start];
  if (first === undefined || (first & 0b1000_0001) !== 0) return undefined; // obu_forbidden_bit, obu_reserved_1bit
  const type = (first >> 3) & 0b1111;
  const headerLength = (first & 0b100) === 0 ? 1 : 2;
  let payloadStart = start + headerLength;
  let end = frame.length;
  if ((first & hasSize) !== 0) {
    const size = readLeb128(frame, payloadStart);
    if (size === undefined) return undefined;
    payloadStart = size.end;
    end = size.end + size.value;
  }
  if (payloadStart > end || end > frame.length) return undefined;
  const header = frame.slice(start, start + headerLength);
  header[0] = first & ~hasSize;
  return { type, header, payload: frame.subarray(payloadStart, end), end };
}

/** AV1 section 4.10.5: at most eight bytes, and a value below 2^32. */
function readLeb128(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let place = 0; place < 8; place++) {
    const byte = bytes[start + place];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) return value < 2 ** 32 ? { value, end: start + place + 1 } : undefined;
  }
  return undefined;
}

function leb128(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return Uint8Array.of(...bytes, value);
}

export const av1Codec: FrameCodec = { name: "av1", split, join };
