/**
 * A message as the fields that it is made of: what a codec reads, remembered in order, so that a mutation can work at the
 * boundaries and write the lengths around it anew.
 */

import { concat } from "../../src/bytes/concat.ts";
import type { Codec } from "../../src/codec/codec.ts";
import { Reader, type ReadOptions } from "../../src/codec/reader.ts";
import { unlimited } from "../../src/codec/limits.ts";
import { encode, opaque } from "../../src/codec/codec.ts";

/** How the length before a vector is told: as it is, or in one of the ways that a decoder must refuse. */
export type Header = "true" | "longer" | "shorter" | "not minimal" | "reserved" | "most";

/** One field: bytes of a fixed length (numbers are), or a vector of items, each some fields. */
export type Field =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "vector"; readonly items: readonly (readonly Field[])[]; readonly header: Header };

/** The fields of a valid encoding. */
export function fieldsOf<T>(codec: Codec<T>, bytes: Uint8Array, options: ReadOptions = {}): readonly Field[] {
  const reader = new TracingReader(bytes, { ...options, limits: unlimited });
  codec.read(reader);
  return reader.items().flat();
}

/** The bytes of fields, with the lengths that they have now. */
export function bytesOf(fields: readonly Field[]): Uint8Array {
  return concat(
    ...fields.map((field) => {
      if (field.kind === "bytes") return field.bytes;
      const body = bytesOf(field.items.flat());
      return field.header === "true" ? encode(opaque, body) : concat(header(field.header, body.length), body);
    }),
  );
}

/** How many bytes fields take, about. */
export function sizeOf(fields: readonly Field[]): number {
  let size = 0;
  for (const field of fields) {
    if (field.kind === "bytes") size += field.bytes.length;
    else for (const item of field.items) size += 1 + sizeOf(item);
  }
  return size;
}

function header(kind: Exclude<Header, "true">, length: number): Uint8Array {
  const four = (value: number): Uint8Array =>
    Uint8Array.of(0x80 | ((value >>> 24) & 0x3f), value >>> 16, value >>> 8, value);
  switch (kind) {
    case "longer":
      return lengthHeader(length + 1);
    case "shorter":
      return lengthHeader(Math.max(0, length - 1));
    case "not minimal":
      return length < 64 ? Uint8Array.of(0x40, length) : four(length);
    case "reserved":
      return Uint8Array.of(0xc0, length);
    case "most":
      return four(0x3fff_ffff);
  }
}

function lengthHeader(length: number): Uint8Array {
  return encode(opaque, new Uint8Array(length)).subarray(0, length < 0x40 ? 1 : length < 0x4000 ? 2 : 4);
}

/** Remembers what is read. The codec of a vector asks before each item how much is left: there an item begins. */
class TracingReader extends Reader {
  readonly #given: ReadOptions;
  readonly #items: Field[][] = [[]];
  #quiet = false;

  constructor(bytes: Uint8Array, options: ReadOptions) {
    super(bytes, options);
    this.#given = options;
  }

  items(): Field[][] {
    return this.#items.filter((item) => item.length > 0);
  }

  override get remaining(): number {
    this.#items.push([]);
    return super.remaining;
  }

  /** Nothing is passed over: what was read before is read again, field by field. */
  override skip(): boolean {
    return false;
  }

  override u8(): number {
    return this.#bytes(() => super.u8());
  }

  override u16(): number {
    return this.#bytes(() => super.u16());
  }

  override u32(): number {
    return this.#bytes(() => super.u32());
  }

  override u64(): bigint {
    return this.#bytes(() => super.u64());
  }

  override take(length: number): Uint8Array {
    return this.#bytes(() => super.take(length));
  }

  override vectorBytes(): Uint8Array {
    const bytes = this.#quietly(() => super.vectorBytes());
    const items = bytes.length === 0 ? [] : [[{ kind: "bytes", bytes } as const]];
    this.#note({ kind: "vector", header: "true", items });
    return bytes;
  }

  override vector(): Reader {
    const bytes = this.#quietly(() => super.vectorBytes());
    const inner = new TracingReader(bytes, this.#given);
    // Its items are known when it has been read.
    this.#note({
      kind: "vector",
      header: "true",
      get items() {
        return inner.items();
      },
    });
    return inner;
  }

  #bytes<T>(read: () => T): T {
    const start = this.offset;
    const value = this.#quietly(read);
    if (this.offset > start) this.#note({ kind: "bytes", bytes: this.bytes.subarray(start, this.offset) });
    return value;
  }

  #quietly<T>(read: () => T): T {
    const before = this.#quiet;
    this.#quiet = true;
    try {
      return read();
    } finally {
      this.#quiet = before;
    }
  }

  #note(field: Field): void {
    if (!this.#quiet) this.#items[this.#items.length - 1]!.push(field);
  }
}
