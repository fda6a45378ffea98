/**
 * What copse's own media types hold: maps of CBOR with small integers as keys, each declared once for reading and writing. Keys that are
 * not known are passed over, so that a newer copse may say more.
 */

import { attempt } from "../../bytes/attempt.ts";
import type { Bytes } from "../../bytes/bytes.ts";
import { utf8 } from "../../bytes/text.ts";
import { decodeCbor, encodeCbor, type CborKey, type CborValue } from "../cbor.ts";
import { ContentError } from "../errors.ts";

/** How a value is read and written. */
export interface Field<T> {
  /** @throws ContentError "content-shape" */
  readonly read: (value: CborValue) => T;
  readonly write: (value: T) => CborValue;
}

/** A field of a map, at its key. */
interface Entry<T> {
  readonly key: number;
  readonly field: Field<T>;
  readonly optional: boolean;
}

/** What a media type may hold of a stranger's. */
const limits = { depth: 6, items: 16_384 };

/** A field that must be there. */
export function at<T>(key: number, field: Field<T>): Entry<T> {
  return { key, field, optional: false };
}

/** A field that may be absent. */
export function maybe<T>(key: number, field: Field<T>): Entry<T> {
  return { key, field, optional: true };
}

/** A map with these entries. */
export function record<T extends object>(entries: {
  readonly [K in keyof T]-?: Entry<Exclude<T[K], undefined>>;
}): Field<T> {
  const names = Object.entries(entries) as [keyof T & string, Entry<unknown>][];
  return {
    read: (value) => {
      if (!(value instanceof Map)) throw shape();
      const map = value as ReadonlyMap<CborKey, CborValue>;
      const read: Partial<Record<keyof T, unknown>> = {};
      for (const [name, { key, field, optional }] of names) {
        const each = map.get(key);
        if (each !== undefined) read[name] = field.read(each);
        else if (!optional) throw shape();
      }
      return read as T;
    },
    write: (value) => {
      const map = new Map<CborKey, CborValue>();
      for (const [name, { key, field, optional }] of names) {
        const each: unknown = value[name];
        if (each !== undefined || !optional) map.set(key, field.write(each));
      }
      return map;
    },
  };
}

/** Whole numbers of a range. */
export function integer(least: number, most: number): Field<number> {
  return checked((value): value is number => typeof value === "number" && value >= least && value <= most);
}

/** Text of so many bytes. */
export function words(most: number, least = 1): Field<string> {
  return checked((value): value is string => typeof value === "string" && within(utf8(value).length, least, most));
}

/** A byte string of so many bytes. */
export function octets(most: number, least = 1): Field<Bytes> {
  return checked((value): value is Bytes => value instanceof Uint8Array && within(value.length, least, most));
}

/** One of some names, at its place among them. */
export function oneName<Name extends string>(...names: readonly Name[]): Field<Name> {
  return {
    read: (value) => {
      const name = typeof value === "number" ? names[value] : undefined;
      if (name === undefined) throw shape();
      return name;
    },
    write: (value) => names.indexOf(value),
  };
}

/** A thing that is so, or is not told. */
export const yes: Field<true> = checked((value): value is true => value === true);

/** True or false. */
export const flag: Field<boolean> = checked((value): value is boolean => typeof value === "boolean");

/** So many of one kind. */
export function several<T>(field: Field<T>, least: number, most: number): Field<readonly T[]> {
  return {
    read: (value) => {
      if (!Array.isArray(value) || !within(value.length, least, most)) throw shape();
      return (value as readonly CborValue[]).map(field.read);
    },
    write: (values) => values.map(field.write),
  };
}

/** The value that the content of a part holds, or undefined where it holds none. */
export function readField<T>(field: Field<T>, content: Uint8Array): T | undefined {
  return attempt(ContentError, () => field.read(decodeCbor(content, limits)));
}

/** The content of a part. @throws TypeError for what CBOR can't say */
export function writeField<T>(field: Field<T>, value: T): Bytes {
  return encodeCbor(field.write(value));
}

function checked<T extends CborValue>(fits: (value: CborValue) => value is T): Field<T> {
  return {
    read: (value) => {
      if (!fits(value)) throw shape();
      return value;
    },
    write: (value) => value,
  };
}

function within(count: number, least: number, most: number): boolean {
  return count >= least && count <= most;
}

function shape(): ContentError {
  return new ContentError("content-shape");
}
