/**
 * Rooms that a healed device is in without knowing: it came into them after the backup was made that it lives on. It joins them anew
 * in place of the leaf that its old key has there, and no others: a service can't make it join what it was never in.
 */

import { bytesOfUri, groupUri } from "../../rooms/uri.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { PeopleFetching } from "../people/fetching.ts";
import { RoomCore } from "../room/core.ts";
import { newRoomState } from "../room/state.ts";
import type { Surroundings } from "../surroundings.ts";

/**
 * A room with news, where this device was in it under an old key and is in it again; or, of a device that has the account by the recovery code,
 * one of the user's.
 */
export async function adopt(
  around: Surroundings,
  connection: Connection,
  room: string,
  {
    known,
    people,
    add,
  }: {
    readonly known: RoomCore | undefined;
    readonly people: PeopleFetching;
    /** The room is among the client's from then on. */
    readonly add: (core: RoomCore) => void;
  },
): Promise<RoomCore | undefined> {
  if (known === undefined && around.isRecovered) {
    const { comeBack } = await import("../recovering/returning.ts");
    return comeBack(around, connection, room, { mayBe: (members) => people.mayBe(members, room), add });
  }
  if (!around.copies.hasHealed || (known !== undefined && known.state.status !== "left")) return undefined;
  const { rejoin } = await import("../room/rejoin.ts");
  const core =
    known ??
    new RoomCore(around, room, {
      ...newRoomState(bytesOfUri(groupUri(room)), 0n, around.firstPlace),
      status: "behind",
    });
  return core.turn(async () => ((await rejoin(core, { onlyInPlace: true })) ? core : undefined));
}
