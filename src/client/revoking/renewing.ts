/**
 * What follows from a new account key, as long as it is not done: this device has the key as soon as it was handed on and its list is known, its
 * leaves say so in every room, and the devices that are in the room of the key before are handed it there.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { handedKey } from "../store/keys.ts";
import { attestAll } from "./attesting.ts";
import { becomeKey, type KeyParts } from "./become-key.ts";
import { handOn } from "./hand-on.ts";
import { handedTo } from "./handed.ts";

/** Do what can be done now. */
export async function renewKeys(parts: KeyParts, connection: Connection): Promise<void> {
  await takeHanded(parts);
  const { devices, around } = parts;
  const { account } = devices;
  const view = await devices.view();
  if (account === undefined || view === undefined || !bytesEqual(accountKeyOf(account), view.accountKey)) return;
  const { device } = around;
  if (!view.devices.some(({ uri, suspended }) => uri === device && !suspended)) return;
  if (await attestAll(parts, account.accountKey, connection)) parts.chores.ask();
  await handOn(parts, account.accountKey, view, connection);
}

/** The key that was handed to this device is its own, where the list that names this device is of that key. */
async function takeHanded(parts: KeyParts): Promise<void> {
  const { around, devices, selfRooms, rooms } = parts;
  const view = await devices.view();
  const { account } = devices;
  if (view === undefined || account === undefined || bytesEqual(accountKeyOf(account), view.accountKey)) return;
  const key = await handedTo(around);
  if (key === undefined) return;
  const isListed = view.devices.some(({ uri, suspended, signatureKey }) => {
    return uri === around.device && !suspended && bytesEqual(signatureKey, account.identity.signatureKey);
  });
  if (isListed && bytesEqual(key.certificate.accountKey, view.accountKey)) {
    const room = rooms.get(selfRooms.current ?? "");
    // All who were there have heard it with this device.
    const handed = { keyNumber: view.keyNumber, since: room?.core.state.since ?? 0n };
    await becomeKey(parts, { accountKey: key }, view, [{ delete: handedKey }], handed);
  }
  key.privateKey.wipe();
}

function accountKeyOf({
  accountKey,
}: {
  readonly accountKey: { readonly certificate: { readonly accountKey: Uint8Array } };
}): Uint8Array {
  return accountKey.certificate.accountKey;
}
