/**
 * A device that others have put on the list asks them, once, to bring it into the rooms; and what becomes of it when they hear that.
 */

import { nothing } from "../../bytes/nothing.ts";
import type { Device } from "../../accounts/devices.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { StoreChange } from "../../storage/store.ts";
import { timeEntry } from "../store/entry.ts";
import { askedKey, bringKey, idleKey, linkingKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";

/** Under which a device asks. */
export const bringTopic = "bring";

/** Ask the others of these devices. */
export async function askToBring(
  connection: Connection,
  { user, device, random, store, clock }: Surroundings,
  devices: readonly Device[],
): Promise<void> {
  const others = devices.filter(({ uri, suspended }) => uri !== device && !suspended);
  if (others.length > 0) await connection.send({ id: random(16), to: user, topic: bringTopic, bytes: nothing });
  await store.batch([{ put: askedKey, value: timeEntry.write(clock()) }]);
}

/** Another device of this user has asked. */
export async function askedBy(device: string, { store, clock }: Surroundings): Promise<readonly StoreChange[]> {
  const isAsked = (await store.get(bringKey)) !== undefined;
  const linked = linkingKey(device);
  const isLinked = (await store.get(linked)) !== undefined; // it has the account, since it asks
  return [
    { delete: idleKey(device) },
    ...(isLinked ? [{ delete: linked }] : []),
    ...(isAsked ? [] : [{ put: bringKey, value: timeEntry.write(clock()) }]),
  ];
}
