/**
 * The room of a user's own devices. All of them know its name, which comes from the account key, and nobody else does: so none waits for
 * another to come into it. It is in no list of rooms, and has no events. Whatever another user's leaf says there is passed over.
 */

import { concat } from "../../bytes/concat.ts";
import { hex, utf8 } from "../../bytes/text.ts";
import type { AccountKey } from "../../accounts/keys.ts";
import { hostOf, roomUri } from "../../rooms/uri.ts";
import type { RoomCore } from "../room/core.ts";

/** The URI of the room of the devices that have this account key. */
export function selfRoomOf(user: string, { suite, privateKey }: AccountKey): string {
  const name = privateKey.use((key) => suite.hash(concat(utf8("copse 1.0 self room"), key)));
  return roomUri(hostOf(user), hex(name.subarray(0, 16)));
}

/** Whether this device is in it, and nobody but this user takes part. */
export async function isOurs(core: RoomCore | undefined): Promise<boolean> {
  if (core?.state.status !== "member") return false;
  await core.group();
  return Array.from(core.rules.participants).every(({ user }) => user === core.around.user);
}
