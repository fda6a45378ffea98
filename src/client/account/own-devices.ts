/**
 * The user's own list of devices: publishing it and changing it.
 */

import type { DeviceChanges } from "../../accounts/devices.ts";
import { signDeviceList } from "../../accounts/statement.ts";
import { checkStatement } from "../../accounts/check-statement.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { Clock } from "../../bytes/clock.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { ClientError } from "../errors.ts";
import type { Account } from "./account.ts";
import type { AccountBook } from "./book.ts";

/** How often a list is made again because another device's was first. */
const mostTries = 5;

/** How often a list is signed again, in milliseconds. */
export const weekly: number = 7 * 24 * 60 * 60 * 1000;

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
 * Change the list, after whatever other devices have changed first, and as long as there is a reason.
 *
 * @throws AccountError of changes that can't be; ClientError "refused" where the service does not take it.
 */
export async function changeOwn(
  account: Account,
  book: AccountBook,
  connection: Connection,
  changes: DeviceChanges,
  clock: Clock,
  isDue: (view: AccountView) => boolean = () => true,
): Promise<AccountView> {
  const { user, accountKey, device, identity } = account;
  for (let tries = 0; tries < mostTries; tries++) {
    const view = await publishOwn(account, book, connection);
    if (!isDue(view)) return view;
    const statement = await signDeviceList({
      view,
      accountKey,
      maker: { uri: device, signer: identity.signer },
      changes,
      clock,
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
