/**
 * The user's own list of devices: publishing it, changing it, and bringing every room in line with it. What is on the list is in each
 * room of the user; what is taken off is put out of all of them.
 */

import type { DeviceChanges } from "../../accounts/devices.ts";
import { signDeviceList } from "../../accounts/statement.ts";
import { checkStatement } from "../../accounts/check-statement.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { u64 } from "../../codec/codec.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { entryKind, type EntryKind } from "../store/entry.ts";
import { broughtKey } from "../store/keys.ts";
import { ClientError } from "../errors.ts";
import type { Account } from "./account.ts";
import type { AccountBook } from "./book.ts";

/** How often a list is made again because another device's was first. */
const mostTries = 5;

/** The service has the list that this device knows, or this device the service's. */
export async function publishOwn(account: Account, book: AccountBook, connection: Connection): Promise<AccountView> {
  const known = (await book.viewOf(account.user)) ?? account.view;
  await book.keep(known);
  const [latest] = await connection.statements({ user: account.user, from: known.number });
  if (latest === undefined) {
    await connection.publishStatement({ user: account.user, number: known.number, statement: known.statement });
  }
  return (await book.refresh(connection, account.user)) ?? known;
}

/**
 * Change the list, after whatever other devices have changed first.
 *
 * @throws AccountError of changes that can't be; ClientError "refused" where the service does not take it.
 */
export async function changeOwn(
  account: Account,
  book: AccountBook,
  connection: Connection,
  changes: DeviceChanges,
): Promise<AccountView> {
  const { user, accountKey, device, identity } = account;
  for (let tries = 0; tries < mostTries; tries++) {
    const view = await publishOwn(account, book, connection);
    const statement = await signDeviceList({
      view,
      accountKey,
      maker: { uri: device, signer: identity.signer },
      changes,
    });
    const next = await checkStatement(view, statement);
    const answer = await connection.publishStatement({ user, number: next.number, statement });
    if (answer === "accepted") {
      await book.keep(next);
      return next;
    }
    if (answer === "invalid") break;
  }
  throw new ClientError("refused");
}

const broughtEntry: EntryKind<bigint> = entryKind(u64);

/** The number of the list that all rooms were brought in line with; -1 for none. */
export async function broughtThrough(store: Store): Promise<bigint> {
  const stored = await store.get(broughtKey);
  return stored === undefined ? -1n : broughtEntry.read(stored);
}

/** All rooms were brought in line with the list of this number. */
export function brought(number: bigint): StoreChange {
  return { put: broughtKey, value: broughtEntry.write(number) };
}
