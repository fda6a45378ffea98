/**
 * Where a store keeps what a person without a device comes back by, beside the chains of records: the recovery key to which devices seal, and the
 * roots that each device has sealed to it. A store knows both by names of 16 bytes, as it knows chains.
 */

import { hash } from "#symmetric";
import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { utf8 } from "../../bytes/text.ts";
import { encode, opaque, struct, type Codec } from "../../codec/codec.ts";
import { nameLength } from "./epoch.ts";

interface Named {
  readonly label: Uint8Array;
  readonly account: Uint8Array;
  readonly key: Uint8Array;
  readonly device: Uint8Array;
}
const Named: Codec<Named> = struct<Named>({ label: opaque, account: opaque, key: opaque, device: opaque });

function nameOf(label: string, account: Uint8Array, key: Uint8Array, device: string): Bytes {
  const named: Named = { label: utf8(`copse vault ${label}`), account, key, device: utf8(device) };
  return asBytes(hash("sha256", encode(Named, named)).slice(0, nameLength));
}

/**
 * Where the recovery key stands that belongs to an account key, at place 0. Nobody can guess the name before the account key is known, so whoever is
 * revoked by it has put nothing there before.
 *
 * @param accountKey Its public half.
 */
export function recoveryKeyChain(account: Uint8Array, accountKey: Uint8Array): Bytes {
  return nameOf("recovery key", account, accountKey, "");
}

/** Where a device's roots stand that are sealed to a recovery key, by its public half. */
export function sealedRootsChain(account: Uint8Array, recoveryKey: Uint8Array, device: string): Bytes {
  return nameOf("sealed roots", account, recoveryKey, device);
}

/** A store keeps one thing a place, and an epoch may be sealed again: its group has parted, or the device did not hear that it is kept. */
const placesOfRoot = 256;

/** The place of an epoch's root in that chain: those of later epochs come later. */
export function sealedRootPlace(epoch: bigint, again: number): bigint {
  return BigInt.asUintN(64, epoch * BigInt(placesOfRoot) + BigInt(again));
}
