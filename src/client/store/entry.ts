/**
 * How an entry of the store is written and read: a version, one byte, and what its codec says. A store of a newer version is
 * refused by name, a damaged entry as damaged, and neither is ever replaced by a fresh one.
 */

import { utf8, utf8Decode } from "../../bytes/text.ts";
import { decode, encode, opaque, u64, u8, type Codec } from "../../codec/codec.ts";
import { unlimited } from "../../codec/limits.ts";
import { CopseError } from "../../errors.ts";
import { ClientError } from "../errors.ts";

/** The version that this code writes, and the newest that it reads. */
const version = 1;

/** A kind of entry. */
export interface EntryKind<Value> {
  write(value: Value): Uint8Array;
  /** @throws ClientError "client-version", "client-damaged" */
  read(bytes: Uint8Array): Value;
}

export function entryKind<Value>(codec: Codec<Value>): EntryKind<Value> {
  const versioned: Codec<Value> = {
    write: (out, value) => {
      u8.write(out, version);
      codec.write(out, value);
    },
    read: codec.read,
  };
  return {
    write: (value) => encode(versioned, value),
    read: (bytes) => {
      if ((bytes[0] ?? 0) > version) throw new ClientError("client-version");
      if (bytes[0] !== version) throw new ClientError("client-damaged");
      try {
        return decode(codec, bytes.subarray(1), { limits: unlimited });
      } catch (cause) {
        if (cause instanceof CopseError) throw new ClientError("client-damaged", { cause });
        throw cause;
      }
    },
  };
}

/** A string as UTF-8. */
export const text: Codec<string> = {
  write: (out, value) => {
    opaque.write(out, utf8(value));
  },
  read: (input) => {
    const value = utf8Decode(opaque.read(input));
    if (value === undefined) throw input.fail("decode-value");
    return value;
  },
};

/** Yes or no. */
export const flag: Codec<boolean> = {
  write: (out, value) => {
    u8.write(out, value ? 1 : 0);
  },
  read: (input) => {
    const value = u8.read(input);
    if (value > 1) throw input.fail("decode-value");
    return value === 1;
  },
};

/** A time or a count as an integer of JavaScript. */
export const integer: Codec<number> = {
  write: (out, value) => {
    u64.write(out, BigInt(Math.max(0, Math.floor(value))));
  },
  read: (input) => {
    const value = u64.read(input);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw input.fail("decode-value");
    return Number(value);
  },
};

/** An entry that is a time alone, in milliseconds since 1970. */
export const timeEntry: EntryKind<number> = entryKind(integer);
