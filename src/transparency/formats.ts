/**
 * The structs of the log: entries, heads and proofs. docs/key-transparency.md has them in the RFC's notation.
 */

import { bytes as aBytes, thing, uint16, uint32, uint64, type Takes } from "../bytes/takes.ts";
import { decodeCopy, fixed, opaque, struct, u16, u32, u64, u8, type Codec } from "../codec/codec.ts";
import { TransparencyError } from "./errors.ts";

/** The length of SHA-256's hashes and of what is cut to it, in bytes. */
export const hashLength = 32;
/** The version of heads and evidence. */
export const formatVersion = 1;
/** The longest head, look-up, proof or evidence that is read, in bytes: with the largest signatures that there are. */
const longest = 65_536;

/** A whole number below 2^53 as a uint64. */
const count: Codec<number> = {
  write: (out, value) => out.u64(BigInt(value)),
  read: (input) => {
    const value = Number(input.u64());
    if (!Number.isSafeInteger(value)) throw input.fail("decode-value");
    return value;
  },
};

/** An update: a leaf of the log, and what the map holds under its index. */
export interface LogEntry {
  /** The first 32 bytes of the VRF's output for the user. */
  readonly index: Uint8Array;
  /** How many updates of the index come before it. */
  readonly version: number;
  readonly commitment: Uint8Array;
}
export const LogEntry: Codec<LogEntry> = struct<LogEntry>({
  index: fixed(hashLength),
  version: count,
  commitment: fixed(hashLength),
});
/** The length of an entry, in bytes. */
export const entryLength = 72;

/** What the log says of an account: what `checkStatement` of copse/accounts gives has all of it. */
export interface LoggedAccount {
  /** Of the root key. */
  readonly cipherSuite: number;
  readonly rootKey: Uint8Array;
  /** The number of the account key. */
  readonly keyNumber: number;
  /** The number of the list of devices, and its hash. */
  readonly number: bigint;
  readonly hash: Uint8Array;
}
export const loggedAccount: Codec<LoggedAccount> = struct<LoggedAccount>({
  cipherSuite: u16,
  rootKey: opaque,
  keyNumber: u32,
  number: u64,
  hash: opaque,
});

/** A caller's account. */
export const anAccount: Takes = /* @__PURE__ */ thing(
  "an account",
  { cipherSuite: uint16, rootKey: aBytes, keyNumber: uint32, number: uint64, hash: aBytes },
  ["cipherSuite", "rootKey", "keyNumber", "number", "hash"],
);

/** What opens a commitment. */
export interface Opened {
  readonly version: number;
  /** 32 random bytes. */
  readonly opening: Uint8Array;
  readonly account: LoggedAccount;
}
export const Opened: Codec<Opened> = struct<Opened>({
  version: count,
  opening: fixed(hashLength),
  account: loggedAccount,
});

/** What the log signs. */
export interface HeadTbs {
  readonly version: number;
  /** How many entries the log has. */
  readonly size: number;
  /** RFC 9162's root over all entries. */
  readonly logRoot: Uint8Array;
  /** The root of the map that the entries make. */
  readonly mapRoot: Uint8Array;
  /** When it was signed, in milliseconds since 1970. */
  readonly at: number;
}
const headFields = {
  version: u8,
  size: count,
  logRoot: fixed(hashLength),
  mapRoot: fixed(hashLength),
  at: count,
} as const;
export const HeadTbs: Codec<HeadTbs> = struct<HeadTbs>(headFields);

/** A head as on the wire. */
export interface SignedHead extends HeadTbs {
  readonly signature: Uint8Array;
}
export const SignedHead: Codec<SignedHead> = struct<SignedHead>({ ...headFields, signature: opaque });

/** Hashes behind their number, which is at most 255. */
export const Hashes: Codec<readonly Uint8Array[]> = {
  write: (out, hashes) => {
    out.u8(hashes.length);
    for (const hash of hashes) out.raw(hash);
  },
  read: (input) => Array.from({ length: input.u8() }, () => input.take(hashLength)),
};

/** The value of bytes that anybody may have made. @throws TransparencyError "transparency-format" */
export function decoded<T>(codec: Codec<T>, bytes: Uint8Array): T {
  if (bytes.length > longest) throw new TransparencyError("transparency-format");
  try {
    return decodeCopy(codec, bytes);
  } catch (cause) {
    throw new TransparencyError("transparency-format", { cause });
  }
}
