/**
 * The rooms of a user's own devices: the one that the account key names, and those of account keys that are retired, in which the devices
 * that have not been there since are handed the new key, and nothing else is said.
 */

import type { AccountKey } from "../../accounts/keys.ts";
import type { Store } from "../../storage/store.ts";
import { selfRoomOf } from "./self-room.ts";

export class SelfRooms {
  /** Undefined for accounts of the application's own. */
  current: string | undefined;
  readonly former: Set<string> = new Set();

  /** The rooms of a device that has this account key, and had others before, as its store says. */
  static async open(
    store: Store,
    own: { readonly user: string; readonly accountKey: AccountKey } | undefined,
  ): Promise<SelfRooms> {
    const rooms = new SelfRooms();
    if (own === undefined) return rooms;
    rooms.current = selfRoomOf(own.user, own.accountKey);
    for await (const { key } of store.range({ prefix: ["former-self"] })) rooms.former.add(String(key[1]));
    return rooms;
  }

  /** Whether a room is one of them: nobody sees it. */
  has(room: string): boolean {
    return room === this.current || this.former.has(room);
  }
}
