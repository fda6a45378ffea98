/**
 * What RTP does to a frame: packetizers take it apart, routers forward it, receivers put it together again.
 *
 * H264: RFC 6184. AV1: AV1 RTP payload format, section 5: "The temporal delimiter OBU, if present, SHOULD be removed", sizes
 * are taken off ("obu_has_size_field [...] SHOULD be 0") and put back by receivers.
 */

import { concat } from "../../../src/bytes/concat.ts";
import type { CodecName } from "../../../src/call/media.ts";
import { delimiter, filler, information, pps, slice, sps } from "./h264-corpus.ts";

/** A change on the way. */
export type Transit = (wire: Uint8Array) => Uint8Array;

/** The NAL units of a byte stream, found the slow way. */
export function nalUnits(stream: Uint8Array): readonly Uint8Array[] {
  const text = Array.from(stream, (byte) => String.fromCharCode(byte)).join("");
  return text
    .split("\0\0\x01")
    .slice(1)
    .map((nal) => Uint8Array.from(nal.replace(/\0+$/, ""), (character) => character.charCodeAt(0)));
}

const type = (nal: Uint8Array): number => nal[0]! & 0x1f;
const isSlice = (nal: Uint8Array): boolean => [1, 2, 5].includes(type(nal));
const isSet = (nal: Uint8Array): boolean => [7, 8].includes(type(nal));

const stream = (units: readonly Uint8Array[], zeros: (place: number) => number = () => 3): Uint8Array =>
  concat(...units.flatMap((nal, place) => [new Uint8Array(zeros(place)), Uint8Array.of(1), nal]));

const mapped =
  (change: (units: readonly Uint8Array[]) => readonly Uint8Array[]): Transit =>
  (wire) =>
    stream(change(nalUnits(wire)));

const h264: Readonly<Record<string, Transit>> = {
  "start codes of four bytes": mapped((units) => units),
  "start codes of three bytes": (wire) => stream(nalUnits(wire), () => 2),
  "start codes of both kinds": (wire) => stream(nalUnits(wire), (place) => 2 + (place % 2)),
  "zeros before the first start code": (wire) => concat(new Uint8Array(5), wire),
  "zeros behind every NAL unit": (wire) =>
    concat(
      stream(nalUnits(wire), () => 6),
      new Uint8Array(4),
    ),
  "delimiters, fillers and information taken away": mapped((units) =>
    units.filter((nal) => ![6, 9, 12].includes(type(nal))),
  ),
  "a delimiter put first": mapped((units) => [delimiter, ...units]),
  "information and filler put in everywhere": mapped((units) => units.flatMap((nal) => [information, nal, filler])),
  "parameter sets repeated": mapped((units) => [...units.filter(isSet), ...units]),
  "each parameter set twice": mapped((units) => units.flatMap((nal) => (isSet(nal) ? [nal, nal] : [nal]))),
  "parameter sets known from the signalling put first": mapped((units) => [sps({ id: 3 }), pps({ id: 3 }), ...units]),
  "parameter sets before every slice": mapped((units) =>
    units.flatMap((nal) => (isSlice(nal) ? [sps(), pps(), nal] : [nal])),
  ),
  "an SPS rewritten": mapped((units) => units.map((nal) => (type(nal) === 7 ? concat(nal, Uint8Array.of(0x55)) : nal))),
  "parameter sets taken away": mapped((units) => units.filter((nal) => !isSet(nal))),
};

/** An OBU, read the slow way. */
interface ReadObu {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

function obus(frame: Uint8Array): readonly ReadObu[] {
  const all: ReadObu[] = [];
  let rest = frame;
  while (rest.length > 0) {
    const headerLength = (rest[0]! & 4) === 0 ? 1 : 2;
    const header = rest.slice(0, headerLength);
    rest = rest.subarray(headerLength);
    let size = rest.length;
    if ((header[0]! & 2) !== 0) {
      const length = rest.findIndex((byte) => byte < 0x80) + 1;
      size = rest.subarray(0, length).reduce((value, byte, place) => value + (byte & 0x7f) * 128 ** place, 0);
      rest = rest.subarray(length);
    }
    header[0]! &= ~2;
    all.push({ header, payload: rest.subarray(0, size) });
    rest = rest.subarray(size);
  }
  return all;
}

/** An OBU with a size of this many bytes, or as few as will do. */
export function sizedObu(header: Uint8Array, payload: Uint8Array, sizeLength = 1): Uint8Array {
  const size: number[] = [];
  for (let value = payload.length; value > 0 || size.length < sizeLength; value = Math.floor(value / 128))
    size.push(value % 128);
  const bytes = size.map((byte, place) => (place === size.length - 1 ? byte : byte | 0x80));
  return concat(Uint8Array.of(header[0]! | 2), header.subarray(1), Uint8Array.from(bytes), payload);
}

const obuType = ({ header }: ReadObu): number => header[0]! >> 3;

const unsized = ({ header, payload }: ReadObu): Uint8Array => concat(header, payload);
const sized =
  (sizeLength = 1) =>
  ({ header, payload }: ReadObu): Uint8Array =>
    sizedObu(header, payload, sizeLength);

/** The last OBU may go without its size; all others need theirs within a frame. */
const lastUnsized = (all: readonly ReadObu[]): Uint8Array =>
  concat(...all.slice(0, -1).map(sized()), ...all.slice(-1).map(unsized));

const temporalDelimiter = Uint8Array.of(0x12, 0);

const av1: Readonly<Record<string, Transit>> = {
  "temporal delimiters taken away": (wire) =>
    concat(
      ...obus(wire)
        .filter((obu) => obuType(obu) !== 2)
        .map(sized()),
    ),
  "a temporal delimiter put first": (wire) => concat(temporalDelimiter, wire),
  "sizes written anew": (wire) => concat(...obus(wire).map(sized())),
  "sizes of four bytes": (wire) => concat(...obus(wire).map(sized(4))),
  "the last size taken away": (wire) => lastUnsized(obus(wire)),
  "delimiters and the last size taken away": (wire) => lastUnsized(obus(wire).filter((obu) => obuType(obu) !== 2)),
};

const unchanged: Readonly<Record<string, Transit>> = { "no change": (wire) => wire };

/** What may become of a codec's frames. RTP payloads of Opus (RFC 7587), VP8 (7741) and VP9 (9628) are the frames' bytes. */
export const transits: Readonly<Record<CodecName, Readonly<Record<string, Transit>>>> = {
  opus: unchanged,
  vp8: unchanged,
  vp9: unchanged,
  h264: { ...unchanged, ...h264 },
  av1: { ...unchanged, ...av1 },
};

/** For tests of what must not pass. */
export { isSlice, slice, stream };
