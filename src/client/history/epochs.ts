/**
 * The epochs of the room of the user's devices as epochs of the vault: their roots, each taken in the batch in which the group forgets it, and how
 * far each device has told that it has written.
 */

import { Secret } from "../../bytes/secret.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { fixed, opaque, struct, u64, vector, type Codec } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { rootLength, type VaultEpoch } from "../../vault/history/epoch.ts";
import { vaultRootOf } from "../../vault/history/group-epoch.ts";
import type { DeviceTip } from "../../vault/history/head.ts";
import { emptyChain, idLength, type ChainTip } from "../../vault/history/record.ts";
import { vaultComponentId } from "../../vault/history/recovery-key.ts";
import type { RoomCore } from "../room/core.ts";
import { entryKind, flag, integer, text, type EntryKind } from "../store/entry.ts";

/** An epoch whose root this device has. */
export interface KeptEpoch {
  readonly number: bigint;
  readonly authenticator: Uint8Array;
  readonly root: Uint8Array;
  /** Whether nothing can be before it: it is the first epoch of the first account key, and this device was alone in it. */
  readonly isFirst: boolean;
  /** When the root was taken, in milliseconds since 1970; 0: it came by the recovery key. */
  readonly since: number;
  /** Whether the service has another record at this device's next place: nothing more is written in this epoch. */
  readonly isForked: boolean;
  /** Whether this device has sealed the root to a recovery key. */
  readonly isSealed: boolean;
  readonly tips: readonly DeviceTip[];
}

const DeviceTip: Codec<DeviceTip> = struct<DeviceTip>({ device: text, count: u64, last: fixed(idLength) });
export const KeptEpoch: Codec<KeptEpoch> = struct<KeptEpoch>({
  number: u64,
  authenticator: opaque,
  root: fixed(rootLength),
  isFirst: flag,
  since: integer,
  isForked: flag,
  isSealed: flag,
  tips: vector(DeviceTip, "proposals"),
});
/** An epoch as it is stored. */
const keptEpoch: EntryKind<KeptEpoch> = entryKind(KeptEpoch);

/** Devices that are told of in an epoch at the most: a head holds no more. */
const mostTips = 64;

function epochKey(number: bigint): StoreKey {
  return ["history-epoch", number];
}

/** The epochs whose roots this device has, the oldest first. */
export async function keptEpochs(store: Store): Promise<readonly KeptEpoch[]> {
  const epochs: KeptEpoch[] = [];
  for await (const { value } of store.range({ prefix: ["history-epoch"], from: 0n }))
    epochs.push(keptEpoch.read(value));
  return epochs;
}

export function putEpoch(epoch: KeptEpoch): StoreChange {
  return { put: epochKey(epoch.number), value: keptEpoch.write(epoch) };
}

export function forgetEpoch({ number }: KeptEpoch): StoreChange {
  return { delete: epochKey(number) };
}

/** It as the vault has it. Wipe its root. */
export function vaultEpoch({ number, authenticator, root }: KeptEpoch): VaultEpoch {
  return { number, authenticator, root: Secret.of("vault_root", root.slice()) };
}

/** How far a device has told that it has written. */
export function tipOf({ tips }: KeptEpoch, device: string): ChainTip {
  return tips.find((tip) => tip.device === device) ?? emptyChain;
}

/** With a device's tip. Undefined where there are too many. */
export function withTip(epoch: KeptEpoch, tip: DeviceTip): KeptEpoch | undefined {
  const tips = [...epoch.tips.filter(({ device }) => device !== tip.device), tip];
  return tips.length > mostTips ? undefined : { ...epoch, tips };
}

/**
 * The number of an epoch: those of a later account key's room come behind all of an earlier one's.
 */
export function numberOf(keyNumber: number, epoch: bigint): bigint {
  return (BigInt(keyNumber) << 32n) + epoch;
}

/** The epoch that the room is in, where this device is in it and has its root. In the room's turn. */
export async function currentEpoch(core: RoomCore, keyNumber: number): Promise<KeptEpoch | undefined> {
  if (core.state.status !== "member") return undefined; // put out meanwhile: there is no group to ask
  const { epoch, epochAuthenticator } = await core.group();
  const stored = await core.around.store.get(epochKey(numberOf(keyNumber, epoch)));
  const kept = stored && keptEpoch.read(stored);
  return kept !== undefined && bytesEqual(kept.authenticator, epochAuthenticator) ? kept : undefined;
}

/**
 * Take the root of the epoch that the room is in, unless it was taken: in the batch in which the group forgets it. In the room's turn.
 *
 * @param replaced What is to be done where the service has taken back another epoch of this number.
 */
export async function takeRoot(
  core: RoomCore,
  keyNumber: number,
  replaced: (epoch: KeptEpoch) => Promise<readonly StoreChange[]>,
): Promise<void> {
  const { store, clock } = core.around;
  const group = await core.group();
  if ((await currentEpoch(core, keyNumber)) !== undefined) return;
  const number = numberOf(keyNumber, group.epoch);
  const epochs = await keptEpochs(store);
  const other = epochs.find((each) => each.number === number);
  const changes = other === undefined ? [] : await replaced(other);
  const isFirst = keyNumber === 1 && group.epoch === 0n && epochs.length === 0;
  try {
    const secret = await core.step(
      (of) => of.component(vaultComponentId).exportSecret(),
      (event) => {
        if (event.kind !== "exported") return {};
        const root = vaultRootOf(event.secret);
        const { epochAuthenticator: authenticator } = group;
        const kept = {
          number,
          authenticator,
          root,
          isFirst,
          since: clock(),
          isForked: false,
          isSealed: false,
          tips: [],
        };
        return { changes: [...changes, putEpoch(kept)], flush: true };
      },
    );
    secret.fill(0);
  } catch (error) {
    // The next epoch has one again.
    if (error instanceof CopseError && (error.code === "safe-export-used" || error.code === "safe-export-missing"))
      return;
    throw error;
  }
}
