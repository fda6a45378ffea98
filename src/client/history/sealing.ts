/**
 * Sealing roots for a person who has no device left: each device seals those that it has to the recovery key of the account key, whose secret no device
 * has. The key stands at the service, where the device that has seen the root sign it puts it; a service that has another one is not believed.
 */

import { utf8 } from "../../bytes/text.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { VaultError } from "../../vault/errors.ts";
import { recoveryKeyChain, sealedRootPlace, sealedRootsChain } from "../../vault/history/recovery-chain.ts";
import { checkedRecoveryKey, sealRoot } from "../../vault/history/recovery-key.ts";
import type { Account } from "../account/account.ts";
import { hasPassed } from "../passed.ts";
import type { RoomCore } from "../room/core.ts";
import { keptEpochs, putEpoch, vaultEpoch, type KeptEpoch } from "./epochs.ts";
import type { HistoryParts } from "./parts.ts";

/** How long a recovery key may be on its way to the service, in milliseconds. */
const keyPatience = 10 * 60_000;
/** Places that are tried for one root. */
const mostTries = 8;

/**
 * Seal what this device has not sealed yet. Gives when to come again, in milliseconds, where that key is not there yet.
 *
 * @throws VaultError "vault-recovery-key" where the service has none, or one that the account's root has not signed with this account key;
 * "vault-fork" where it has something else in the place of one that this device has; DeliveryError
 */
export async function sealRoots(
  parts: HistoryParts,
  core: RoomCore,
  connection: Connection,
): Promise<number | undefined> {
  const { store, clock } = parts.around();
  const account = parts.account();
  if (account === undefined) return undefined;
  const due = (await keptEpochs(store)).filter(({ isSealed }) => !isSealed);
  const newest = due.at(-1);
  if (newest === undefined) return undefined;
  const { key, isElsewhere } = await keyOf(account, connection);
  if (key === undefined) {
    const now = clock();
    if (!hasPassed(keyPatience, newest.since, now)) return newest.since + keyPatience - now;
    throw new VaultError("vault-recovery-key");
  }
  for (const kept of due) await sealOne({ parts, core, connection, account, key }, kept);
  if (isElsewhere) throw new VaultError("vault-fork");
  return undefined;
}

/** The recovery key that comes with the account key, and whether the service has something else in its place. */
async function keyOf(
  { user, accountKey: { certificate }, recoveryKey }: Account,
  connection: Connection,
): Promise<{ readonly key: Uint8Array | undefined; readonly isElsewhere: boolean }> {
  const chain = recoveryKeyChain(utf8(user), certificate.accountKey);
  if (recoveryKey === undefined) {
    const [key] = await connection.history({ chain, below: 1n, limit: 1 });
    return { key, isElsewhere: false };
  }
  const answer = await connection.putHistory({ chain, position: 0n, records: [recoveryKey] });
  return { key: recoveryKey, isElsewhere: answer === "fork" };
}

async function sealOne(
  to: {
    readonly parts: HistoryParts;
    readonly core: RoomCore;
    readonly connection: Connection;
    readonly account: Account;
    readonly key: Uint8Array;
  },
  kept: KeptEpoch,
): Promise<void> {
  const { parts, core, connection, account, key: recoveryKey } = to;
  const { store, random, device, user } = parts.around();
  const { suite, certificate } = account.accountKey;
  const { rootKey, number: least } = certificate;
  const signed = { suite, rootKey, account: utf8(user), recoveryKey, least };
  const { number, publicKey } = await checkedRecoveryKey(signed);
  if (number !== least) throw new VaultError("vault-recovery-key"); // nobody would look for it there
  const epoch = vaultEpoch(kept);
  const sealed = await sealRoot({ ...signed, epoch, random }).finally(() => {
    epoch.root.wipe();
  });
  const chain = sealedRootsChain(utf8(user), publicKey, device);
  for (let again = 0; ; again++) {
    // What stands there was sealed before the process died, or before the service took the epoch back.
    if (again === mostTries) throw new VaultError("vault-fork");
    const position = sealedRootPlace(kept.number, again);
    if ((await connection.putHistory({ chain, position, records: [sealed] })) === "kept") break;
  }
  await core.turn(async () => {
    const now = (await keptEpochs(store)).find(({ number }) => number === kept.number);
    if (now === undefined || !bytesEqual(now.authenticator, kept.authenticator)) return;
    await core.write({ changes: [putEpoch({ ...now, isSealed: true })] });
  });
}
