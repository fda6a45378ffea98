/**
 * Telling the service of a room that was made here, when it can be reached.
 */

import type { Group } from "../../group/group.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { announcementKey } from "../store/keys.ts";
import { failingAll } from "../outbox/ending.ts";
import type { RoomCore } from "./core.ts";

/** Tell the service of the room. Said twice, it is answered as the first time. */
export async function announce(core: RoomCore, connection: Connection): Promise<void> {
  const group = await core.group();
  const groupInfo = await announcementOf(core, group);
  try {
    await connection.createRoom({
      id: core.state.commitWrite,
      room: core.id,
      groupInfo,
      ratchetTree: group.ratchetTree(),
    });
  } catch (error) {
    if (!(error instanceof DeliveryError) || error.code === "unreachable" || error.code === "rate") throw error;
    // Refused for good: nobody else has ever heard of it.
    const { changes, events } = await failingAll(core, "refused", error.code);
    await core.write({
      state: { status: "left" },
      changes: [...changes, ...(await core.slot.forgetting()), { delete: announcementKey(core.id) }],
      events: [...events, { kind: "left", room: core.id, by: core.around.device, asked: false }],
    });
    core.release();
    return;
  }
  await core.write({
    state: { status: "member" },
    changes: [{ delete: announcementKey(core.id) }],
    events: [{ kind: "joined", room: core.id }],
  });
}

/** A GroupInfo is another each time that it is signed: what the service was told once is told again. */
async function announcementOf(core: RoomCore, group: Group): Promise<Uint8Array> {
  const key = announcementKey(core.id);
  const stored = await core.around.store.get(key);
  if (stored !== undefined) return stored;
  const groupInfo = await group.groupInfo({ ratchetTree: false });
  await core.write({ changes: [{ put: key, value: groupInfo }], flush: true }); // else another would go under the same id
  return groupInfo;
}
