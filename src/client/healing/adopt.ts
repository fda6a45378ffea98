/**
 * Rooms that a healed device is in without knowing: it came into them after the backup was made that it lives on. It joins them anew
 * in place of the leaf that its old key has there, and no others: a service can't make it join what it was never in.
 */

import { bytesOfUri, groupUri } from "../../rooms/uri.ts";
import { RoomCore } from "../room/core.ts";
import { newRoomState } from "../room/state.ts";
import type { Surroundings } from "../surroundings.ts";

/** A room with news, where this device was in it under an old key and is in it again. */
export async function adopt(around: Surroundings, room: string, known?: RoomCore): Promise<RoomCore | undefined> {
  if (!around.copies.hasHealed || (known !== undefined && known.state.status !== "left")) return undefined;
  const { rejoin } = await import("../room/rejoin.ts");
  const core =
    known ?? new RoomCore(around, room, { ...newRoomState(bytesOfUri(groupUri(room)), 0n), status: "behind" });
  return core.turn(async () => ((await rejoin(core, { onlyInPlace: true })) ? core : undefined));
}
