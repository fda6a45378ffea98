/**
 * Linking this device to an account that other devices have.
 */

import type { Account } from "../account/account.ts";
import { linkDeviceTakes, type LinkDeviceOptions } from "./options.ts";

/**
 * Get into an account with this device: an existing one is given the offer, both show six digits, and the person compares them. The
 * account is in the store when the promise is fulfilled, and the device on the user's list; its rooms follow when the client is opened.
 *
 *     await linkDevice({ user, store, delivery, onOffer: showQrCode, compare: askPerson, signal });
 *     const client = await Client.open({ store, delivery });
 *
 * @throws ClientError "client-account" where the store has an account; AccountError "link-code" where the person has seen other digits,
 * "link-mismatch", "link-expired", "link-ended"; DeliveryError; the reason of the signal. Nothing is stored then.
 */
export async function linkDevice(options: LinkDeviceOptions): Promise<Account> {
  linkDeviceTakes("linkDevice", options);
  const { linkNewDevice } = await import("./engine.ts");
  return linkNewDevice(options);
}
