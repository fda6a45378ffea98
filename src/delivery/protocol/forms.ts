/**
 * Forms: codecs that also say what they are, so that the protocol's page and its tests are made from what is sent. RFC 9420 section
 * 2.1 says how each kind is written.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { utf8, utf8Decode } from "../../bytes/text.ts";
import { fixed as fixedCodec, type Codec } from "../../codec/codec.ts";
import type { Reader } from "../../codec/reader.ts";
import type { Writer } from "../../codec/writer.ts";

/** What a form is, as data. */
export type Shape =
  | { readonly kind: "uint"; readonly bits: 16 | 32 | 64 }
  /** A uint64 of at most 2^53 - 1. */
  | { readonly kind: "count" }
  | { readonly kind: "flag" }
  | { readonly kind: "bytes" }
  | { readonly kind: "fixed"; readonly length: number }
  /** UTF-8 without U+0000. */
  | { readonly kind: "text" }
  | { readonly kind: "optional"; readonly of: Shape }
  | { readonly kind: "list"; readonly of: Shape; readonly most: number }
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "struct"; readonly name: string; readonly fields: Readonly<Record<string, Shape>> }
  | {
      readonly kind: "select";
      readonly name: string;
      readonly tag: string;
      readonly cases: Readonly<Record<string, Readonly<Record<string, Shape>>>>;
    };

/** A codec that says what it is. */
export interface Form<T> extends Codec<T> {
  readonly shape: Shape;
}

/** A form of a field that may be left out. */
export interface Maybe<T> {
  readonly maybe: Form<T>;
}

/** The fields of an interface, each with its form: those that may be left out are marked. */
export type Fields<T> = {
  readonly [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K> ? Maybe<Exclude<T[K], undefined>> : Form<T[K]>;
};

export const u16: Form<number> = {
  write: (out, value) => out.u16(value),
  read: (input) => input.u16(),
  shape: { kind: "uint", bits: 16 },
};
export const u32: Form<number> = {
  write: (out, value) => out.u32(value),
  read: (input) => input.u32(),
  shape: { kind: "uint", bits: 32 },
};
export const u64: Form<bigint> = {
  write: (out, value) => out.u64(value),
  read: (input) => input.u64(),
  shape: { kind: "uint", bits: 64 },
};

/** A number of bytes, items or milliseconds: a uint64 that is exact as a number. */
export const count: Form<number> = {
  write: (out, value) => out.u64(BigInt(value)),
  read: (input) => {
    const value = input.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw input.fail("decode-value");
    return Number(value);
  },
  shape: { kind: "count" },
};

export const flag: Form<boolean> = {
  write: (out, value) => out.u8(value ? 1 : 0),
  read: (input) => {
    const value = input.u8();
    if (value > 1) throw input.fail("decode-value");
    return value === 1;
  },
  shape: { kind: "flag" },
};

/** What reads bytes of its own, and writes any. */
interface BytesForm {
  readonly write: (out: Writer, value: Uint8Array) => void;
  readonly read: (input: Reader) => Bytes;
  readonly shape: Shape;
}

export const bytes: BytesForm = {
  write: (out, value) => out.vectorBytes(value),
  read: (input) => copyBytes(input.vectorBytes()),
  shape: { kind: "bytes" },
};

/** So many bytes, without a length before them. */
export function fixed(length: number): BytesForm {
  const codec = fixedCodec(length);
  return {
    write: codec.write,
    read: (input) => copyBytes(codec.read(input)),
    shape: { kind: "fixed", length },
  };
}

/** The id of a write. */
export const id: BytesForm = fixed(16);

/** Text. U+0000 is refused, since databases can't keep it. */
export const text: Form<string> = {
  write: (out, value) => out.vectorBytes(utf8(value)),
  read: (input) => {
    const value = utf8Decode(input.vectorBytes());
    if (value === undefined || value.includes("\0")) throw input.fail("decode-value");
    return value;
  },
  shape: { kind: "text" },
};

/** Nothing. */
export const nothing: Form<void> = {
  write: () => undefined,
  read: () => undefined,
  shape: { kind: "struct", name: "", fields: {} },
};

function optionalForm<T>(form: Form<T>): Form<T | undefined> {
  return {
    write: (out, value) => {
      out.u8(value === undefined ? 0 : 1);
      if (value !== undefined) form.write(out, value);
    },
    read: (input) => {
      const presence = input.u8();
      if (presence > 1) throw input.fail("decode-presence");
      return presence === 0 ? undefined : form.read(input);
    },
    shape: { kind: "optional", of: form.shape },
  };
}

/** A value that may be undefined. */
export const optional: typeof optionalForm = optionalForm;

/** A field that may be left out. */
export function maybe<T>(form: Form<T>): Maybe<T> {
  return { maybe: form };
}

/** Items one after another, behind their length in bytes: at most so many. */
export function list<T>(item: Form<T>, most: number): Form<readonly T[]> {
  return {
    write: (out, values) => {
      out.vector(() => {
        for (const value of values) item.write(out, value);
      });
    },
    read: (input) => {
      const body = input.vector();
      const values: T[] = [];
      while (body.remaining > 0) {
        if (values.length === most) throw body.fail("decode-value");
        values.push(item.read(body));
      }
      return values;
    },
    shape: { kind: "list", of: item.shape, most },
  };
}

/** One of these names: its place in the list, from 1 on, as one byte. Names are only ever added at the end. */
export function names<Name extends string>(...all: readonly Name[]): Form<Name> {
  return {
    write: (out, name) => {
      const place = all.indexOf(name);
      if (place < 0) throw new TypeError(`expected one of ${all.join(", ")}`);
      out.u8(place + 1);
    },
    read: (input) => {
      const name = all[input.u8() - 1];
      if (name === undefined) throw input.fail("decode-value");
      return name;
    },
    shape: { kind: "names", names: all },
  };
}

/** A struct: its fields in wire order. What was left out is left out of what is read. */
export function struct<T extends object>(name: string, fields: Fields<T>): Form<T> {
  const body = fieldsOf(fields as Readonly<Record<string, Form<unknown> | Maybe<unknown>>>);
  return {
    write: (out, value) => {
      body.write(out, value as Readonly<Record<string, unknown>>);
    },
    read: (input) => body.read(input, {}) as T,
    shape: { kind: "struct", name, fields: body.shapes },
  };
}

/** The fields of each case of a tagged union. */
export type SelectCases<T, Tag extends keyof T> = {
  readonly [K in T[Tag] & string]: Fields<Omit<Extract<T, { readonly [P in Tag]: K }>, Tag>>;
};

/** A tagged union: its case's place, from 1 on, as one byte, and the case's fields. Cases are only ever added at the end. */
export function select<T extends object, Tag extends keyof T & string>(
  name: string,
  tag: Tag,
  cases: SelectCases<T, Tag>,
): Form<T> {
  const all = Object.entries(cases as Readonly<Record<string, Parameters<typeof fieldsOf>[0]>>);
  const bodies = all.map(([, fields]) => fieldsOf(fields));
  const tags = all.map(([each]) => each);
  return {
    write: (out, value) => {
      const given = value as Readonly<Record<string, unknown>>;
      const place = tags.indexOf(given[tag] as string);
      out.u8(place + 1);
      bodies[place]!.write(out, given);
    },
    read: (input) => {
      const place = input.u8() - 1;
      const body = bodies[place];
      if (body === undefined) throw input.fail("decode-value");
      return body.read(input, { [tag]: tags[place] }) as T;
    },
    shape: {
      kind: "select",
      name,
      tag,
      cases: Object.fromEntries(tags.map((each, place) => [each, bodies[place]!.shapes])),
    },
  };
}

function fieldsOf(fields: Readonly<Record<string, Form<unknown> | Maybe<unknown>>>): {
  readonly write: (out: Writer, value: Readonly<Record<string, unknown>>) => void;
  readonly read: (input: Reader, into: Record<string, unknown>) => object;
  readonly shapes: Readonly<Record<string, Shape>>;
} {
  const all = Object.entries(fields).map(
    ([name, form]) => [name, "maybe" in form, "maybe" in form ? optionalForm(form.maybe) : form] as const,
  );
  return {
    write: (out, value) => {
      for (const [name, , form] of all) form.write(out, value[name]);
    },
    read: (input, into) => {
      for (const [name, mayMiss, form] of all) {
        const value = form.read(input);
        if (value !== undefined || !mayMiss) into[name] = value;
      }
      return into;
    },
    shapes: Object.fromEntries(all.map(([name, , { shape }]) => [name, shape])),
  };
}
