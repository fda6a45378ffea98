/**
 * ULEB128, as DAVE writes nonces and ranges: seven bits a byte, the low ones first, and the top bit set in all but the last.
 */

/** How many bytes a number takes. */
export function leb128Length(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/** Write a number at a place. @returns the place behind it */
export function writeLeb128(out: Uint8Array, place: number, value: number): number {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[place++] = 0x80 | (rest % 0x80);
  out[place++] = rest;
  return place;
}

/** Reads numbers out of a part of a byte string. */
export class Leb128Reader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  place: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.place = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.place >= this.#end;
  }

  /** The next number, of at most eight bytes; undefined where there is none. One above 2^53 is no longer exact, and large. */
  next(): number | undefined {
    let value = 0;
    for (let factor = 1; factor < 2 ** 56; factor *= 0x80) {
      if (this.isAtEnd) return undefined;
      const byte = this.#bytes[this.place++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return undefined;
  }
}
