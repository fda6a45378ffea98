/**
 * A new room: its group is made and stored here, and the service hears of it when it can be reached.
 */

import { Group } from "../../group/group.ts";
import { createRoomExtensions, type NewRoomOptions as NewRoomExtensions } from "../../rooms/create.ts";
import type { Participant } from "../../rooms/formats/participants.ts";
import { bytesOfUri, groupUri, hostOf, roomUri } from "../../rooms/uri.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { hex } from "../../bytes/text.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { announcementKey } from "../store/keys.ts";
import { failingAll } from "../outbox/ending.ts";
import { putIntent } from "../outbox/intents.ts";
import type { Surroundings } from "../surroundings.ts";
import { RoomCore } from "./core.ts";
import { newRoomState } from "./state.ts";

/** A new room. */
export interface NewRoomOptions {
  /** Users, with the policy's role for members, or with roles of their own. Their devices are added by themselves. */
  readonly participants?: readonly (string | Participant)[];
  readonly name?: string;
  /** A ready policy. Default: "cooperative". */
  readonly policy?: NonNullable<NewRoomExtensions["policy"]>;
  /** mimi://host/r/name. Default: a random name at this user's host. */
  readonly room?: string;
  /** What is otherwise than in the policy. */
  readonly more?: Pick<NewRoomExtensions, "base" | "data" | "metadata" | "parentRoom" | "externalSenders">;
}

/** The room as this device has it, with the wish to add everybody's devices. */
export async function createRoom(around: Surroundings, options: NewRoomOptions): Promise<RoomCore> {
  const { participants = [], name, policy, more = {} } = options;
  const room = options.room ?? roomUri(hostOf(around.user), hex(around.random(16)));
  const groupId = bytesOfUri(groupUri(room));
  const extensions = createRoomExtensions({
    rooms: around.appData,
    room,
    creator: around.user,
    participants,
    ...(policy !== undefined && { policy }),
    ...more,
    metadata: { ...more.metadata, ...(name !== undefined && { roomName: name }) },
  });
  const others = participants
    .map((one) => (typeof one === "string" ? one : one.user))
    .filter((user) => user !== around.user);
  const wishes = others.map((user, i) =>
    putIntent(room, BigInt(i + 1), {
      id: around.random(16),
      created: around.clock(),
      wish: { kind: "change", change: { kind: "add", user, role: undefined } },
      state: { kind: "waiting", lost: 0 },
    }),
  );
  const core = new RoomCore(around, room, {
    ...newRoomState(groupId, 0n),
    status: "creating",
    nextIntent: BigInt(others.length + 1),
    commitWrite: around.writeId(),
  });
  const group = await core.slot.step(
    () => Group.create({ ...core.groupOptions(), groupId, extensions, leaf: around.leaf }),
    () => core.beside({ state: {}, changes: wishes, flush: true }),
  );
  core.hold(group);
  return core;
}

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
