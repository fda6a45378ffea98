/**
 * DAVE's protocol frames ("Payload Format"): the media frame with its secret parts replaced, and a trailer behind it.
 *
 *     +------------------------+-----+-------+--------+---------------+--------+
 *     | clear and secret parts | tag | nonce | ranges | trailer's size | 0xFAFA |
 *     +------------------------+-----+-------+--------+---------------+--------+
 *                                8     <-- ULEB128 -->        1           2
 *
 * A range is the offset and the length of a part that is clear. The clear parts are authenticated, the ranges themselves are
 * not (TOB-DISCE2EC-7): whatever they say, nothing here reads past the frame.
 */

import { concat } from "../../bytes/concat.ts";
import { shortTagLength, type ShortSealed } from "../../crypto/short-gcm.ts";
import { Leb128Reader, leb128Length, writeLeb128 } from "./leb128.ts";

/** Clear parts, as offset and length by turns, in ascending order and without overlap. */
export type Ranges = readonly number[];

const marker = 0xfa;
/** The tag, the trailer's size and the marker. */
const leastTrailer = shortTagLength + 1 + 2;
const mostTrailer = 0xff;

/** A frame as it came. It is taken apart when its parts are asked for: a replayed one costs no copy. */
export class ProtocolFrame implements ShortSealed {
  /** The low 32 bits of the sender's counter. */
  readonly nonce: number;
  readonly tag: Uint8Array;
  readonly #body: Uint8Array;
  readonly #ranges: Ranges;
  #parts: Parts | undefined;

  constructor(nonce: number, tag: Uint8Array, body: Uint8Array, ranges: Ranges) {
    this.nonce = nonce;
    this.tag = tag;
    this.#body = body;
    this.#ranges = ranges;
  }

  /** The clear parts, one behind the other. */
  get clear(): Uint8Array {
    return this.#taken.clear;
  }

  /** The secret parts, one behind the other. */
  get ciphertext(): Uint8Array {
    return this.#taken.secret;
  }

  /** The media frame with the opened bytes in the secret parts' places. */
  compose(secret: Uint8Array): Uint8Array {
    return interleave(this.#ranges, this.clear, secret);
  }

  get #taken(): Parts {
    return (this.#parts ??= partsOf(this.#body, this.#ranges));
  }
}

/** A media frame's parts, of which it is put together again by its ranges. */
interface Parts {
  readonly clear: Uint8Array;
  readonly secret: Uint8Array;
}

/** What is not a protocol frame: it has no marker, or its trailer does not hold together. */
export type NoProtocolFrame = "foreign" | "header";

/** "Protocol Frame Check". What costs least comes first, and a trailer has at most 255 bytes. */
export function readFrame(frame: Uint8Array): ProtocolFrame | NoProtocolFrame {
  const { length } = frame;
  if (length < leastTrailer || frame[length - 1] !== marker || frame[length - 2] !== marker) return "foreign";
  const size = frame[length - 3]!;
  if (size > length) return "header";
  const bodyLength = length - size;
  const tagEnd = bodyLength + shortTagLength;
  const numbers = new Leb128Reader(frame, tagEnd, length - 3);
  const nonce = numbers.next();
  const ranges = readRanges(numbers, bodyLength);
  if (nonce === undefined || nonce > 0xffff_ffff || ranges === undefined) return "header";
  return new ProtocolFrame(nonce, part(frame, bodyLength, tagEnd), part(frame, 0, bodyLength), ranges);
}

/** As `subarray`, of what may be a Buffer of Node's, whose parts cost more, and give a Uint8Array. */
function part({ buffer, byteOffset }: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + start, end - start);
}

/** What is sent of a frame beside its clear parts. */
export interface SealedFrame extends ShortSealed {
  readonly nonce: number;
}

/** The protocol frame. Ask `fits` before. */
export function writeFrame(ranges: Ranges, clear: Uint8Array, { ciphertext, tag, nonce }: SealedFrame): Uint8Array {
  const size = leastTrailer + leb128Length(nonce) + lengthOf(ranges);
  const bodyLength = clear.length + ciphertext.length;
  const frame = new Uint8Array(bodyLength + size);
  if (ranges.length === 0) frame.set(ciphertext);
  else weave(frame, ranges, clear, ciphertext);
  frame.set(tag, bodyLength);
  let place = writeLeb128(frame, bodyLength + shortTagLength, nonce);
  for (const number of ranges) place = writeLeb128(frame, place, number);
  frame[place] = size;
  frame[place + 1] = frame[place + 2] = marker;
  return frame;
}

/** Whether these ranges fit in a trailer, whatever the nonce. */
export function fits(ranges: Ranges): boolean {
  return lengthOf(ranges) <= mostTrailer - leastTrailer - leb128Length(0xffff_ffff);
}

/** The clear and the secret parts of a media frame, each one behind the other. */
export function partsOf(body: Uint8Array, ranges: Ranges): Parts {
  if (ranges.length === 0) return { clear: body.subarray(0, 0), secret: body };
  const clear: Uint8Array[] = [];
  const secret: Uint8Array[] = [];
  let place = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    const start = ranges[i]!;
    const end = start + ranges[i + 1]!;
    if (start > place) secret.push(body.subarray(place, start));
    clear.push(body.subarray(start, end));
    place = end;
  }
  secret.push(body.subarray(place));
  return { clear: joined(clear), secret: joined(secret) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : concat(...parts);
}

function interleave(ranges: Ranges, clear: Uint8Array, secret: Uint8Array): Uint8Array {
  if (ranges.length === 0) return secret;
  const frame = new Uint8Array(clear.length + secret.length);
  weave(frame, ranges, clear, secret);
  return frame;
}

/** Put clear and secret parts into their places. */
function weave(frame: Uint8Array, ranges: Ranges, clear: Uint8Array, secret: Uint8Array): void {
  let [place, clearPlace, secretPlace] = [0, 0, 0];
  for (let i = 0; i < ranges.length; i += 2) {
    const between = ranges[i]! - place;
    frame.set(secret.subarray(secretPlace, secretPlace + between), place);
    secretPlace += between;
    place += between;
    const length = ranges[i + 1]!;
    frame.set(clear.subarray(clearPlace, clearPlace + length), place);
    clearPlace += length;
    place += length;
  }
  frame.set(secret.subarray(secretPlace), place);
}

/** Ascending, distinct, and within the media frame. At most as many as a trailer of 255 bytes holds. */
function readRanges(numbers: Leb128Reader, bodyLength: number): Ranges | undefined {
  const ranges: number[] = [];
  let place = 0;
  while (!numbers.isAtEnd) {
    const offset = numbers.next();
    const length = numbers.next();
    if (offset === undefined || length === undefined || offset < place || offset + length > bodyLength)
      return undefined;
    ranges.push(offset, length);
    place = offset + length;
  }
  return ranges;
}

function lengthOf(ranges: Ranges): number {
  return ranges.reduce((sum, number) => sum + leb128Length(number), 0);
}
