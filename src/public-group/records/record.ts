/**
 * How a record is written and read: a version, one byte, and a msgpack map whose fields have names, so that a later version
 * can add a field; or the version and bytes as they are.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { unlimited } from "../../codec/limits.ts";
import type { ReadOptions } from "../../codec/reader.ts";
import { CopseError } from "../../errors.ts";
import { packBehind, unpack } from "./msgpack.ts";

/** What is stored was within the limits when it came in; they may be tighter now. */
export const storedReading: ReadOptions = { limits: unlimited };

/** The version of each record that this code writes, and the newest that it reads. */
const version = 1;

/** Whether a field is what it should be. */
export type Check = (value: unknown) => boolean;

export const isBytes: Check = (value) => value instanceof Uint8Array;
export const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const isNumber: Check = (value) => typeof value === "number" && !Number.isNaN(value);
export const isEpoch: Check = (value) => typeof value === "string" && /^\d{1,20}$/.test(value);
export const isFlag: Check = (value) => typeof value === "boolean";
export const isBytesOrNull: Check = (value) => value === null || isBytes(value);

/** One of these words. */
export function oneOf<Word extends string>(...words: readonly Word[]): Check {
  return (value) => words.includes(value as Word);
}

/** A map whose names are numbers. */
export function mapOf(check: Check): Check {
  return (value) =>
    isPlain(value) && Object.entries(value).every(([key, inner]) => /^(0|[1-9]\d{0,9})$/.test(key) && check(inner));
}

/** Whether a value is a map with names. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** The records in a snapshot, by name. @throws CopseError "snapshot-damaged" */
export function asRecords(value: unknown): readonly (readonly [string, Uint8Array])[] {
  if (!isPlain(value)) throw new CopseError("snapshot-damaged");
  return Object.entries(value).map(([name, bytes]) => {
    if (!(bytes instanceof Uint8Array)) throw new CopseError("snapshot-damaged");
    return [name, bytes];
  });
}

/** A kind of record: how it is written and read. */
export interface RecordKind<T> {
  write(value: T): Uint8Array;
  /** @throws CopseError "snapshot-damaged", or "snapshot-version" where a newer version wrote it. */
  read(bytes: Uint8Array): T;
}

/** Records whose fields are these: all of them must be there. */
export function recordKind<T extends object>(fields: { readonly [K in keyof T]-?: Check }): RecordKind<T> {
  const checks = Object.entries<Check>(fields);
  return {
    write: (value) => packBehind(version, value),
    read: (bytes) => {
      const value = unpack(contentOf(bytes));
      if (!isPlain(value) || !checks.every(([key, check]) => check(value[key]))) {
        throw new CopseError("snapshot-damaged");
      }
      return value as T;
    },
  };
}

/** A record whose content is bytes: a message, or the encoding of a node. */
export const bytesRecord: RecordKind<Uint8Array> = {
  write: versioned,
  read: (bytes) => copyBytes(contentOf(bytes)),
};

function versioned(content: Uint8Array): Uint8Array {
  const whole = new Uint8Array(1 + content.length);
  whole[0] = version;
  whole.set(content, 1);
  return whole;
}

function contentOf(bytes: Uint8Array): Uint8Array {
  const [written = 0] = bytes;
  if (written > version) throw new CopseError("snapshot-version", { got: written, expected: version });
  if (written !== version) throw new CopseError("snapshot-damaged");
  return bytes.subarray(1);
}
