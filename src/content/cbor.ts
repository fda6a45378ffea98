/**
 * Deterministic CBOR by the package `cborg`: one encoding for each value, and every other one refused. RFC 8949 section 4.2.1;
 * draft-ietf-mimi-content section 5.
 *
 * cborg reads the items; this file builds the values, so that depth and number are bounded before memory is taken.
 */

import {
  encode,
  objectToTokens,
  rfc8949EncodeOptions,
  Token,
  Tokenizer,
  Type,
  type EncodeOptions,
  type Tokens,
} from "cborg";
import { asBytes, type Bytes } from "../bytes/bytes.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { copyBytes } from "../bytes/copy.ts";
import { isObject } from "../bytes/takes.ts";
import { utf8, utf8Decode } from "../bytes/text.ts";
import { ContentError } from "./errors.ts";

/** What a map may be keyed with: draft-ietf-mimi-content section 5.2. */
export type CborKey = number | string | Bytes;

/** Any CBOR value. An integer is a number as far as a number is exact, and a bigint beyond. */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Bytes
  | CborFloat
  | CborTag
  | readonly CborValue[]
  | ReadonlyMap<CborKey, CborValue>;

/** A floating point number, which in CBOR is another thing than an integer: draft-ietf-mimi-content discourages it. */
export interface CborFloat {
  readonly float: number;
}

/** A value under a tag. */
export interface CborTag {
  readonly tag: number;
  readonly value: CborValue;
}

/** How far a stranger's CBOR may go. */
export interface CborLimits {
  /** Arrays, maps and tags inside of one another. */
  readonly depth: number;
  /** Items, those inside of others included. */
  readonly items: number;
}

/**
 * The value of a byte string, which it must fill.
 *
 * @throws ContentError "content-cbor" or "content-limit".
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): CborValue {
  try {
    const tokens = new Tokenizer(bytes, strictly);
    const left = { items: limits.items };
    const input: Input = { bytes, tokens, left, hasOthers: false };
    const value = readItem(input, limits.depth);
    if (tokens.pos() !== bytes.length) throw invalid("bytes are left");
    // Floats that are not the shortest come out as other bytes.
    if (input.hasOthers && !bytesEqual(encodeCbor(value), bytes)) throw invalid("not the shortest encoding");
    return value;
  } catch (error) {
    throw error instanceof ContentError ? error : invalid();
  }
}

/**
 * The one encoding of a value.
 *
 * @throws TypeError where it has none: a text with half a character, a number that is no whole one.
 */
export function encodeCbor(value: CborValue): Bytes {
  return asBytes(encode(value, deterministic));
}

/**
 * The value that a caller gives, checked to be one, in memory of its own.
 *
 * @throws TypeError, which names the place.
 */
export function copyCbor(place: string, value: unknown, depth: number): CborValue {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return checkInteger(place, value);
  if (value instanceof Uint8Array) return copyBytes(value);
  if (depth === 0) throw new TypeError(`${place} is nested too deeply`);
  if (Array.isArray(value)) {
    return value.map((item: unknown, i) => copyCbor(`${place}[${String(i)}]`, item, depth - 1));
  }
  if (value instanceof Map) {
    const copy = new Map<CborKey, CborValue>();
    for (const [key, item] of value as ReadonlyMap<unknown, unknown>) {
      const isKey = Number.isSafeInteger(key) || typeof key === "string" || key instanceof Uint8Array;
      if (!isKey) throw new TypeError(`a key of ${place} must be an integer, a string or a Uint8Array`);
      copy.set(key instanceof Uint8Array ? copyBytes(key) : (key as number | string), copyCbor(place, item, depth - 1));
    }
    return copy;
  }
  if (isObject(value) && typeof value["float"] === "number") return { float: value["float"] };
  if (isObject(value) && Number.isSafeInteger(value["tag"]) && (value["tag"] as number) >= 0) {
    return { tag: value["tag"] as number, value: copyCbor(`${place}.value`, value["value"], depth - 1) };
  }
  throw new TypeError(`${place} is no CBOR value`);
}

const strictly = { strict: true, allowIndefinite: false, allowUndefined: false, allowBigInt: true } as const;

const deterministic: EncodeOptions = {
  ...rfc8949EncodeOptions,
  typeEncoders: {
    // Beyond these a number is a float to cborg, and half a character three bytes of another.
    number: (value: number) => {
      if (!Number.isSafeInteger(value)) throw new TypeError("a number must be a safe integer");
      return objectToTokens(value === 0 ? 0 : value, rfc8949EncodeOptions, undefined);
    },
    string: (value: string) => {
      if (utf8Decode(utf8(value)) !== value) throw new TypeError("a text must have whole characters only");
      return objectToTokens(value, rfc8949EncodeOptions, undefined);
    },
    Object: (value: CborFloat | CborTag, _type: string, options: EncodeOptions, parents: unknown): Tokens =>
      "float" in value
        ? new Token(Type.float, value.float)
        : [new Token(Type.tag, value.tag), objectToTokens(value.value, options, parents)],
  },
};

/** Where the reading is. */
interface Input {
  readonly bytes: Uint8Array;
  readonly tokens: Tokenizer;
  readonly left: { items: number };
  /** Whether there are items of which cborg and this file have not looked whether they are encoded as they are to be. */
  hasOthers: boolean;
}

function readItem(input: Input, depth: number): CborValue {
  if (--input.left.items < 0) throw new ContentError("content-limit", { detail: "items" });
  const start = input.tokens.pos();
  const { type, value } = input.tokens.next();
  switch (type.name) {
    case "uint":
    case "negint":
    case "true":
    case "false":
    case "null":
      return value as CborValue;
    case "string":
      return checkText(value as string, input.bytes.subarray(start, input.tokens.pos()));
    case "bytes":
      return copyBytes(value as Uint8Array); // cborg gives a view
    case "float":
      input.hasOthers = true;
      return { float: value as number };
    case "array":
      return readArray(input, inner(depth), value as number);
    case "map":
      return readMap(input, inner(depth), value as number);
    case "tag":
      if (typeof value !== "number") throw invalid("a tag beyond 2^53"); // no number says it exactly
      input.hasOthers = true;
      return { tag: value, value: readItem(input, inner(depth)) };
    default:
      throw invalid(type.name);
  }
}

/** Text that is not UTF-8, or that a decoder has left something out of, is written with other bytes behind its head. */
function checkText(text: string, encoded: Uint8Array): string {
  const written = utf8(text);
  const { length } = written;
  const head = length < 24 ? 1 : length < 0x100 ? 2 : length < 0x1_0000 ? 3 : 5;
  if (!bytesEqual(written, encoded.subarray(head))) throw invalid("not UTF-8");
  return text;
}

function inner(depth: number): number {
  if (depth === 0) throw new ContentError("content-limit", { detail: "depth" });
  return depth - 1;
}

function readArray(input: Input, depth: number, length: number): readonly CborValue[] {
  const items: CborValue[] = [];
  for (let i = 0; i < length; i++) items.push(readItem(input, depth));
  return items;
}

/** "The keys in every map MUST be sorted in the bytewise lexicographic order of their deterministic encodings." */
function readMap(input: Input, depth: number, length: number): ReadonlyMap<CborKey, CborValue> {
  const map = new Map<CborKey, CborValue>();
  let before: Uint8Array | undefined;
  for (let i = 0; i < length; i++) {
    const start = input.tokens.pos();
    const key = readItem(input, 1);
    if (!(typeof key === "number" || typeof key === "string" || key instanceof Uint8Array))
      throw invalid("a map's key");
    const encoded = input.bytes.subarray(start, input.tokens.pos());
    if (before !== undefined && !isBefore(before, encoded)) throw invalid("the order of a map's keys");
    before = encoded;
    map.set(key, readItem(input, depth));
  }
  return map;
}

/** Whether a byte string comes before another, and is not the same. */
function isBefore(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] !== b[i]) return a[i]! < b[i]!;
  }
  return a.length < b.length;
}

function checkInteger(place: string, value: number | bigint): number | bigint {
  if (
    typeof value === "number"
      ? Number.isSafeInteger(value)
      : BigInt.asUintN(64, value < 0n ? ~value : value) === (value < 0n ? ~value : value)
  ) {
    return value;
  }
  throw new TypeError(`${place} must be an integer that CBOR has: a float is written as { float }`);
}

function invalid(detail?: string): ContentError {
  return new ContentError("content-cbor", detail === undefined ? {} : { detail });
}
