/**
 * Plain values as msgpack bytes: numbers, strings, booleans, null, byte strings, arrays and maps of these. That is the part of
 * the format (https://github.com/msgpack/msgpack/blob/master/spec.md) that stored state needs, and all that is read of it.
 */

import { utf8, utf8Decode } from "../../bytes/text.ts";
import { CopseError } from "../../errors.ts";

/** A value's bytes, the caller's own. Nothing else is left of the byte strings in it, which may be secret. */
export function pack(value: unknown): Uint8Array {
  const parts: Uint8Array[] = [];
  put(parts, value);
  return join(parts);
}

/** The same behind one byte more. */
export function packBehind(first: number, value: unknown): Uint8Array {
  const parts = [Uint8Array.of(first)];
  put(parts, value);
  return join(parts);
}

/**
 * The value of some bytes. Its byte strings are copies.
 *
 * @throws CopseError "snapshot-damaged".
 */
export function unpack(bytes: Uint8Array): unknown {
  const input = new Input(bytes);
  const value = input.value(0);
  if (input.remaining > 0) throw new CopseError("snapshot-damaged");
  return value;
}

/** As `concat`, of more parts than a call takes arguments. */
function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function put(parts: Uint8Array[], value: unknown): void {
  if (value === null) parts.push(Uint8Array.of(0xc0));
  else if (typeof value === "boolean") parts.push(Uint8Array.of(value ? 0xc3 : 0xc2));
  else if (typeof value === "number") putNumber(parts, value);
  else if (typeof value === "string") {
    const text = utf8(value);
    if (text.length < 0x20) parts.push(Uint8Array.of(0xa0 | text.length), text);
    else parts.push(header(0xd9, text.length), text);
  } else if (value instanceof Uint8Array) parts.push(header(0xc4, value.length), value);
  else if (Array.isArray(value)) {
    putCount(parts, 0x90, value.length);
    for (const item of value) put(parts, item);
  } else {
    const entries = Object.entries(value as object);
    putCount(parts, 0x80, entries.length);
    for (const [key, inner] of entries) {
      put(parts, key);
      put(parts, inner);
    }
  }
}

function putNumber(parts: Uint8Array[], value: number): void {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32 && !Object.is(value, -0)) {
    parts.push(value < 0x80 ? Uint8Array.of(value) : header(0xcc, value));
    return;
  }
  const bytes = new Uint8Array(9);
  bytes[0] = 0xcb;
  new DataView(bytes.buffer).setFloat64(1, value);
  parts.push(bytes);
}

/** The number of an array's items (0x90) or a map's entries (0x80). */
function putCount(parts: Uint8Array[], form: 0x80 | 0x90, count: number): void {
  // 0xdc and 0xde have two bytes more, and the forms after them four: there is none of one byte.
  parts.push(count < 0x10 ? Uint8Array.of(form | count) : header(form === 0x90 ? 0xdb : 0xdd, Math.max(count, 0x100)));
  if (count >= 0x10 && count < 0x100) {
    const last = parts.at(-1)!;
    last[1] = 0;
    last[2] = count;
  }
}

/** A number behind the first byte of its form: of the form for one byte, and of the next ones for two and four. */
function header(form: number, number: number): Uint8Array {
  if (number < 0x100) return Uint8Array.of(form, number);
  if (number < 0x10000) return Uint8Array.of(form + 1, number >>> 8, number);
  return Uint8Array.of(form + 2, number >>> 24, number >>> 16, number >>> 8, number);
}

/** How deep values may lie in one another. A snapshot of 0.1.0 is the deepest that was ever written, with eight. */
const mostDepth = 16;

/** A position in what was stored, which need not be what was stored. */
class Input {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  value(depth: number): unknown {
    if (depth > mostDepth) throw new CopseError("snapshot-damaged");
    const form = this.#uint(1);
    if (form < 0x80) return form;
    if (form < 0x90) return this.#map(form & 0xf, depth);
    if (form < 0xa0) return this.#array(form & 0xf, depth);
    if (form < 0xc0) return this.#text(form & 0x1f);
    if (form >= 0xe0) return form - 0x100;
    switch (form) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return form === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return new Uint8Array(this.#take(this.#uint(1 << (form - 0xc4))));
      case 0xca:
        return this.#view.getFloat32(this.#skip(4));
      case 0xcb:
        return this.#view.getFloat64(this.#skip(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#uint(1 << (form - 0xcc));
      case 0xd0:
        return this.#view.getInt8(this.#skip(1));
      case 0xd1:
        return this.#view.getInt16(this.#skip(2));
      case 0xd2:
        return this.#view.getInt32(this.#skip(4));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#uint(1 << (form - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(2 << (form - 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(2 << (form - 0xde)), depth);
      default:
        throw new CopseError("snapshot-damaged"); // nothing of ours: 64-bit integers, and types of extensions
    }
  }

  #array(count: number, depth: number): readonly unknown[] {
    if (count > this.remaining) throw new CopseError("snapshot-damaged");
    return Array.from({ length: count }, () => this.value(depth + 1));
  }

  #map(count: number, depth: number): Readonly<Record<string, unknown>> {
    if (count > this.remaining) throw new CopseError("snapshot-damaged");
    const entries = new Map<string, unknown>();
    for (let i = 0; i < count; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== "string" || entries.has(key)) throw new CopseError("snapshot-damaged");
      entries.set(key, this.value(depth + 1));
    }
    return Object.fromEntries(entries);
  }

  #text(length: number): string {
    const text = utf8Decode(this.#take(length));
    if (text === undefined) throw new CopseError("snapshot-damaged");
    return text;
  }

  #uint(length: number): number {
    return this.#take(length).reduce((number, byte) => number * 0x100 + byte, 0);
  }

  #take(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  #skip(length: number): number {
    const start = this.#at;
    if (length > this.remaining) throw new CopseError("snapshot-damaged");
    this.#at += length;
    return start;
  }
}
