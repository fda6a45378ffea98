/**
 * A new room: its group is made and stored here.
 */

import { Group } from "../../group/group.ts";
import { createRoomExtensions, type NewRoomOptions as NewRoomExtensions } from "../../rooms/create.ts";
import type { Participant } from "../../rooms/formats/participants.ts";
import { readyPolicies } from "../../rooms/policies/ready.ts";
import { bytesOfUri, groupUri, hostOf, roomUri } from "../../rooms/uri.ts";
import { hex } from "../../bytes/text.ts";
import { asking } from "../outbox/asking.ts";
import type { RoomChange, Wish } from "../outbox/intent.ts";
import { frankingAgentFor } from "../reports/agent.ts";
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
  readonly more?: Pick<
    NewRoomExtensions,
    "base" | "data" | "metadata" | "parentRoom" | "externalSenders" | "requiredComponents" | "otherData"
  >;
}

/**
 * The room as this device has it, with the wish to add everybody's devices, this user's others among them.
 *
 * @param isFranked Whether its messages can be reported, where the service offers that. Default true.
 */
export async function createRoom(
  around: Surroundings,
  options: NewRoomOptions,
  { isFranked = true }: { readonly isFranked?: boolean } = {},
): Promise<RoomCore> {
  const { participants = [], name, policy, more = {} } = options;
  const room = options.room ?? roomUri(hostOf(around.user), hex(around.random(16)));
  const groupId = bytesOfUri(groupUri(room));
  const agent = isFranked ? await frankingAgentFor(around, room) : undefined;
  const extensions = createRoomExtensions({
    rooms: around.appData,
    room,
    creator: around.user,
    participants,
    ...(policy !== undefined && { policy }),
    ...more,
    data: { ...(agent !== undefined && { franking_agent: agent }), ...more.data },
    metadata: { ...more.metadata, ...(name !== undefined && { roomName: name }) },
  });
  const others = participants
    .map((one) => (typeof one === "string" ? one : one.user))
    .filter((user) => user !== around.user);
  const core = new RoomCore(around, room, {
    ...newRoomState(groupId, 0n, around.firstPlace),
    status: "creating",
    commitWrite: around.writeId(),
  });
  const { multiDevice = true } = { ...readyPolicies[policy ?? "cooperative"].base, ...more.base };
  const { state, changes } = asking(
    core,
    ...(multiDevice ? await otherDevices(around) : []).map((device) => wish({ kind: "add-device", device })),
    ...others.map((user) => wish({ kind: "add", user, role: undefined })),
  );
  const group = await core.slot.step(
    () => Group.create({ ...core.groupOptions(), groupId, extensions, leaf: around.leaf }),
    () => core.beside({ state, changes, flush: true }),
  );
  core.hold(group);
  return core;
}

function wish(change: RoomChange): Wish {
  return { kind: "change", change };
}

/** This user's other devices, as the list names them. */
async function otherDevices({ book, user, device }: Surroundings): Promise<readonly string[]> {
  const view = await book?.viewOf(user);
  return (view?.devices ?? []).filter(({ uri, suspended }) => uri !== device && !suspended).map(({ uri }) => uri);
}
