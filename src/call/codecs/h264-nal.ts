/**
 * NAL units of a byte stream: H.264 Annex B, and as much of section 7.3.3 as says where a slice names its parameter set.
 */

/** A NAL unit in its frame. */
export interface NalUnit {
  /** Three bytes or four. */
  readonly startCode: Uint8Array;
  /** The header byte and what follows it. */
  readonly bytes: Uint8Array;
  /** How many of the bytes stay clear. */
  readonly clearLength: number;
}

/** The NAL units of a frame. Undefined where it is no row of NAL units. */
export function readNalUnits(frame: Uint8Array): readonly NalUnit[] | undefined {
  const units: NalUnit[] = [];
  let code = findStartCode(frame, 0);
  if (code?.start !== 0) return undefined;
  while (code !== undefined) {
    const next = findStartCode(frame, code.end);
    const bytes = frame.subarray(code.end, next?.start);
    const clearLength = clearLengthOf(bytes);
    if (clearLength === undefined) return undefined;
    units.push({ startCode: frame.slice(code.start, code.end), bytes, clearLength });
    code = next;
  }
  return units;
}

/** Sequence and picture parameter sets, with their extensions. H.264 table 7-1 */
export function isParameterSet(nal: Uint8Array): boolean {
  return [7, 8, 13, 15].includes(typeOf(nal));
}

function typeOf(nal: Uint8Array): number {
  return nal[0]! & 0x1f;
}

/** The first 00 00 01 from a place on, with the zero before it where there is one. */
function findStartCode(frame: Uint8Array, from: number): { readonly start: number; readonly end: number } | undefined {
  for (let one = frame.indexOf(1, from + 2); one >= 0; one = frame.indexOf(1, one + 1)) {
    if (frame[one - 1] !== 0 || frame[one - 2] !== 0) continue;
    const isLong = one - 3 >= from && frame[one - 3] === 0;
    return { start: isLong ? one - 3 : one - 2, end: one + 1 };
  }
  return undefined;
}

/** Undefined where the NAL unit is empty, or a slice that ends within its header. */
function clearLengthOf(nal: Uint8Array): number | undefined {
  if (nal.length === 0) return undefined;
  if (isParameterSet(nal)) return nal.length;
  const isSlice = [1, 2, 5].includes(typeOf(nal)); // 2: partition A, which holds the slice header
  if (!isSlice) return 1;
  // first_mb_in_slice, slice_type, pic_parameter_set_id
  let bit: number | undefined = 8;
  for (let field = 0; field < 3 && bit !== undefined; field++) bit = skipExpGolomb(nal, bit);
  return bit === undefined ? undefined : Math.ceil(bit / 8);
}

/** The bit behind an Exp-Golomb code of at most 32 bits' value. H.264 section 9.1 */
function skipExpGolomb(bytes: Uint8Array, start: number): number | undefined {
  let zeros = 0;
  while (zeros <= 32 && bitAt(bytes, start + zeros) === 0) zeros++;
  const end = start + 2 * zeros + 1;
  return zeros <= 32 && end <= 8 * bytes.length ? end : undefined;
}

function bitAt(bytes: Uint8Array, bit: number): number {
  return ((bytes[bit >> 3] ?? 0xff) >> (7 - (bit & 7))) & 1;
}
