/**
 * An epoch of the vault: a period in which the same devices write. It is an epoch of the group that a user's devices form, and its root is
 * what that group's safe exporter gives for the vault (section 4.4 of draft-ietf-mls-extensions). So all devices agree on who is in, and one
 * that was revoked has no root of what comes after.
 *
 *     root ── record key of (device, room, range)
 *          ├─ edge key      what is before: the root of the epoch before, sealed for those who have this one
 *          ├─ head key      how far each device has written
 *          └─ names of chains and rooms, by which a store keeps records without learning whose they are
 */

import { hmac } from "#symmetric";
import { bytes as aBytes, is, options as optionsOf, uint64, type Takes } from "../../bytes/takes.ts";
import { Secret } from "../../bytes/secret.ts";
import { encode, opaque, struct, u64, type Codec } from "../../codec/codec.ts";
import { utf8 } from "../../bytes/text.ts";
import { hkdfExpand } from "../../crypto/hkdf.ts";

/** The bytes of a root. */
export const rootLength = 32;
/** Records of one range are sealed under one key: so many positions of a chain. */
const rangeLength = 256n;
/** The bytes of the name of a chain, and of a room's. */
export const nameLength = 16;

/** An epoch as a device has it. */
export interface VaultEpoch {
  /** The epoch of the devices' group. */
  readonly number: bigint;
  /** The group's epoch authenticator: two groups that have parted have two. RFC 9420 section 8.7 */
  readonly authenticator: Uint8Array;
  /** 32 bytes of the safe exporter. */
  readonly root: Secret<"vault_root">;
}

const isRoot = /* @__PURE__ */ is(
  "a Secret of 32 bytes",
  (value) => value instanceof Secret && value.length === rootLength,
);
/** A caller's epoch. */
export const anEpoch: Takes = /* @__PURE__ */ optionsOf(
  { number: uint64, authenticator: aBytes, root: isRoot },
  "number",
  "authenticator",
  "root",
);

interface Info {
  readonly label: Uint8Array;
  readonly epoch: bigint;
  readonly authenticator: Uint8Array;
  readonly context: Uint8Array;
}
const Info: Codec<Info> = struct<Info>({ label: opaque, epoch: u64, authenticator: opaque, context: opaque });

function derive(epoch: VaultEpoch, label: string, context: Uint8Array, length: number): Uint8Array {
  const { number, authenticator, root } = epoch;
  const info = encode(Info, { label: utf8(`copse vault ${label}`), epoch: number, authenticator, context });
  return root.use((prk) => hkdfExpand({ hmac }, "sha256", prk, info, length));
}

/** The names of an epoch that were derived: a store knows them, and every record asks for two. They go with the epoch. */
const namesOf = new WeakMap<VaultEpoch, Record<"chain" | "room", Map<string, Uint8Array>>>();
const mostNames = 1_024;

function nameOf(epoch: VaultEpoch, label: "chain" | "room", of: string): Uint8Array {
  let known = namesOf.get(epoch);
  if (known === undefined) namesOf.set(epoch, (known = { chain: new Map(), room: new Map() }));
  const names = known[label];
  let name = names.get(of);
  if (name === undefined) {
    name = derive(epoch, label, utf8(of), nameLength);
    if (names.size >= mostNames) names.clear();
    names.set(of, name);
  }
  return name.slice();
}

/** What a store knows a device's chain of this epoch by. */
export function chainOf(epoch: VaultEpoch, device: string): Uint8Array {
  return nameOf(epoch, "chain", device);
}

/** What a record of a room is known by in this epoch. */
export function roomTagOf(epoch: VaultEpoch, room: string): Uint8Array {
  return nameOf(epoch, "room", room);
}

/** Which key a record is sealed under. */
export interface KeyPlace {
  readonly chain: Uint8Array;
  readonly roomTag: Uint8Array;
  readonly position: bigint;
}
interface KeyContext {
  readonly chain: Uint8Array;
  readonly roomTag: Uint8Array;
  readonly range: bigint;
}
const KeyContext: Codec<KeyContext> = struct<KeyContext>({ chain: opaque, roomTag: opaque, range: u64 });

/** The range that a position is in. */
export function rangeOf(position: bigint): bigint {
  return position / rangeLength;
}

/** The key of a device's records of a room, for the range that a position is in: 32 bytes. */
export function recordKeyOf(epoch: VaultEpoch, { chain, roomTag, position }: KeyPlace): Uint8Array {
  return derive(epoch, "record", encode(KeyContext, { chain, roomTag, range: rangeOf(position) }), 32);
}

/** The key that seals what is before. */
export function edgeKeyOf(epoch: VaultEpoch): Uint8Array {
  return derive(epoch, "back edge", new Uint8Array(0), 32);
}

/** The key under which heads are authentic. */
export function headKeyOf(epoch: VaultEpoch): Uint8Array {
  return derive(epoch, "head", new Uint8Array(0), 32);
}
