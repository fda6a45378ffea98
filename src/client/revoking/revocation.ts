/**
 * A revocation as it is stored, before anybody hears of it: the new account key, who is put out, and the list as this device knew it.
 */

import type { Device } from "../../accounts/devices.ts";
import { readAccountKey, writeAccountKey, type AccountKey } from "../../accounts/keys.ts";
import { opaque, struct, u16, vector, type Codec } from "../../codec/codec.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { Store } from "../../storage/store.ts";
import { entryKind, flag, text, type EntryKind } from "../store/entry.ts";
import { revokingKey } from "../store/keys.ts";

/** A device that stays. */
export type Kept = Pick<Device, "uri" | "cipherSuite" | "signatureKey" | "suspended">;

export interface Revocation {
  readonly accountKey: AccountKey;
  /** The recovery key that comes with it, signed. */
  readonly recoveryKey: Uint8Array;
  /** Devices that the new list names, under these keys and no others, whatever lists come before it. */
  readonly keep: readonly Kept[];
  /** The URIs of those that are put out. */
  readonly gone: readonly string[];
}

interface StoredRevocation extends Omit<Revocation, "accountKey"> {
  readonly accountKey: Uint8Array;
}
const Kept: Codec<Kept> = struct<Kept>({ uri: text, cipherSuite: u16, signatureKey: opaque, suspended: flag });
const revocationEntry: EntryKind<StoredRevocation> = entryKind(
  struct<StoredRevocation>({
    accountKey: opaque,
    recoveryKey: opaque,
    keep: vector(Kept, "extensions"),
    gone: vector(text, "extensions"),
  }),
);

/** It is stored, on the disk, from now on. */
export async function storeRevocation(store: Store, revocation: Revocation): Promise<void> {
  const key = writeAccountKey(revocation.accountKey);
  const value = key.use((bytes) => revocationEntry.write({ ...revocation, accountKey: bytes }));
  key.wipe();
  await store.batch([{ put: revokingKey, value }], { flush: true });
  value.fill(0);
}

/** What is to be carried out, where there is anything. */
export async function readRevocation(store: Store): Promise<Revocation | undefined> {
  const stored = await store.get(revokingKey);
  if (stored === undefined) return undefined;
  const { accountKey, ...revocation } = revocationEntry.read(stored);
  return { ...revocation, accountKey: await readAccountKey(accountKey) };
}

/** It is over. */
export const forgetRevocation: StoreChange = { delete: revokingKey };
