/**
 * The user's list, signed again every week without changes: so that a contact whose last list is older than two weeks knows that a newer
 * one may be withheld, and with it that a device was taken off.
 */

import { AccountError } from "../../accounts/errors.ts";
import { staleAfter, type AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { isAway, isDeliveryFailure } from "../away.ts";
import { ClientError } from "../errors.ts";
import { hasPassed } from "../passed.ts";
import { timeEntry } from "../store/entry.ts";
import { signedKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Account } from "./account.ts";
import { changeOwn, weekly } from "./own-devices.ts";
import { positionOf } from "./turns.ts";

/** How long each device leaves it to those before it, in milliseconds. */
const turn = 60 * 60 * 1000;
/** How long a device leaves it alone after it has tried, in milliseconds: two whose clocks are apart would sign in turn for ever. */
const pause = 24 * 60 * 60 * 1000;

/** Sign the list, where it is this device's turn. What the service does not take is tried again the day after. */
export async function signAgain(account: Account, connection: Connection, around: Surroundings): Promise<void> {
  const { book, clock, store, device } = around;
  const now = clock();
  const tried = await store.get(signedKey);
  if (book === undefined || (tried !== undefined && !hasPassed(pause, timeEntry.read(tried), now))) return;
  const isDue = (view: AccountView): boolean => {
    const position = positionOf(view, device);
    if (position === undefined || account.accountKey.certificate.number !== view.keyNumber) return false;
    return now - view.at >= weekly + position * turn || view.at - now > staleAfter;
  };
  const view = await book.viewOf(account.user);
  if (view === undefined || !isDue(view)) return;
  try {
    await changeOwn(account, book, connection, {}, clock, isDue);
  } catch (error) {
    const isRefused = error instanceof ClientError || error instanceof AccountError || isDeliveryFailure(error);
    if (!isRefused || isAway(error)) throw error;
  }
  await store.batch([{ put: signedKey, value: timeEntry.write(now) }]);
}
