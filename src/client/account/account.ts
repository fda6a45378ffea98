/**
 * This device's part of an account: its own key, the account key that it shares with the user's other devices, and the list that it is on.
 * All of it is a secret of the store that it is kept in.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { nothing } from "../../bytes/nothing.ts";
import { Secret } from "../../bytes/secret.ts";
import { opaque, struct, u16 } from "../../codec/codec.ts";
import { attestationFor } from "../../accounts/attestation.ts";
import { checkStatement } from "../../accounts/check-statement.ts";
import { accountComponentId } from "../../accounts/component.ts";
import { readAccountKey, writeAccountKey, type AccountKey } from "../../accounts/keys.ts";
import type { AccountView } from "../../accounts/view.ts";
import { cipherSuite } from "../../crypto/choose.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { basic, createIdentity, type LocalIdentity } from "../../public-group/identity.ts";
import type { LeafOptions } from "../../public-group/leaf.ts";
import type { RoomAppData } from "../../rooms/components.ts";
import type { Store } from "../../storage/store.ts";
import { entryKind, text, type EntryKind } from "../store/entry.ts";
import { ownAccountKey } from "../store/keys.ts";

/** A device of an account, as it is kept. */
export interface Account {
  /** mimi://host/u/user */
  readonly user: string;
  /** mimi://host/d/user/device */
  readonly device: string;
  readonly identity: LocalIdentity;
  readonly accountKey: AccountKey;
  /** The user's list of devices, as this device knows it. */
  readonly view: AccountView;
  /** The recovery key of the encrypted history that the root has signed with this account key: on the device that has seen the root do it. */
  readonly recoveryKey?: Uint8Array | undefined;
}

/** What a leaf of the device carries: that it is the account's. */
export async function accountLeaf(
  { accountKey, view, identity }: Account,
  { appData }: RoomAppData,
): Promise<LeafOptions> {
  const attestation = await attestationFor({ accountKey, view, identity });
  return { extensions: [appData.dictionary({ [accountComponentId]: attestation })] };
}

interface StoredAccount {
  readonly user: string;
  readonly device: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  readonly accountKey: Uint8Array;
  readonly statement: Uint8Array;
  /** Empty where there is none. */
  readonly recoveryKey: Uint8Array;
}
const storedAccount: EntryKind<StoredAccount> = entryKind(
  struct<StoredAccount>({
    user: text,
    device: text,
    cipherSuite: u16,
    signatureKey: opaque,
    accountKey: opaque,
    statement: opaque,
    recoveryKey: opaque,
  }),
);

/** An account as it is stored. */
export function writeAccount({
  user,
  device,
  identity,
  accountKey,
  view,
  recoveryKey = nothing,
}: Account): Secret<"account"> {
  const written = writeAccountKey(accountKey).use((key) =>
    identity.privateKey.use((signatureKey) =>
      storedAccount.write({
        user,
        device,
        cipherSuite: identity.suite.id,
        signatureKey,
        accountKey: key,
        statement: view.statement,
        recoveryKey,
      }),
    ),
  );
  return Secret.of("account", written);
}

/** The account is in the store, on the disk, from now on. */
export async function storeAccount(store: Store, account: Account): Promise<void> {
  const written = writeAccount(account);
  try {
    await written.use((value) => store.batch([{ put: ownAccountKey, value }], { flush: true }));
  } finally {
    written.wipe();
  }
}

/**
 * @param given The suite of the device's own key, of a provider of the caller's. Default: the platform's
 * @throws ClientError "client-damaged", "client-version"; AccountError of keys that are none
 */
export async function readAccount(written: Uint8Array, given?: CipherSuite): Promise<Account> {
  const {
    user,
    device,
    cipherSuite: id,
    signatureKey,
    accountKey,
    statement,
    recoveryKey,
  } = storedAccount.read(written);
  const suite = given?.id === id ? given : cipherSuite(id);
  const identity = await createIdentity({ suite, credential: basic(device), privateKey: copyBytes(signatureKey) });
  const key = await readAccountKey(accountKey);
  return {
    user,
    device,
    identity,
    accountKey: key,
    view: await checkStatement(undefined, statement, { begin: "anywhere" }),
    recoveryKey: recoveryKey.length === 0 ? undefined : copyBytes(recoveryKey),
  };
}
