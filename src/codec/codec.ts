/**
 * Codecs: one declaration a struct, in wire order, that the compiler checks against the struct's interface.
 * RFC 9420 section 2.1; RFC 8446 section 3.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { CopseError } from "../errors.ts";
import { defaultLimits, type CountLimit } from "./limits.ts";
import { Reader, type ReadOptions } from "./reader.ts";
import { Writer } from "./writer.ts";

/**
 * How a type is written and read. Both are properties, not methods: a codec of a wider or a narrower type is then
 * refused by the compiler.
 */
export interface Codec<T> {
  /** Write a value. */
  readonly write: (out: Writer, value: T) => void;
  /** Read a value. @throws CopseError of a `decode-` code. */
  readonly read: (input: Reader) => T;
}

export const u8: Codec<number> = { write: (out, value) => out.u8(value), read: (input) => input.u8() };
export const u16: Codec<number> = { write: (out, value) => out.u16(value), read: (input) => input.u16() };
export const u32: Codec<number> = { write: (out, value) => out.u32(value), read: (input) => input.u32() };
export const u64: Codec<bigint> = { write: (out, value) => out.u64(value), read: (input) => input.u64() };

/** `opaque value<V>`: a byte string behind its length. */
export const opaque: Codec<Uint8Array> = {
  write: (out, value) => out.vectorBytes(value),
  read: (input) => input.vectorBytes(),
};

/** `opaque value[length]`: a byte string of a fixed length. */
export function fixed(length: number): Codec<Uint8Array> {
  return {
    write: (out, value) => {
      if (value.length !== length) throw new TypeError(`expected ${String(length)} bytes`);
      out.raw(value);
    },
    read: (input) => input.take(length),
  };
}

/** A struct: its fields in wire order. Name the type, `struct<X>({ ... })`, so that the compiler checks every field. */
export function struct<T extends object>(fields: { readonly [K in keyof T]-?: Codec<T[K]> }): Codec<T> {
  const keys = Object.keys(fields) as (keyof T)[];
  const codecs = keys.map((key) => fields[key]);
  return {
    write: (out, value) => {
      for (let i = 0; i < keys.length; i++) codecs[i]!.write(out, value[keys[i]!]);
    },
    read: (input) => {
      const value: Partial<T> = {};
      for (let i = 0; i < keys.length; i++) value[keys[i]!] = codecs[i]!.read(input);
      return value as T;
    },
  };
}

/** `T items<V>`: values one after another, behind their total length in bytes. The named limit bounds their number. */
export function vector<T>(item: Codec<T>, limit: CountLimit): Codec<readonly T[]> {
  return {
    write: (out, values) => {
      out.vector(() => {
        for (const value of values) item.write(out, value);
      });
    },
    read: (input) => {
      const body = input.vector();
      const values: T[] = [];
      const most = limit === "leaves" ? 2 * input.limits.leaves : input.limits[limit];
      while (body.remaining > 0) {
        if (values.length === most) throw body.fail("limit-exceeded", { limit });
        values.push(item.read(body));
      }
      return values;
    },
  };
}

/** `optional<T>`, RFC 9420 section 2.1.1: "the presence octet MUST be 0 or 1". */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    write: (out, value) => {
      if (value === undefined) out.u8(0);
      else {
        out.u8(1);
        codec.write(out, value);
      }
    },
    read: (input) => {
      const presence = input.u8();
      if (presence > 1) throw input.fail("decode-presence");
      return presence === 0 ? undefined : codec.read(input);
    },
  };
}

/** An enum: names for numbers, every other number refused. */
export function enumeration<Name extends string>(
  number: Codec<number>,
  values: { readonly [K in Name]: number },
): Codec<Name> {
  const names = new Map<number, Name>();
  for (const [name, value] of Object.entries(values) as [Name, number][]) names.set(value, name);
  return {
    write: (out, name) => number.write(out, values[name]),
    read: (input) => {
      const name = names.get(number.read(input));
      if (name === undefined) throw input.fail("decode-value");
      return name;
    },
  };
}

/** The body of each case of a tagged union: the case's fields but the tag. */
export type Cases<T, Tag extends keyof T> = {
  readonly [K in T[Tag] & string]: Codec<Omit<Extract<T, { readonly [P in Tag]: K }>, Tag>>;
};

/** `select`: a tag, then the body of its case. In memory the two are one object. */
export function select<T extends object, Tag extends keyof T>(
  tag: Tag,
  tagCodec: Codec<T[Tag] & string>,
  cases: Cases<T, Tag>,
): Codec<T> {
  type Body = Codec<object>;
  return {
    write: (out, value) => {
      const name = value[tag] as T[Tag] & string;
      tagCodec.write(out, name);
      (cases[name] as unknown as Body).write(out, value);
    },
    read: (input) => {
      const name = tagCodec.read(input);
      return { [tag]: name, ...(cases[name] as unknown as Body).read(input) } as T;
    },
  };
}

/** A struct without fields. */
export const empty: Codec<object> = { write: () => undefined, read: () => ({}) };

/** The bytes of a value. */
export function encode<T>(codec: Codec<T>, value: T, capacity?: number): Bytes {
  const out = new Writer(capacity);
  codec.write(out, value);
  return out.finish();
}

/**
 * The value of a whole byte string, which it must fill. The value holds views of the bytes: pass a copy where the
 * caller may change them later.
 *
 * @throws CopseError of a `decode-` code, or "limit-exceeded".
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, options?: ReadOptions): T {
  const input = new Reader(bytes, options);
  if (bytes.length > input.limits.messageBytes) throw input.fail("limit-exceeded", { limit: "messageBytes" });
  const value = codec.read(input);
  input.end();
  return value;
}

/**
 * Like `decode`, of a copy of the bytes: for what a caller hands in and may change later.
 *
 * @throws TypeError where the input is no Uint8Array.
 */
export function decodeCopy<T>(codec: Codec<T>, bytes: Uint8Array, options?: ReadOptions): T {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("expected a Uint8Array");
  const limit = (options?.limits ?? defaultLimits).messageBytes;
  if (bytes.length > limit) throw new CopseError("limit-exceeded", { limit: "messageBytes" });
  return decode(codec, new Uint8Array(bytes), options);
}
