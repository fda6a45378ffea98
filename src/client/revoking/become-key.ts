/**
 * This device has the account's new key: from one batch on its leaves, its key packages and the room of its user's devices are of that key. The room
 * of the key before stays, for the devices that are still to be handed the new one.
 */

import type { AccountKey } from "../../accounts/keys.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { StoreChange } from "../../storage/store.ts";
import { accountLeaf, writeAccount, type Account } from "../account/account.ts";
import type { Devices } from "../account/devices.ts";
import { replacingKeyPackages } from "../healing/copies.ts";
import type { PeopleFetching } from "../people/fetching.ts";
import { missesRooms } from "../recovering/returning.ts";
import type { RoomCore } from "../room/core.ts";
import { selfRoomOf } from "../shared/self-room.ts";
import type { SelfRooms } from "../shared/self-rooms.ts";
import { formerSelfKey, ownAccountKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import { formerEntry, notHanded, type Handed } from "./former.ts";

/** What it needs of the client. */
export interface KeyParts {
  readonly around: Surroundings;
  readonly devices: Devices;
  readonly selfRooms: SelfRooms;
  readonly rooms: ReadonlyMap<string, { readonly core: RoomCore; readonly worker: { wakeToSend(): void } }>;
  readonly chores: { ask(): void };
  readonly people: PeopleFetching;
  add(core: RoomCore): unknown;
  /** What the user's devices share. */
  readonly sharing: { move(): void };
}

/**
 * Have the key from now on.
 *
 * @param of The key, and where this device has made it, the recovery key that comes with it.
 * @param view The list that it has signed, which names this device.
 * @param handed What was handed on in the room of the key before.
 */
export async function becomeKey(
  { around, devices, selfRooms, sharing }: Omit<KeyParts, "rooms" | "chores" | "people" | "add">,
  { accountKey, recoveryKey }: { readonly accountKey: AccountKey; readonly recoveryKey?: Uint8Array },
  view: AccountView,
  beside: readonly StoreChange[],
  handed: Handed = notHanded,
): Promise<void> {
  const { account } = devices;
  if (account === undefined) return;
  const next: Account = { ...account, accountKey: kept(accountKey), view, recoveryKey };
  const leaf = await accountLeaf(next, around.appData);
  const former = selfRooms.current;
  const changes: StoreChange[] = [
    ...beside,
    missesRooms(around),
    replacingKeyPackages,
    ...(former === undefined ? [] : [{ put: formerSelfKey(former), value: formerEntry.write(handed) }]),
  ];
  // What was made for the key before is not published any more; of what was, a Welcome may be on the way.
  for await (const { key } of around.store.range({ prefix: ["unpublished"] })) changes.push({ delete: key });
  const written = writeAccount(next);
  await written.use((value) => around.store.batch([...changes, { put: ownAccountKey, value }], { flush: true }));
  written.wipe();
  around.leaf = leaf;
  devices.become(next);
  if (former !== undefined) selfRooms.former.add(former);
  selfRooms.current = selfRoomOf(around.user, next.accountKey);
  sharing.move();
  await around.book?.keep(view);
}

/** A copy, which outlives the one that was read. */
function kept({ suite, certificate, privateKey }: AccountKey): AccountKey {
  return { suite, certificate, privateKey: privateKey.copy() };
}
