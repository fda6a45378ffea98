/**
 * Reading the TLS presentation language as RFC 9420 section 2.1 profiles it: strictly, and without copying.
 */

import { CopseError, type ErrorCode, type ErrorDetails } from "../errors.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { keepShape } from "./shapes.ts";

/** What a reader knows beyond its bytes. */
export interface ReadOptions {
  readonly limits?: Limits;
  /** How to find the end of a custom proposal's body: one codec a type (see `registry`). */
  readonly proposals?: ReadonlyMap<number, (input: Reader) => unknown>;
}

/** A position in a byte string. Byte strings that it hands out are views of the input. */
export class Reader {
  /** The outermost input: offsets are positions in it. */
  readonly bytes: Uint8Array;
  readonly limits: Limits;
  /** How to find the end of each custom proposal. */
  readonly proposals: ReadonlyMap<number, (input: Reader) => unknown> | undefined;
  offset: number;
  readonly #end: number;
  readonly #options: ReadOptions;

  constructor(bytes: Uint8Array, options: ReadOptions = {}, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.limits = options.limits ?? defaultLimits;
    this.proposals = options.proposals;
    this.offset = start;
    this.#options = options;
    this.#end = end;
  }

  /** Bytes left. */
  get remaining(): number {
    return this.#end - this.offset;
  }

  /** An error of this code that names the current position in the outermost input. */
  fail(code: ErrorCode, details?: ErrorDetails): CopseError {
    return new CopseError(code, { offset: this.offset, ...details });
  }

  /** An unsigned integer of one byte. */
  u8(): number {
    return this.bytes[this.#advance(1)]!;
  }

  /** An unsigned integer of two bytes, big-endian. */
  u16(): number {
    const at = this.#advance(2);
    return this.bytes[at]! * 0x100 + this.bytes[at + 1]!;
  }

  /** An unsigned integer of four bytes, big-endian. */
  u32(): number {
    return this.#number(this.#advance(4));
  }

  /** An unsigned integer of eight bytes, big-endian. */
  u64(): bigint {
    const at = this.#advance(8);
    return (BigInt(this.#number(at)) << 32n) | BigInt(this.#number(at + 4));
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /**
   * A variable-size vector length header, RFC 9420 section 2.1.2: one, two or four bytes by the top two bits.
   * "Vectors that start with '11' prefix are invalid", and so is an encoding that is not the shortest.
   */
  vectorLength(): number {
    const start = this.offset;
    const first = this.u8();
    const prefix = first >> 6;
    let length = first & 0x3f;
    if (prefix === 3) {
      this.offset = start;
      throw this.fail("decode-length");
    }
    const extra = (1 << prefix) - 1;
    for (let i = 0; i < extra; i++) length = length * 256 + this.u8();
    if ((prefix === 1 && length < 1 << 6) || (prefix === 2 && length < 1 << 14)) {
      this.offset = start;
      throw this.fail("decode-length");
    }
    return length;
  }

  /** A vector's bytes: its length header is read and the bytes are returned as a view. */
  vectorBytes(): Uint8Array {
    return this.take(this.vectorLength());
  }

  /** A reader of the next vector's contents, which can't read past them. */
  vector(): Reader {
    const length = this.vectorLength();
    const start = this.#advance(length);
    return new Reader(this.bytes, this.#options, start, start + length);
  }

  /** Pass over these bytes, where they are the next ones. */
  skip(bytes: Uint8Array): boolean {
    if (bytes.length > this.remaining) return false;
    for (let i = 0; i < bytes.length; i++) if (this.bytes[this.offset + i] !== bytes[i]) return false;
    this.offset += bytes.length;
    return true;
  }

  /** @throws CopseError "decode-trailing" where bytes are left. */
  end(): void {
    if (this.offset !== this.#end) throw this.fail("decode-trailing");
  }

  /** The four bytes at a position. Faster than through a DataView, which every reader would have to make. */
  #number(at: number): number {
    const { bytes } = this;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  #advance(length: number): number {
    const start = this.offset;
    if (length > this.#end - start) throw this.fail("decode-truncated");
    this.offset = start + length;
    return start;
  }
}

keepShape(new Reader(new Uint8Array(0)));
