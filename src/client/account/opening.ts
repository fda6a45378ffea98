/**
 * Who a client is: an account that was made or linked, the one that its store has, or whoever the application says.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { accountComponent } from "../../accounts/attestation.ts";
import { accountAuthentication } from "../../accounts/authentication.ts";
import { roomAppData, type RoomAppData } from "../../rooms/components.ts";
import { ClientError } from "../errors.ts";
import type { EventLog } from "../event-log.ts";
import { ownAccountKey, recoveredKey } from "../store/keys.ts";
import type { ClientAccount, ClientOptions } from "../options.ts";
import { accountLeaf, readAccount, storeAccount, type Account } from "./account.ts";
import { AccountBook } from "./book.ts";

/** Who a client is, and what it knows of others. */
export interface OpenedAccount {
  readonly account: ClientAccount;
  readonly appData: RoomAppData;
  /** Where users have accounts of copse. */
  readonly book: AccountBook | undefined;
  readonly own: Account | undefined;
  /** Whether it came by the recovery code. */
  readonly isRecovered: boolean;
}

/** @throws ClientError "account-missing", "client-account" */
export async function openAccount(options: ClientOptions, events: EventLog): Promise<OpenedAccount> {
  const { account: given, store, clock } = options;
  if (given !== undefined && !isAccount(given)) {
    return { account: given, appData: roomAppData(options.rooms), book: undefined, own: undefined, isRecovered: false };
  }
  const own = await ownAccount(options, given);
  const { components = [], ...appDataOptions } = options.rooms?.appData ?? {};
  const appData = roomAppData({
    ...options.rooms,
    appData: { ...appDataOptions, components: [...components, accountComponent] },
  });
  const book = new AccountBook(store, events);
  await book.keep(own.view);
  const latest = (await book.viewOf(own.user)) ?? own.view;
  // A device that was taken off the list, or has not been handed the new account key yet, still shows what it has, and says what it said.
  const isCurrent = bytesEqual(latest.accountKey, own.accountKey.certificate.accountKey);
  const view = isCurrent && latest.devices.some(({ uri }) => uri === own.device) ? latest : own.view;
  const authentication = accountAuthentication({
    accountOf: (user) => book.viewOf(user),
    ...(clock !== undefined && { clock }),
  });
  const isRecovered = (await options.store.get(recoveredKey)) !== undefined;
  const { device, identity } = own;
  const leaf = await accountLeaf({ ...own, view }, appData);
  return { account: { device, identity, authentication, leaf }, appData, book, own, isRecovered };
}

/** The store's account, which is this device's; where it has none, the one that is given, which is stored. */
async function ownAccount({ store }: ClientOptions, given: Account | undefined): Promise<Account> {
  const stored = await store.get(ownAccountKey);
  if (stored !== undefined) {
    const own = await readAccount(stored, given?.identity.suite);
    if (given !== undefined && given.device !== own.device) throw new ClientError("client-account");
    return own;
  }
  if (given === undefined) throw new ClientError("account-missing");
  await storeAccount(store, given);
  return given;
}

function isAccount(account: ClientAccount | Account): account is Account {
  return "accountKey" in account;
}
