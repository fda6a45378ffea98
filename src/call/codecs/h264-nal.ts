/**
 * NAL units of a byte stream: H.264 Annex B, and as much of section 7.3.3 as says where a slice names its parameter set.
 *
 * Zeros before the first start code (leading_zero_8bits), a start code's fourth byte (zero_byte) and zeros behind a NAL unit
 * (trailing_zero_8bits) belong to the byte stream and to no NAL unit: "the last byte of the NAL unit shall not be equal to
 * 0x00" (section 7.4.1). Packetizers drop them.
 */

import { maxFrameUnits } from "./units.ts";

/** What a NAL unit is to us. H.264 table 7-1 */
export type NalKind = "slice" | "parameter-set" | "other";

/**
 * Walks over the NAL units of a frame, from offset to offset: nothing is allocated, and each byte is looked at once.
 *
 *     const units = new NalUnits(frame);
 *     while (units.next()) use(units.start, units.end);
 *     if (units.isMalformed) refuse();
 */
export class NalUnits {
  readonly #frame: Uint8Array;
  /** Where the next NAL unit begins, behind its start code. -1 where there is none. */
  #place: number;
  #visited = 0;
  #start = 0;
  #end = 0;
  #isMalformed = false;
  readonly #bits: RbspBits;

  constructor(frame: Uint8Array) {
    this.#frame = frame;
    this.#bits = new RbspBits(frame);
    let place = 0;
    while (frame[place] === 0) place++;
    if (place >= 2 && frame[place] === 1) this.#place = place + 1;
    else this.#place = this.#refuse();
  }

  /** Where the current NAL unit begins: its header byte. */
  get start(): number {
    return this.#start;
  }

  /** Where it ends, without trailing zeros. */
  get end(): number {
    return this.#end;
  }

  /** How many were met. */
  get visited(): number {
    return this.#visited;
  }

  /** Whether the frame is no row of NAL units, or one of too many. */
  get isMalformed(): boolean {
    return this.#isMalformed;
  }

  /** Go on to the next one. False where there is none, or the frame is malformed. */
  next(): boolean {
    if (this.#place < 0) return false;
    if (this.#visited === maxFrameUnits) {
      this.#place = this.#refuse();
      return false;
    }
    this.#visited++;
    const frame = this.#frame;
    this.#start = this.#place;
    this.#end = frame.length;
    this.#place = -1;
    for (let place = this.#start + 2; place < frame.length;) {
      const byte = frame[place]!;
      if (byte === 1 && frame[place - 1] === 0 && frame[place - 2] === 0) {
        this.#end = place - 2;
        this.#place = place + 1;
        break;
      }
      place += byte === 0 ? 1 : 3; // a start code that ends in one of the next two would have a zero here
    }
    while (this.#end > this.#start && frame[this.#end - 1] === 0) this.#end--;
    if (this.#end === this.#start) this.#place = this.#refuse(); // an empty one
    return !this.#isMalformed;
  }

  get kind(): NalKind {
    const type = this.#frame[this.#start]! & 0x1f;
    if (type === 1 || type === 2 || type === 5) return "slice"; // 2: partition A, which holds the slice header
    return type === 7 || type === 8 || type === 13 || type === 15 ? "parameter-set" : "other";
  }

  /**
   * Where the clear bytes of a slice end: its header byte, and what follows up to the number of its picture parameter set.
   * Undefined where it ends before.
   */
  clearEnd(): number | undefined {
    this.#bits.begin(this.#start + 1, this.#end);
    // first_mb_in_slice, slice_type, pic_parameter_set_id
    for (let field = 0; field < 3; field++) if (!this.#bits.skipExpGolomb()) return undefined;
    return this.#bits.place;
  }

  #refuse(): -1 {
    this.#isMalformed = true;
    return -1;
  }
}

/** The bits of a NAL unit's payload: emulation prevention bytes, 03 behind two zeros, are not among them. Section 7.3.1 */
class RbspBits {
  readonly #frame: Uint8Array;
  #end = 0;
  #byte = 0;
  #left = 0;
  #zeros = 0;
  /** Behind the last byte of which a bit was read. */
  place = 0;

  constructor(frame: Uint8Array) {
    this.#frame = frame;
  }

  begin(start: number, end: number): void {
    this.place = start;
    this.#end = end;
    this.#left = 0;
    this.#zeros = 0;
  }

  /** An Exp-Golomb code of at most 32 bits' value, section 9.1. False where the bits end before. */
  skipExpGolomb(): boolean {
    let zeros = 0;
    // Where the bits end there is no 1 any more.
    while (this.#read() !== 1) if (++zeros > 32) return false;
    for (; zeros > 0; zeros--) if (this.#read() === undefined) return false;
    return true;
  }

  #read(): number | undefined {
    if (this.#left === 0) {
      if (this.#zeros >= 2 && this.#frame[this.place] === 3) {
        this.place++;
        this.#zeros = 0;
      }
      if (this.place >= this.#end) return undefined;
      this.#byte = this.#frame[this.place++]!;
      this.#zeros = this.#byte === 0 ? this.#zeros + 1 : 0;
      this.#left = 8;
    }
    return (this.#byte >> --this.#left) & 1;
  }
}
