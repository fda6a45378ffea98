/**
 * What the drafts' structs are made of: lists that are bounded, texts, and the enums that several of them share.
 */

import { utf8, utf8Decode } from "../../bytes/text.ts";
import { checkUint, checkUint64 } from "../../bytes/numbers.ts";
import { bytes as someBytes, flag, oneOf, text as aText, type Takes } from "../../bytes/takes.ts";
import { decode, encode, type Codec } from "../../codec/codec.ts";
import type { Reader } from "../../codec/reader.ts";
import type { Writer } from "../../codec/writer.ts";
import { RoomError } from "../errors.ts";
import { isUri, kindOf, type MimiUri } from "../uri.ts";

/** An unsigned integer that a caller may have given: nothing is wrapped or cut. */
function uint(bits: 8 | 16 | 32): Codec<number> {
  const name = `u${String(bits)}` as "u8" | "u16" | "u32";
  return {
    write: (out: Writer, value: number) => {
      checkUint("a number in the data of a room", value, bits);
      out[name](value);
    },
    read: (input: Reader) => input[name](),
  };
}
export const u8: Codec<number> = uint(8);
export const u16: Codec<number> = uint(16);
export const u32: Codec<number> = uint(32);
export const u64: Codec<bigint> = {
  write: (out, value) => {
    checkUint64("a number in the data of a room", value);
    out.u64(value);
  },
  read: (input) => input.u64(),
};

/** An enum of one byte, whose names a caller may have given. */
export function nameOf<Name extends string>(values: { readonly [K in Name]: number }): Codec<Name> {
  const names = new Map((Object.entries(values) as [Name, number][]).map(([name, value]) => [value, name]));
  const takes: Takes = oneOf(...Object.keys(values));
  return {
    write: (out, name) => {
      takes("a name in the data of a room", name);
      out.u8(values[name]);
    },
    read: (input) => {
      const name = names.get(input.u8());
      if (name === undefined) throw input.fail("decode-value");
      return name;
    },
  };
}

/** `T items<V>`, at most so many. Where a room says many things, each list has a bound of its own. */
export function listOf<T>(item: Codec<T>, most: number): Codec<readonly T[]> {
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
  };
}

/** `opaque bytes<V>`, at most so many. */
export function bytesOf(most: number): Codec<Uint8Array> {
  return {
    write: (out, value) => {
      someBytes("bytes in the data of a room", value);
      out.vectorBytes(value);
    },
    read: (input) => {
      const value = input.vectorBytes();
      if (value.length > most) throw input.fail("decode-value");
      return value;
    },
  };
}

/** draft-ietf-mimi-protocol section 7.6: "a sequence of valid UTF8 without nulls". */
export function textOf(mostBytes: number): Codec<string> {
  const bytes = bytesOf(mostBytes);
  return {
    write: (out, value) => {
      aText("a text in the data of a room", value);
      out.vectorBytes(utf8(value));
    },
    read: (input) => {
      const value = utf8Decode(bytes.read(input));
      if (value === undefined || value.includes("\0")) throw input.fail("decode-value");
      return value;
    },
  };
}

/** `Uri`, a URI of any scheme, or none: "a valid Uniform Resource Identifier". What is read of it is its characters alone. */
export const anyUri: Codec<string> = checked(textOf(2048), (value) => /^(?:[a-z][a-z0-9+.-]*:[!-~]*)?$/i.test(value));

/** A MIMI URI of one of some kinds. */
export function mimiUri(...kinds: readonly MimiUri["kind"][]): Codec<string> {
  return checked(textOf(255), (value) => {
    const kind = kindOf(value);
    return kind !== undefined && kinds.includes(kind);
  });
}

/** `DomainName`: as the hosts of MIMI URIs are. */
export const domainName: Codec<string> = checked(textOf(253), (value) => isUri(`mimi://${value}`, "provider"));

/** A codec of fewer values. */
export function checked<T>(codec: Codec<T>, isOne: (value: T) => boolean): Codec<T> {
  return {
    write: codec.write,
    read: (input) => {
      const value = codec.read(input);
      if (!isOne(value)) throw input.fail("decode-value");
      return value;
    },
  };
}

/** draft-ietf-mimi-room-policy section 5: "enum { false(0), true(1) } bool" */
export const bool: Codec<boolean> = {
  write: (out, value) => {
    flag("a bool in the data of a room", value);
    out.u8(value ? 1 : 0);
  },
  read: (input) => {
    const value = input.u8();
    if (value > 1) throw input.fail("decode-value");
    return value === 1;
  },
};

/** Section 6.1. Where a select of the draft says `mandatory`, `required` is meant: the enum has no other. */
export type Optionality = "optional" | "required" | "forbidden";
export const Optionality: Codec<Optionality> = nameOf({ optional: 0, required: 1, forbidden: 2 });

/** One struct behind another, as one object. */
export function joined<A extends object, B extends object>(first: Codec<A>, second: Codec<B>): Codec<A & B> {
  return {
    write: (out, value) => {
      first.write(out, value);
      second.write(out, value);
    },
    read: (input) => ({ ...first.read(input), ...second.read(input) }),
  };
}

/** What of a component's data does not stand in its struct alone. */
export interface Format<T> {
  readonly codec: Codec<T>;
  /** The most bytes. */
  readonly most: number;
  /** What must hold within the data. @throws RoomError "malformed" */
  readonly check?: (value: T) => void;
}

/** The data of a component. @throws RoomError "malformed" */
export function readFormat<T>({ codec, most, check }: Format<T>, data: Uint8Array): T {
  if (data.length > most) throw new RoomError("malformed", { detail: "too long" });
  let value: T;
  try {
    value = decode(codec, data);
  } catch (cause) {
    throw new RoomError("malformed", { cause });
  }
  check?.(value);
  return value;
}

/** The bytes of a component's data, held to what its readers ask. @throws RoomError "malformed"; TypeError */
export function writeFormat<T>(format: Format<T>, value: T): Uint8Array {
  let data: Uint8Array;
  try {
    data = encode(format.codec, value);
  } catch (cause) {
    throw new TypeError("the data of a component is not what its type says", { cause });
  }
  readFormat(format, data);
  return data;
}

/** Whether bytes are a component's data. */
export function isFormat<T>(format: Format<T>, data: Uint8Array): boolean {
  try {
    readFormat(format, data);
    return true;
  } catch {
    return false;
  }
}

/** @throws RoomError "malformed" unless it holds. */
export function must(holds: boolean, detail: string): void {
  if (!holds) throw new RoomError("malformed", { detail });
}

/** Whether no two are equal. */
export function areDistinct(values: readonly (string | number)[]): boolean {
  return new Set(values).size === values.length;
}
