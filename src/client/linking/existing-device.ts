/**
 * Linking, on a device that has the account: the new device goes on the list when the person has compared, and off it again where it
 * has not taken the account.
 */

import { utf8Decode } from "../../bytes/text.ts";
import { AccountError } from "../../accounts/errors.ts";
import { ExistingDeviceLink } from "../../accounts/linking/existing-device.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { DeviceChanges, NewDevice } from "../../accounts/devices.ts";
import type { Random } from "../../crypto/provider.ts";
import type { Clock } from "../../bytes/clock.ts";
import { isUri, userOfDevice } from "../../rooms/uri.ts";
import type { Account } from "../account/account.ts";
import { isAway } from "../away.ts";
import { goodbye, type Exchange } from "./exchange.ts";
import type { LinkOptions } from "./options.ts";

/** What the existing device's side stands on. */
export interface ExistingSide {
  readonly account: Account;
  readonly clock: Clock;
  readonly random: Random;
  /** An exchange with the device of this URI begins. @throws AccountError "link-ended" where there is one */
  readonly begin: (device: string) => Exchange;
  /** Send something to the new device. */
  readonly send: (exchange: Exchange, to: string, bytes: Uint8Array) => Promise<void>;
  /** The same, once, whatever comes of it. */
  readonly sendOnce: (to: string, bytes: Uint8Array) => Promise<void>;
  /** Change the user's list. */
  readonly change: (changes: DeviceChanges) => Promise<AccountView>;
  /** The device is on the list and may not have the account yet: remembered over a crash. */
  readonly mark: (device: string) => Promise<void>;
  readonly unmark: (device: string) => Promise<void>;
}

/** Let a device into the account. Gives its URI. */
export async function linkExisting(side: ExistingSide, offer: Uint8Array, options: LinkOptions): Promise<NewDevice> {
  const { account, clock, random, send, sendOnce } = side;
  const timeout = options.timeout === undefined ? {} : { timeout: options.timeout };
  const linking = await ExistingDeviceLink.answer({ offer, user: account.user, clock, random, ...timeout });
  const other = utf8Decode(linking.address) ?? "";
  if (!isUri(other, "device") || userOfDevice(other) !== account.user || other === account.device) {
    linking.reject();
    throw new AccountError("link-offer");
  }
  const exchange = side.begin(other);
  exchange.other = other;
  try {
    await send(exchange, other, linking.reply);
    const { code, device } = await exchange.next((bytes) => linking.receive(bytes));
    if (device.uri !== other) throw new AccountError("link-message");
    exchange.progress("compare");
    if (!(await exchange.asked(options.compare(code, device.uri)))) throw new AccountError("link-code");
    linking.confirm();
    exchange.progress("handing-over");
    await handOver(side, linking, exchange, device);
    exchange.progress("linked");
    return device;
  } catch (error) {
    linking.reject();
    await sendOnce(other, goodbye);
    throw error;
  } finally {
    exchange.close();
  }
}

/** The new list, and with it the account. Until the device says that it has it, it may be taken off again. */
async function handOver(
  { account: { accountKey }, send, change, mark, unmark }: ExistingSide,
  linking: ExistingDeviceLink,
  exchange: Exchange,
  device: NewDevice,
): Promise<void> {
  await mark(device.uri);
  let isListed = false;
  try {
    const { statement } = await change({ add: [device] });
    isListed = true;
    await send(exchange, device.uri, await linking.handOver({ accountKey, statement }));
    await exchange.next((bytes) => {
      linking.finish(bytes);
    });
  } catch (error) {
    // What the service has not answered may have happened: the mark stays, and the device is taken off later.
    const isOff = isListed ? await isDone(change({ remove: [device.uri] })) : !isAway(error);
    if (isOff) await unmark(device.uri);
    throw error;
  }
  await unmark(device.uri);
}

function isDone(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
