/**
 * A record: one thing that is kept, sealed, at its place in the chain of the device that has written it.
 *
 * Its id is the SHA-256 hash of its bytes, and each record holds the id of the one before: so whoever knows the last id knows all. It is sealed
 * under a random nonce, so that a device whose store was turned back, and which writes at a place twice, gives nothing away.
 */

import { hash } from "#symmetric";
import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { bytesEqual, constantTimeEqual } from "../../bytes/compare.ts";
import { concat } from "../../bytes/concat.ts";
import { padme } from "../../bytes/padme.ts";
import { bytes as aBytes, hook, list, options as optionsOf, thing, uint64 } from "../../bytes/takes.ts";
import { hex } from "../../bytes/text.ts";
import { encode, fixed, opaque, struct, u64, u8, type Codec } from "../../codec/codec.ts";
import { Reader } from "../../codec/reader.ts";
import { Writer } from "../../codec/writer.ts";
import type { Random } from "../../crypto/provider.ts";
import { platformRandom, randomBytes } from "../../crypto/random.ts";
import { xchacha20Poly1305Open, xchacha20Poly1305Seal } from "../../crypto/symmetric-xchacha.ts";
import { decoded } from "../decoded.ts";
import { aName, anEntry, Entry, longestContent, type VaultEntry } from "../entry.ts";
import { VaultError } from "../errors.ts";
import {
  anEpoch,
  chainOf,
  nameLength,
  rangeOf,
  recordKeyOf,
  roomTagOf,
  type KeyPlace,
  type VaultEpoch,
} from "./epoch.ts";

/** The version of a record. */
const recordVersion = 1;
/** The bytes of an id. */
export const idLength = 32;
/** What a record is longer than its content at most: its head, the room's name, 12 % of padding. */
const longestRecord: number = longestContent + longestContent / 8 + 4_096;
const nonceLength = 24;
/** The bytes of a record's head. */
const headLength: number = 1 + 2 * nameLength + 8 + idLength + nonceLength;
/** Keys that are held while records are opened. */
const mostKeys = 1_024;
/** Short contents all look alike. */
const leastLength = 128;
/** In front of the first record. */
const noId: Uint8Array = new Uint8Array(idLength);

/** Where a chain ends: how many records it has, and the id of the last one. */
export interface ChainTip {
  readonly count: bigint;
  readonly last: Uint8Array;
}
/** Of a chain without records. */
export const emptyChain: ChainTip = /* @__PURE__ */ Object.freeze({ count: 0n, last: noId });

/** A record as a store keeps it. */
export interface SealedRecord {
  /** What the store knows the chain by. */
  readonly chain: Bytes;
  readonly position: bigint;
  readonly id: Bytes;
  readonly bytes: Bytes;
}

/** A record that was opened. */
export interface VaultRecord extends VaultEntry {
  readonly device: string;
  readonly epoch: bigint;
  readonly position: bigint;
  readonly id: Bytes;
}

/** What is in clear, and bound to what is not. */
interface RecordHead {
  readonly version: number;
  readonly chain: Uint8Array;
  readonly position: bigint;
  readonly roomTag: Uint8Array;
  readonly previous: Uint8Array;
  readonly nonce: Uint8Array;
}
const headFields = {
  version: u8,
  chain: fixed(nameLength),
  position: u64,
  roomTag: fixed(nameLength),
  previous: fixed(idLength),
  nonce: fixed(nonceLength),
} as const;
const RecordHead: Codec<RecordHead> = struct<RecordHead>(headFields);
interface WrittenRecord extends RecordHead {
  readonly sealed: Uint8Array;
}
const WrittenRecord: Codec<WrittenRecord> = struct<WrittenRecord>({ ...headFields, sealed: opaque });

/** Seal entries behind a chain's tip. Keep the new tip in the batch that keeps the records, before they are uploaded. */
export function sealRecords(options: {
  readonly account: Uint8Array;
  readonly epoch: VaultEpoch;
  readonly device: string;
  readonly tip: ChainTip;
  readonly entries: readonly VaultEntry[];
  readonly random?: Random;
}): { readonly records: readonly SealedRecord[]; readonly tip: ChainTip } {
  takes("sealRecords", options);
  const { account, epoch, device, entries, random = platformRandom } = options;
  const chain = asBytes(chainOf(epoch, device));
  const beside = besideOf(account, epoch);
  let { tip } = options;
  const keys = new Map<string, Uint8Array>();
  const keyOf = (room: string, of: KeyPlace): Uint8Array => {
    const name = `${String(rangeOf(of.position))} ${room}`;
    let key = keys.get(name);
    if (key === undefined) keys.set(name, (key = recordKeyOf(epoch, of)));
    return key;
  };
  const records = entries.map(({ room, at, content }): SealedRecord => {
    const roomTag = roomTagOf(epoch, room);
    const position = tip.count;
    const nonce = randomBytes(random, nonceLength);
    const head = encode(RecordHead, { version: recordVersion, chain, position, roomTag, previous: tip.last, nonce });
    const key = keyOf(room, { chain, roomTag, position });
    const sealed = xchacha20Poly1305Seal(key, nonce, concat(beside, head), padded({ room, at, content }));
    const bytes = concat(head, encode(opaque, sealed));
    const id = recordId(bytes);
    tip = { count: position + 1n, last: id };
    return { chain, position, id, bytes };
  });
  for (const key of keys.values()) key.fill(0);
  return { records, tip };
}

/** An entry, with zeros behind it: of its length nobody learns more than Padme leaves. */
function padded(entry: VaultEntry): Uint8Array {
  const out = new Writer();
  Entry.write(out, entry);
  out.zeros(Math.max(leastLength, padme(out.length)) - out.length);
  return out.finish();
}

const takes = /* @__PURE__ */ optionsOf(
  {
    account: aBytes,
    epoch: anEpoch,
    device: aName,
    tip: thing("a tip", { count: uint64, last: aBytes }, ["count", "last"]),
    entries: list(anEntry),
    random: hook,
  },
  "account",
  "epoch",
  "device",
  "tip",
  "entries",
);

/** What a record goes by: the hash of its bytes. */
function recordId(bytes: Uint8Array): Bytes {
  return asBytes(hash("sha256", bytes));
}

/** The position that stands in a record's bytes, behind its version and its chain: whoever gives them may have written any. */
export function positionIn(bytes: Uint8Array): bigint | undefined {
  if (bytes.length < headLength) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(1 + nameLength);
}

/** A place of a device's chain. */
export interface RecordPlace {
  readonly device: string;
  readonly position: bigint;
}

/** A record that was opened, and the id of the one before it. */
export interface OpenedRecord {
  readonly record: VaultRecord;
  readonly previous: Bytes;
}

/** What opens the records of an epoch, and derives each key once. Wipe it when they are open. */
export class RecordOpener {
  readonly #epoch: VaultEpoch;
  readonly #beside: Uint8Array;
  readonly #keys = new Map<string, Uint8Array>();

  constructor(account: Uint8Array, epoch: VaultEpoch) {
    this.#epoch = epoch;
    this.#beside = besideOf(account, epoch);
  }

  /**
   * The record at a place of a device's chain.
   *
   * @throws VaultError "vault-format", "vault-version"; "vault-open" where it is another place's, another account's or damaged.
   */
  open(bytes: Uint8Array, { device, position }: RecordPlace): OpenedRecord {
    const epoch = this.#epoch;
    if (bytes.length > longestRecord) throw new VaultError("vault-format");
    if (bytes[0] !== undefined && bytes[0] !== recordVersion) throw new VaultError("vault-version");
    const written = decoded(WrittenRecord, bytes, "vault-format");
    const { roomTag } = written;
    if (written.position !== position || !bytesEqual(written.chain, chainOf(epoch, device))) {
      throw new VaultError("vault-open");
    }
    const key = this.#keyOf(device, written); // a root that was wiped is no damage
    let padded: Uint8Array;
    try {
      const boundTo = concat(this.#beside, bytes.subarray(0, headLength));
      // Copies begin at whole words, where the cipher takes four bytes at a time.
      const [nonce, sealed] = [new Uint8Array(written.nonce), new Uint8Array(written.sealed)];
      padded = xchacha20Poly1305Open(key, nonce, boundTo, sealed);
    } catch {
      throw new VaultError("vault-open");
    }
    const { room, at, content } = readInside(padded);
    if (!constantTimeEqual(roomTagOf(epoch, room), roomTag)) throw new VaultError("vault-open");
    const record = { room, at, content, device, epoch: epoch.number, position, id: recordId(bytes) };
    return { record, previous: new Uint8Array(written.previous) };
  }

  wipe(): void {
    for (const key of this.#keys.values()) key.fill(0);
    this.#keys.clear();
  }

  #keyOf(device: string, of: KeyPlace): Uint8Array {
    const name = `${String(rangeOf(of.position))} ${hex(of.roomTag)} ${device}`;
    let key = this.#keys.get(name);
    if (key === undefined) {
      if (this.#keys.size >= mostKeys) this.wipe();
      this.#keys.set(name, (key = recordKeyOf(this.#epoch, of)));
    }
    return key;
  }
}

/** The record at a place of a device's chain. @throws VaultError as `RecordOpener.open`. */
export function openRecordAt(
  bytes: Uint8Array,
  { account, epoch, ...place }: RecordPlace & { readonly account: Uint8Array; readonly epoch: VaultEpoch },
): OpenedRecord {
  const opener = new RecordOpener(account, epoch);
  try {
    return opener.open(bytes, place);
  } finally {
    opener.wipe();
  }
}

/** @throws VaultError "vault-format": whoever has the key has written something else. */
function readInside(padded: Uint8Array): VaultEntry {
  const input = new Reader(padded);
  try {
    const entry = Entry.read(input);
    if (padded.subarray(input.offset).every((byte) => byte === 0)) return entry;
  } catch {
    // said below
  }
  throw new VaultError("vault-format");
}

/** What a record can't be taken away from, beside its head: its account and its epoch. */
function besideOf(account: Uint8Array, { number, authenticator }: VaultEpoch): Uint8Array {
  return encode(Beside, { account, epoch: number, authenticator });
}
interface Beside {
  readonly account: Uint8Array;
  readonly epoch: bigint;
  readonly authenticator: Uint8Array;
}
const Beside: Codec<Beside> = struct<Beside>({ account: opaque, epoch: u64, authenticator: opaque });
