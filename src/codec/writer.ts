/**
 * Writing the TLS presentation language as RFC 9420 section 2.1 profiles it, into one growing buffer.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { nothing } from "../bytes/nothing.ts";
import { keepShape } from "./shapes.ts";

/** The longest vector that a length header can announce: 2^30 - 1 bytes. */
const maxVectorLength = 0x3fff_ffff;

const maxU64 = 2n ** 64n - 1n;

/** The number of bytes of a vector's length header. */
export function vectorHeaderSize(length: number): 1 | 2 | 4 {
  return length < 0x40 ? 1 : length < 0x4000 ? 2 : 4;
}

/** The length of the buffers that are used again, and how many of them wait for that. */
const spareLength = 4096;
const mostSpares = 8;

/**
 * Buffers that earlier writers have overwritten and given back. A new one of more than 64 bytes costs as much as a short
 * hash in V8, which keeps it outside of its heap, and most of what is encoded is short-lived and short.
 */
const spares: Bytes[] = [];

/** A byte string under construction. */
export class Writer {
  #bytes: Bytes;
  #length = 0;

  /** Where the length is known, a buffer of that length needs no copy in the end. Without it, a used one is taken. */
  constructor(capacity?: number) {
    this.#bytes = capacity === undefined ? (spares.pop() ?? new Uint8Array(spareLength)) : new Uint8Array(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** An unsigned integer of one byte. */
  u8(value: number): void {
    if ((value & 0xff) !== value) throw misfit("uint8");
    const at = this.#advance(1); // which may replace the buffer
    this.#bytes[at] = value;
  }

  /** An unsigned integer of two bytes, big-endian. */
  u16(value: number): void {
    if ((value & 0xffff) !== value) throw misfit("uint16");
    const at = this.#advance(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  /** An unsigned integer of four bytes, big-endian. */
  u32(value: number): void {
    if (value >>> 0 !== value) throw misfit("uint32");
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  /** An unsigned integer of eight bytes, big-endian. */
  u64(value: bigint): void {
    if (typeof value !== "bigint" || value < 0n || value > maxU64) throw misfit("uint64");
    const number = Number(value); // exact up to 2^53, and no other integers have to be made
    if (number <= Number.MAX_SAFE_INTEGER) {
      this.u32(Math.floor(number / 2 ** 32));
      this.u32(number >>> 0);
      return;
    }
    this.u32(Number(value >> 32n));
    this.u32(Number(value & 0xffff_ffffn));
  }

  /** So many zero bytes. */
  zeros(count: number): void {
    const at = this.#advance(count);
    this.#bytes.fill(0, at, at + count);
  }

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): void {
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** The length header of a vector, whose bytes follow. */
  vectorHeader(length: number): void {
    if (length > maxVectorLength) throw new TypeError("a vector holds at most 2^30 - 1 bytes");
    if (length < 0x40) this.u8(length);
    else if (length < 0x4000) this.u16(0x4000 | length);
    else this.u32((0x8000_0000 | length) >>> 0);
  }

  /** Bytes behind their length header: `opaque value<V>`. */
  vectorBytes(bytes: Uint8Array): void {
    this.vectorHeader(bytes.length);
    this.raw(bytes);
  }

  /** What `fill` writes, behind its length header. One byte is reserved for it; longer contents are shifted. */
  vector(fill: () => void): void {
    this.#advance(1);
    const start = this.#length;
    fill();
    const length = this.#length - start;
    const size = vectorHeaderSize(length);
    if (size > 1) {
      this.#advance(size - 1);
      this.#bytes.copyWithin(start + size - 1, start, start + length);
    }
    this.#length = start - 1;
    this.vectorHeader(length);
    this.#length += length;
  }

  /** The bytes written, as an array of its own; nothing of them stays here. The writer must not be used again. */
  finish(): Bytes {
    const written = this.#bytes;
    if (this.#length === written.length) {
      [this.#bytes, this.#length] = [nothing, 0];
      return written;
    }
    const bytes = written.slice(0, this.#length);
    this.#release();
    return bytes;
  }

  /** What `use` makes of the bytes written, which are there for it alone. The writer must not be used again. */
  lend<Result>(use: (bytes: Uint8Array) => Result): Result {
    try {
      return use(this.#bytes.subarray(0, this.#length));
    } finally {
      this.#release();
    }
  }

  #advance(length: number): number {
    const start = this.#length;
    const needed = start + length;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length = needed;
    return start;
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    const length = this.#length;
    bytes.set(this.#bytes.subarray(0, length));
    this.#release();
    this.#bytes = bytes;
    this.#length = length;
  }

  /** Overwrite what was written, since it may be secret, and let go of the buffer. */
  #release(): void {
    const bytes = this.#bytes.fill(0, 0, this.#length);
    this.#bytes = nothing;
    this.#length = 0;
    if (bytes.length === spareLength && spares.length < mostSpares) spares.push(bytes);
  }
}

keepShape(new Writer(0));

/**
 * The error for a number that does not fit in its type, which is neither wrapped nor cut. Callers' numbers are checked
 * by name before they come here.
 */
function misfit(type: string): TypeError {
  return new TypeError(`a number does not fit into its ${type}`);
}
