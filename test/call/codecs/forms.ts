/**
 * Frames in all the forms in which encoders give them.
 */

import { concat } from "../../../src/bytes/concat.ts";
import type { CodecName } from "../../../src/call/media.ts";
import { h264Forms, noise, zeroes } from "./h264-corpus.ts";
import { sizedObu } from "./transit.ts";

/** Opus: RFC 6716 section 3.1. */
const opus: Readonly<Record<string, Uint8Array>> = {
  "one frame of 20 ms": concat(Uint8Array.of(0x78), noise(80, 1)),
  "discontinuous transmission": Uint8Array.of(0x78),
  silence: Uint8Array.of(0xf8, 0xff, 0xfe),
  "two frames of other lengths": concat(Uint8Array.of(0x7a, 20), noise(60, 2)),
  "many frames, padded": concat(Uint8Array.of(0x7b, 0xc3, 40), noise(60, 3), new Uint8Array(40)),
};

/** VP8: RFC 6386 section 9.1. */
const vp8: Readonly<Record<string, Uint8Array>> = {
  "a key frame": concat(Uint8Array.of(0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 2, 0xe0, 1), noise(300, 4)),
  "a key frame that is not shown, of scaled size": concat(
    Uint8Array.of(0x00, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0xe0, 0xc1),
    noise(30, 4),
  ),
  "a key frame of nothing but its header": Uint8Array.of(0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0),
  "an inter frame": concat(Uint8Array.of(0x31, 1, 0), noise(90, 5)),
  "an inter frame of one byte, as dropped frames are": Uint8Array.of(0x31),
};

/** VP9: its bitstream specification, section 6.2 and annex B. */
const vp9: Readonly<Record<string, Uint8Array>> = {
  "a key frame": concat(Uint8Array.of(0x82, 0x49, 0x83, 0x42), noise(200, 6)),
  "an inter frame": concat(Uint8Array.of(0x86, 0), noise(100, 7)),
  "a frame that shows another": Uint8Array.of(0x88),
  "a superframe with its index": concat(noise(50, 8), noise(5, 9), Uint8Array.of(0xc1, 50, 5, 0xc1)),
  "profile 3": concat(Uint8Array.of(0xb2, 0x49, 0x83, 0x42), zeroes(80)),
};

const obu = (type: number, payload: Uint8Array, { extension = -1, sizeLength = 1 } = {}): Uint8Array =>
  sizedObu(extension < 0 ? Uint8Array.of(type << 3) : Uint8Array.of((type << 3) | 4, extension), payload, sizeLength);

const delimiter = obu(2, new Uint8Array(0));
const sequence = obu(1, Uint8Array.of(0, 0, 0, 0x42, 0xa7, 0xbf, 0xe4, 0x60, 0x0d, 0x00, 0x40));
const picture = obu(6, noise(300, 10));

/** AV1: section 5.3, and libaom, SVT-AV1 and hardware encoders. */
const av1: Readonly<Record<string, Uint8Array>> = {
  "a key frame": concat(delimiter, sequence, picture),
  "an inter frame": concat(delimiter, picture),
  "without a delimiter": concat(sequence, picture),
  "a frame header and its tile groups": concat(
    delimiter,
    sequence,
    obu(3, noise(20, 1)),
    obu(4, noise(90, 2)),
    obu(4, noise(9, 3)),
  ),
  "metadata, padding and a redundant header": concat(
    delimiter,
    sequence,
    obu(5, noise(12, 4)),
    picture,
    obu(7, noise(20, 5)),
    obu(15, new Uint8Array(30)),
  ),
  "padding before the sequence header": concat(delimiter, obu(15, new Uint8Array(8)), sequence, picture),
  "a layer of SVC": concat(
    delimiter,
    obu(1, Uint8Array.of(0, 0, 0, 0x42, 0xa7), { extension: 0x28 }),
    obu(6, noise(70, 6), { extension: 0x28 }),
  ),
  "sizes of four bytes": concat(
    delimiter,
    obu(1, noise(11, 7), { sizeLength: 4 }),
    obu(6, noise(50, 8), { sizeLength: 4 }),
  ),
  "no size on the last": concat(delimiter, sequence, Uint8Array.of(0x30), noise(200, 9)),
  "a sequence header alone": concat(delimiter, sequence),
  "a sequence header alone, without a size": concat(delimiter, Uint8Array.of(0x08), noise(11, 9)),
  "a delimiter alone": delimiter,
  "two sequence headers": concat(delimiter, sequence, obu(1, noise(9, 2)), picture),
  "a frame that shows another": concat(delimiter, obu(3, Uint8Array.of(0x98))),
  "many tile groups": concat(
    delimiter,
    sequence,
    obu(3, noise(20, 1)),
    ...Array.from({ length: 64 }, (_, i) => obu(4, noise(i, i))),
  ),
};

/** The forms of each codec's frames, by what is special about them. */
export const forms: Readonly<Record<CodecName, Readonly<Record<string, Uint8Array>>>> = {
  opus,
  vp8,
  vp9,
  h264: h264Forms,
  av1,
};
