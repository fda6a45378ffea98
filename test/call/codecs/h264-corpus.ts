/**
 * H264 as encoders write it, made by a script: parameter sets, slices and what stands between them, after H.264 sections 7.3
 * and Annex B. What encoders and packetizers do, and where that is to be read:
 *
 * - x264 puts a delimiter first where it is told to (`aud`), gives the first NAL unit of an access unit and parameter sets
 *   four bytes of start code and the others three (`b_long_startcode`), and adds filler in constant bit rate;
 * - MediaCodec may give parameter sets as a buffer of their own (BUFFER_FLAG_CODEC_CONFIG);
 * - libwebrtc strips delimiters and rewrites an SPS on the sending side (SpsVuiRewriter::ParseOutgoingBitstreamAndRewrite);
 *   RtpPacketizerH264 cuts at start codes and counts further zeros to the NAL unit before them; H264SpsPpsTracker writes
 *   four bytes of start code before each NAL unit, and parameter sets known from the signalling before an IDR picture
 *   that has none; RtpDepacketizerH264 rewrites an SPS that lacks bitstream restrictions;
 * - RFC 6184 sections 5.6 to 5.8: NAL units alone, several in a STAP-A, or one in many FU-A; start codes are never sent.
 */

import { concat } from "../../../src/bytes/concat.ts";

/** Writes the bits of a raw byte sequence payload. */
class Bits {
  readonly #bits: number[] = [];

  u(length: number, value: number): this {
    for (let bit = length - 1; bit >= 0; bit--) this.#bits.push(Math.floor(value / 2 ** bit) % 2);
    return this;
  }

  /** Exp-Golomb, section 9.1. */
  ue(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.u(length, 0).u(length + 1, value + 1);
  }

  se(value: number): this {
    return this.ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** Up to a whole byte: ones before CABAC data (cabac_alignment_one_bit). */
  align(bit: 0 | 1): this {
    while (this.#bits.length % 8 > 0) this.#bits.push(bit);
    return this;
  }

  bytes(values: Uint8Array): this {
    for (const value of values) this.u(8, value);
    return this;
  }

  /** rbsp_trailing_bits */
  end(): Uint8Array {
    this.u(1, 1).align(0);
    return Uint8Array.from({ length: this.#bits.length / 8 }, (_, byte) =>
      this.#bits.slice(8 * byte, 8 * byte + 8).reduce((value, bit) => 2 * value + bit, 0),
    );
  }
}

/** A NAL unit: its header, and the payload with emulation prevention bytes. Section 7.3.1 */
function nalUnit(refIdc: number, type: number, payload: Uint8Array): Uint8Array {
  const bytes = [(refIdc << 5) | type];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros === 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  // "When the last byte of the RBSP data is equal to 0x00 (which can only occur when the RBSP ends in a cabac_zero_word), a
  // final byte equal to 0x03 is appended"
  if (zeros > 0) bytes.push(3);
  return Uint8Array.from(bytes);
}

/** Numbers that look random and are the same in every run. */
export function noise(length: number, seed: number): Uint8Array {
  let state = seed * 2654435761 + 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

/** Bytes full of what must be escaped. */
export function zeroes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, place) => [0, 0, 0, 1, 0, 0, 3, 0, 0, 2][place % 10]!);
}

/** A sequence parameter set of High profile at level 4.0, 1280x720; with bitstream restrictions or without. */
export function sps({
  id = 0,
  hasRestriction = true,
}: { readonly id?: number; readonly hasRestriction?: boolean } = {}): Uint8Array {
  const bits = new Bits().u(8, 100).u(8, 0).u(8, 40).ue(id);
  bits.ue(1).ue(0).ue(0).u(1, 0).u(1, 0); // 4:2:0, 8 bits, no scaling matrix
  bits.ue(4).ue(2).ue(3).u(1, 0); // frame numbers of 8 bits, picture order count type 2, 3 reference frames
  bits.ue(79).ue(44).u(1, 1).u(1, 1).u(1, 0); // 80x45 macroblocks, frames only
  bits.u(1, hasRestriction ? 1 : 0);
  if (hasRestriction) {
    bits.u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(1, 0);
    bits.u(1, 1).u(1, 1).ue(0).ue(0).ue(10).ue(10).ue(0).ue(3); // max_num_reorder_frames 0
  }
  return nalUnit(3, 7, bits.end());
}

/** A picture parameter set with CABAC and the 8x8 transform. */
export function pps({ id = 0, spsId = 0 }: { readonly id?: number; readonly spsId?: number } = {}): Uint8Array {
  const bits = new Bits().ue(id).ue(spsId).u(1, 1).u(1, 0).ue(0).ue(2).ue(0).u(1, 1).u(2, 0);
  bits.se(0).se(0).se(-2).u(1, 1).u(1, 0).u(1, 0);
  return nalUnit(3, 8, bits.u(1, 1).u(1, 0).se(-2).end());
}

/** A slice: its header, and coded data that nobody here decodes. Section 7.3.3 */
export function slice({
  isIdr = false,
  firstMb = 0,
  sliceType = isIdr ? 7 : 5,
  ppsId = 0,
  data = noise(200, firstMb + 1),
  partition = false,
  zeroWords = 0,
}: {
  readonly isIdr?: boolean;
  readonly firstMb?: number;
  readonly sliceType?: number;
  readonly ppsId?: number;
  readonly data?: Uint8Array;
  readonly partition?: boolean;
  readonly zeroWords?: number;
} = {}): Uint8Array {
  const bits = new Bits()
    .ue(firstMb)
    .ue(sliceType)
    .ue(ppsId)
    .u(8, firstMb & 0xff);
  if (isIdr) bits.ue(0).u(1, 0).u(1, 0);
  else bits.u(1, 0).u(1, 0).u(1, 0);
  const payload = bits.se(3).align(1).bytes(data).end();
  return nalUnit(2, partition ? 2 : isIdr ? 5 : 1, concat(payload, new Uint8Array(2 * zeroWords)));
}

/** An access unit delimiter. */
export const delimiter: Uint8Array = nalUnit(0, 9, Uint8Array.of(0xf0));

/** Supplemental information: user data, unregistered. */
export const information: Uint8Array = nalUnit(
  0,
  6,
  concat(Uint8Array.of(5, 24), noise(16, 9), zeroes(8), Uint8Array.of(0x80)),
);

/** Filler data. */
export const filler: Uint8Array = nalUnit(0, 12, concat(new Uint8Array(20).fill(0xff), Uint8Array.of(0x80)));

/** A byte stream: each NAL unit with so many zeros before its start code's one, and so many behind it. Annex B */
function byteStream(units: readonly (readonly [zeros: number, nal: Uint8Array, trailing?: number])[]): Uint8Array {
  return concat(
    ...units.flatMap(([zeros, nal, trailing = 0]) => [
      new Uint8Array(zeros),
      Uint8Array.of(1),
      nal,
      new Uint8Array(trailing),
    ]),
  );
}

const rows = (isIdr: boolean, count: number, data?: (row: number) => Uint8Array): Uint8Array[] =>
  Array.from({ length: count }, (_, row) =>
    slice({ isIdr, firstMb: Math.floor((row * 3600) / count), ...(data && { data: data(row) }) }),
  );

/** The forms, by what is special about them. */
export const h264Forms: Readonly<Record<string, Uint8Array>> = {
  "an IDR picture as libwebrtc's encoders give it": byteStream([
    [3, sps()],
    [3, pps()],
    [3, slice({ isIdr: true })],
  ]),
  "a picture of one slice": byteStream([[3, slice()]]),
  "start codes of three bytes": byteStream([
    [2, sps()],
    [2, pps()],
    [2, slice({ isIdr: true })],
  ]),
  "start codes of three bytes and four, as x264 mixes them": byteStream([
    [3, delimiter],
    [3, sps()],
    [3, pps()],
    [2, information],
    ...rows(true, 4).map((nal) => [2, nal] as const),
  ]),
  "zeros before the first start code": byteStream([
    [9, sps()],
    [3, pps()],
    [3, slice({ isIdr: true })],
  ]),
  "zeros behind NAL units": byteStream([
    [3, sps(), 4],
    [3, pps(), 1],
    [2, slice({ isIdr: true }), 7],
  ]),
  "a delimiter before every picture": byteStream([
    [3, delimiter],
    [2, slice()],
  ]),
  "filler behind the picture": byteStream([
    [3, slice()],
    [2, filler],
    [2, filler, 3],
  ]),
  "information before and behind": byteStream([
    [3, information],
    [2, slice()],
    [2, information],
  ]),
  "parameter sets alone": byteStream([
    [3, sps()],
    [3, pps()],
  ]),
  "one parameter set alone, with zeros around": byteStream([[6, sps(), 6]]),
  "a delimiter, parameter sets and information, and no picture": byteStream([
    [3, delimiter],
    [3, sps()],
    [3, pps()],
    [3, information],
  ]),
  "information alone": byteStream([[3, information]]),
  "several parameter sets, some of them twice": byteStream([
    [3, sps()],
    [3, sps({ id: 1 })],
    [3, pps()],
    [3, pps({ id: 1, spsId: 1 })],
    [3, sps()],
    [3, pps()],
    [3, slice({ isIdr: true, ppsId: 1 })],
  ]),
  "an SPS that receivers rewrite": byteStream([
    [3, sps({ hasRestriction: false })],
    [3, pps()],
    [3, slice({ isIdr: true })],
  ]),
  "an IDR picture without its parameter sets": byteStream([[3, slice({ isIdr: true })]]),
  "a slice a row, and an SEI between them": byteStream([
    [3, delimiter],
    ...rows(false, 45).map((nal, row) => [row === 0 ? 3 : 2, nal] as const),
    [2, information],
  ]),
  "slices that fit in packets": byteStream(
    rows(true, 12, (row) => noise(1100 - row, row)).map((nal) => [3, nal] as const),
  ),
  "slices of which each is a few bytes": byteStream(
    rows(false, 40, () => new Uint8Array(1)).map((nal) => [2, nal] as const),
  ),
  "slices full of zeros": byteStream(rows(true, 3, () => zeroes(300)).map((nal) => [3, nal] as const)),
  "CABAC zero words at the end": byteStream([[3, slice({ zeroWords: 3 })]]),
  "a parameter set of a large number, and a slice type that all slices have": byteStream([
    [3, pps({ id: 255 })],
    [3, slice({ ppsId: 255, firstMb: 32767, sliceType: 7 })],
  ]),
  "a slice header with an emulation prevention byte": byteStream([
    [3, slice({ firstMb: 2 ** 25 })],
    [3, slice({ firstMb: 2 ** 30 + 1, ppsId: 2 })],
  ]),
  partitions: byteStream([
    [3, slice({ partition: true })],
    [3, nalUnit(2, 3, concat(Uint8Array.of(0x80), noise(60, 3), Uint8Array.of(0x80)))],
    [3, nalUnit(2, 4, concat(Uint8Array.of(0x80), noise(60, 4), Uint8Array.of(0x80)))],
  ]),
  "an auxiliary picture and an extension": byteStream([
    [3, nalUnit(2, 14, Uint8Array.of(0x80, 0, 0x2f))],
    [3, slice()],
    [3, nalUnit(2, 20, concat(Uint8Array.of(0x80, 0, 0x2f), noise(50, 2)))],
    [3, nalUnit(0, 19, slice().subarray(1))],
  ]),
};
