/**
 * The encrypted history of a person who has no device left: the roots that devices have sealed to the account's recovery keys are opened by the seed, and
 * stand in the new device's store as epochs of its own, which the next epoch's edge leads to. docs/vault.md
 */

import { attemptLong } from "../../bytes/attempt.ts";
import { hex, utf8 } from "../../bytes/text.ts";
import type { RecoverySeed } from "../../accounts/recovery-code.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { VaultError } from "../../vault/errors.ts";
import { openEdge } from "../../vault/history/edge.ts";
import { chainOf, type VaultEpoch } from "../../vault/history/epoch.ts";
import type { DeviceTip } from "../../vault/history/head.ts";
import { openRecordAt, positionIn } from "../../vault/history/record.ts";
import { sealedRootsChain } from "../../vault/history/recovery-chain.ts";
import { deriveRecoveryKey, openRoot } from "../../vault/history/recovery-key.ts";
import { putEpoch } from "../history/epochs.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { RecoveredAccount } from "./options.ts";

/** Sealed roots that are looked at of one device and recovery key, the newest first. */
const sealedOfDevice = 16;
/** Devices whose sealed roots are looked for, those of the newest account keys first. */
const mostDevices = 256;
/** Edges that are followed. */
const mostEdges = 4_096;
/** Records that are looked at where the newest of a chain do not open. */
const recordsOfChain = 16;
/** Devices that an epoch has. */
const devicesOfEpoch = 64;
const lastPlace = 2n ** 64n - 1n;

interface From {
  readonly connection: Connection;
  readonly user: string;
  readonly suite: CipherSuite;
  readonly seed: RecoverySeed;
  /** The devices that were on lists of each account key, by its number. */
  readonly devices: ReadonlyMap<number, ReadonlySet<string>>;
}

/** What the store of the new device is to have. @throws DeliveryError */
export async function recoverHistory(
  from: From,
): Promise<{ readonly history: RecoveredAccount["history"]; readonly changes: readonly StoreChange[] }> {
  const { epochs, damaged } = await sealedEpochs(from);
  try {
    const changes: StoreChange[] = [];
    for (const epoch of await withoutJoined(from, epochs)) {
      const tips = await tipsIn(from, epoch);
      const { number, authenticator, root } = epoch;
      const kept = { number, authenticator, isFirst: false, since: 0, isForked: false, isSealed: false, tips };
      changes.push(root.use((bytes) => putEpoch({ ...kept, root: bytes })));
    }
    return { history: changes.length > 0 ? "found" : damaged ? "damaged" : "none", changes };
  } finally {
    for (const { root } of epochs) root.wipe();
  }
}

/** The epochs that devices have sealed, the newest first. */
async function sealedEpochs({
  connection,
  user,
  suite,
  seed,
  devices,
}: From): Promise<{ readonly epochs: readonly VaultEpoch[]; readonly damaged: boolean }> {
  const account = utf8(user);
  const found = new Map<string, VaultEpoch>();
  let damaged = false;
  let left = mostDevices;
  for (const number of [...devices.keys()].sort((a, b) => b - a)) {
    const key = await deriveRecoveryKey({ suite, seed, number });
    try {
      for (const device of devices.get(number) ?? []) {
        if (left-- <= 0) break;
        const chain = sealedRootsChain(account, key.publicKey, device);
        for (const sealed of await connection.history({ chain, below: lastPlace, limit: sealedOfDevice })) {
          const epoch = await orUndefined(() => openRoot({ suite, account, key, sealed }));
          damaged ||= epoch === undefined;
          if (epoch === undefined) continue;
          const name = `${String(epoch.number)} ${hex(epoch.authenticator)}`;
          if (found.has(name)) epoch.root.wipe();
          else found.set(name, epoch);
        }
      }
    } finally {
      key.privateKey.wipe();
    }
  }
  const epochs = [...found.values()].sort((a, b) => (a.number < b.number ? 1 : a.number > b.number ? -1 : 0));
  return { epochs, damaged };
}

/** Those to which no edge of a later one leads. */
async function withoutJoined({ connection, user }: From, epochs: readonly VaultEpoch[]): Promise<VaultEpoch[]> {
  const account = utf8(user);
  const last = epochs.at(-1)?.number ?? 0n;
  const apart: VaultEpoch[] = [];
  let reached: bigint | undefined;
  let left = mostEdges;
  for (const epoch of epochs) {
    if (reached !== undefined && epoch.number >= reached) continue;
    apart.push(epoch);
    reached = epoch.number;
    for (let at = epoch; at.number > last && left > 0; left--) {
      const { edge } = await connection.historyEdge({ epoch: at.number });
      const before = edge && (await orUndefined(() => openEdge(account, at, edge)?.epoch));
      if (at !== epoch) at.root.wipe();
      if (before === undefined) break;
      reached = before.number;
      at = before;
      if (at.number <= last) at.root.wipe();
    }
  }
  return apart;
}

/** How far each device has written in an epoch, as the service says: its last records, which open. */
async function tipsIn({ connection, user, devices }: From, epoch: VaultEpoch): Promise<readonly DeviceTip[]> {
  const account = utf8(user);
  const tips: DeviceTip[] = [];
  const writers = devices.get(Number(epoch.number >> 32n)) ?? new Set<string>();
  for (const device of [...writers].slice(-devicesOfEpoch)) {
    const chain = chainOf(epoch, device);
    for (const bytes of await connection.history({ chain, below: lastPlace, limit: recordsOfChain })) {
      const position = positionIn(bytes);
      if (position === undefined) continue;
      const opened = await orUndefined(() => openRecordAt(bytes, { account, epoch, device, position }));
      if (opened === undefined) continue;
      tips.push({ device, count: position + 1n, last: opened.record.id });
      break;
    }
  }
  return tips;
}

/** Undefined for what somebody else has written. */
function orUndefined<T>(open: () => T | Promise<T>): Promise<T | undefined> {
  return attemptLong(VaultError, open);
}
