/**
 * Looking at what the service has of an epoch, beside what the user's devices have told.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { utf8 } from "../../bytes/text.ts";
import { VaultError } from "../../vault/errors.ts";
import { chainOf } from "../../vault/history/epoch.ts";
import { openRecordAt } from "../../vault/history/record.ts";
import type { HistoryStore } from "../../vault/history/store.ts";
import { vaultEpoch, type KeptEpoch } from "./epochs.ts";

/** @throws VaultError "vault-rollback" where the last record that a device has told of is not there; DeliveryError */
export async function lookAtTips(history: HistoryStore, kept: KeptEpoch, user: string): Promise<void> {
  const epoch = vaultEpoch(kept);
  try {
    for (const { device, count, last } of kept.tips) {
      const [bytes] = await history.read(chainOf(epoch, device), { below: count, limit: 1 });
      if (bytes === undefined) throw new VaultError("vault-rollback");
      try {
        const { record } = openRecordAt(bytes, { account: utf8(user), epoch, device, position: count - 1n });
        if (bytesEqual(record.id, last)) continue;
      } catch (error) {
        if (!(error instanceof VaultError)) throw error;
      }
      throw new VaultError("vault-rollback");
    }
  } finally {
    epoch.root.wipe();
  }
}
