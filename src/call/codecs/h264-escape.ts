/**
 * Arbitrary bytes as the rest of a NAL unit: no start code in them and no zero at their end. H.264 section 7.4.1.
 *
 * A stop byte comes behind the bytes, and 03 between two zeros and a byte up to 3. Only what escaping gives is accepted
 * back, so that a body has one form.
 */

const stop = 0x80;
const escape = 0x03;

/** The most bytes that a body of so many takes: an escape behind every second, and the stop byte. */
export function maxEscapedLength(length: number): number {
  return length + Math.ceil(length / 2) + 1;
}

/** A body in the bytes that it is a part of. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Write a body behind what `out` holds already, whose end may be zeros.
 *
 * @param clearStart Where the NAL unit begins in `out`.
 * @param place Where the body begins.
 * @returns Where it ends.
 */
export function escapeBody({ bytes, start, end }: Body, out: Uint8Array, clearStart: number, place: number): number {
  let zeros = zerosBefore(out, clearStart, place);
  for (let from = start; from < end; from++) {
    const byte = bytes[from]!;
    if (zeros === 2 && byte <= escape) {
      out[place++] = escape;
      zeros = 0;
    }
    out[place++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  out[place++] = stop;
  return place;
}

/** An escaped body in its frame. */
export interface EscapedBody {
  readonly frame: Uint8Array;
  /** Where the NAL unit begins, the escaped body, and what follows. */
  readonly clearStart: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Write the bytes that were escaped to `out`, as far as it has room.
 *
 * @returns Where they end in it. Undefined where escaping gives no such bytes.
 */
export function unescapeBody(
  { frame, clearStart, start, end }: EscapedBody,
  out: Uint8Array,
  offset: number,
): number | undefined {
  const last = end - 1;
  if (last < start || frame[last] !== stop) return undefined;
  let zeros = zerosBefore(frame, clearStart, start);
  for (let place = start; place < last && offset < out.length; place++) {
    let byte = frame[place]!;
    if (zeros === 2 && byte <= escape) {
      if (byte !== escape) return undefined;
      byte = frame[++place]!;
      if (byte > escape) return undefined; // as the stop byte is
      zeros = 0;
    }
    out[offset++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return offset;
}

/** At most two: three in a row end a NAL unit. */
function zerosBefore(bytes: Uint8Array, start: number, place: number): number {
  if (place <= start || bytes[place - 1] !== 0) return 0;
  return place - 1 > start && bytes[place - 2] === 0 ? 2 : 1;
}
