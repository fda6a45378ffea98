/**
 * H264: a frame is a row of NAL units behind start codes (H.264 Annex B), which packetizers take apart (RFC 6184) and
 * receivers put together again. What comes out is seldom what went in: start codes get four bytes, zeros between NAL units
 * and access unit delimiters go, parameter sets are rewritten, or repeated before a picture.
 *
 * So the whole frame is encrypted, as the encoder gave it, and the decoder gets it back to the byte. What a packetizer or a
 * receiver needs to see stands beside the ciphertext:
 *
 * - copies of the parameter sets, which nobody here reads again: whatever becomes of them is of no importance;
 * - of each slice the header byte, and what follows up to the number of its picture parameter set, since receivers refuse a
 *   slice that names a parameter set that they have not seen. These bytes are authenticated.
 *
 * The slices carry the ciphertext, each as much of it as it was long, and what there is more in equal parts; where slices
 * are cut to fit in packets, they all grow by a little. A stop byte and escapes keep start codes and trailing zeros out.
 * A frame without a slice, such as one of parameter sets alone, gets one to carry it. All other NAL units are within the
 * ciphertext only: those that stand on the wire come from somebody else, and are passed over.
 */

import type { FrameCodec, FrameParts } from "../media.ts";
import { maxHeaderLength } from "../../sframe/header.ts";
import { numberOf } from "./clear.ts";
import { escapeBody, maxEscapedLength, unescapeBody } from "./h264-escape.ts";
import { NalUnits } from "./h264-nal.ts";

const startCodeLength = 4;

/** Stands in where there is no slice: of no reference picture, first macroblock 0, type P, parameter set 0. */
const carrier: Uint8Array = Uint8Array.of(0x01, 0xff);

/** What has to be counted before anything is allocated. */
interface Extent {
  readonly slices: number;
  /** Bytes of all clear beginnings of slices. */
  readonly clear: number;
  /** Bytes of all that follows them. */
  readonly bodies: number;
  /** Parameter sets, and their bytes. */
  readonly sets: number;
  readonly setBytes: number;
}

function measure(frame: Uint8Array): Extent | undefined {
  const units = new NalUnits(frame);
  let [slices, clear, bodies, sets, setBytes] = [0, 0, 0, 0, 0];
  while (units.next()) {
    const { kind, start, end } = units;
    if (kind === "parameter-set") {
      sets++;
      setBytes += end - start;
    } else if (kind === "slice") {
      const clearEnd = units.clearEnd();
      if (clearEnd === undefined) return undefined;
      slices++;
      clear += clearEnd - start;
      bodies += end - clearEnd;
    }
  }
  return units.isMalformed ? undefined : { slices, clear, bodies, sets, setBytes };
}

/** The metadata: the codec's number, and each slice's clear bytes behind their number, which are never more than 63. */
class ClearSlices {
  readonly metadata: Uint8Array;
  #length = 1;

  constructor({ slices, clear }: Pick<Extent, "slices" | "clear">) {
    this.metadata = new Uint8Array(1 + slices + clear);
    this.metadata[0] = numberOf("h264");
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.metadata[this.#length++] = end - start;
    for (let place = start; place < end; place++) this.metadata[this.#length++] = bytes[place]!;
  }
}

function split(frame: Uint8Array): FrameParts | undefined {
  const extent = measure(frame);
  if (extent === undefined) return undefined;
  const isEmpty = extent.slices === 0;
  const clear = new ClearSlices(isEmpty ? { slices: 1, clear: carrier.length } : extent);
  const lengths = new Uint32Array(isEmpty ? 1 : extent.slices);
  const sets = new Uint8Array(extent.setBytes + startCodeLength * extent.sets);
  let [slice, set] = [0, 0];
  const units = new NalUnits(frame);
  while (units.next()) {
    const { kind, start, end } = units;
    if (kind === "parameter-set") {
      set = writeStartCode(sets, set);
      for (let place = start; place < end; place++) sets[set++] = frame[place]!;
    } else if (kind === "slice") {
      const clearEnd = units.clearEnd()!;
      clear.add(frame, start, clearEnd);
      lengths[slice++] = end - clearEnd;
    }
  }
  if (isEmpty) clear.add(carrier, 0, carrier.length);
  const { metadata } = clear;
  return { secret: frame, metadata, compose: (secret) => compose({ sets, metadata, lengths, secret }) };
}

/** What a protected frame is written from. */
interface Composition {
  /** Parameter sets behind start codes. */
  readonly sets: Uint8Array;
  readonly metadata: Uint8Array;
  /** How long the slices were, without their clear bytes. */
  readonly lengths: Uint32Array;
  readonly secret: Uint8Array;
}

function compose({ sets, metadata, lengths, secret }: Composition): Uint8Array {
  const most = sets.length + lengths.length * (startCodeLength + 2) + metadata.length + maxEscapedLength(secret.length);
  const out = new Uint8Array(most);
  out.set(sets);
  const surplus = Math.max(0, secret.length - lengths.reduce((sum, length) => sum + length, 0));
  const share = Math.floor(surplus / lengths.length);
  let place = sets.length;
  let taken = 0;
  let read = 1;
  for (const [slice, length] of lengths.entries()) {
    place = writeStartCode(out, place);
    const start = place;
    for (let left = metadata[read++]!; left > 0; left--) out[place++] = metadata[read++]!;
    const rest = slice === 0 ? surplus - share * lengths.length : 0;
    const isLast = slice === lengths.length - 1;
    const end = isLast ? secret.length : Math.min(taken + length + share + rest, secret.length);
    place = escapeBody({ bytes: secret, start: taken, end }, out, start, place);
    taken = end;
  }
  return out.slice(0, place);
}

/** Receivers write all start codes like this, whatever they were. */
function writeStartCode(out: Uint8Array, place: number): number {
  out[place + startCodeLength - 1] = 1; // behind zeros
  return place + startCodeLength;
}

function join(frame: Uint8Array): FrameParts | undefined {
  const extent = measure(frame);
  if (extent === undefined || extent.slices === 0) return undefined;
  const clear = new ClearSlices(extent);
  const secret = new Uint8Array(extent.bodies);
  const length = gather(frame, secret, clear);
  if (length === undefined) return undefined;
  return { secret: secret.subarray(0, length), metadata: clear.metadata, compose: (opened) => opened };
}

/** The ciphertext's first bytes, enough for an SFrame header. */
function front(frame: Uint8Array): Uint8Array | undefined {
  const first = new Uint8Array(maxHeaderLength);
  const length = gather(frame, first);
  return length === undefined || length === 0 ? undefined : first.subarray(0, length);
}

/** The ciphertext that slices carry, as far as there is room for it. Undefined where they carry none of ours. */
function gather(frame: Uint8Array, out: Uint8Array, clear?: ClearSlices): number | undefined {
  const units = new NalUnits(frame);
  let length = 0;
  while ((clear !== undefined || length < out.length) && units.next()) {
    if (units.kind !== "slice") continue;
    const { start: clearStart, end } = units;
    const start = units.clearEnd();
    if (start === undefined) return undefined;
    clear?.add(frame, clearStart, start);
    const written = unescapeBody({ frame, clearStart, start, end }, out, length);
    if (written === undefined) return undefined;
    length = written;
  }
  return units.isMalformed ? undefined : length;
}

export const h264Codec: FrameCodec = { name: "h264", split, join, front };
