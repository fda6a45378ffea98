/**
 * Writing the TLS presentation language as RFC 9420 section 2.1 profiles it, into one growing buffer.
 */

/** The longest vector that a length header can announce: 2^30 - 1 bytes. */
const maxVectorLength = 0x3fff_ffff;

/** The number of bytes of a vector's length header. */
export function vectorHeaderSize(length: number): 1 | 2 | 4 {
  return length < 0x40 ? 1 : length < 0x4000 ? 2 : 4;
}

/** A byte string under construction. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** An unsigned integer of one byte. */
  u8(value: number): void {
    const at = this.#advance(1); // which may replace the buffer
    this.#bytes[at] = value;
  }

  /** An unsigned integer of two bytes, big-endian. */
  u16(value: number): void {
    const at = this.#advance(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  /** An unsigned integer of four bytes, big-endian. */
  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value);
  }

  /** An unsigned integer of eight bytes, big-endian. */
  u64(value: bigint): void {
    this.u32(Number((value >> 32n) & 0xffff_ffffn));
    this.u32(Number(value & 0xffff_ffffn));
  }

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): void {
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Bytes behind their length header: `opaque value<V>`. */
  vectorBytes(bytes: Uint8Array): void {
    this.#header(bytes.length);
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
    this.#header(length);
    this.#length += length;
  }

  /** The bytes written, as an array of its own. The writer must not be used again. */
  finish(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }

  /** The bytes written, then overwritten here: for contents that are secret. */
  finishSecret(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#bytes.fill(0);
    return bytes;
  }

  #header(length: number): void {
    if (length > maxVectorLength) throw new RangeError("a vector holds at most 2^30 - 1 bytes");
    if (length < 0x40) this.u8(length);
    else if (length < 0x4000) this.u16(0x4000 | length);
    else this.u32((0x8000_0000 | length) >>> 0);
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
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes.fill(0);
    this.#bytes = bytes;
  }
}
