/**
 * Coming into a room from outside: by a link, or because the room lets everybody in. It is an external commit, which every member checks by the
 * room's policy as it checks all others. RFC 9420 section 12.4.3.2; draft-ietf-mimi-room-policy section 6.2
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { CopseError } from "../../errors.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { Connection, CurrentGroupInfo } from "../../delivery/delivery.ts";
import { Group, type ExternalJoin } from "../../group/group.ts";
import type { Member } from "../../public-group/events.ts";
import { readGroupInfo } from "../../public-group/unverified/group-info.ts";
import { joinAs } from "../../rooms/changes.ts";
import { RoomError } from "../../rooms/errors.ts";
import { bannedRole } from "../../rooms/formats/roles.ts";
import { Room } from "../../rooms/room.ts";
import { bytesOfUri, groupUri } from "../../rooms/uri.ts";
import { ClientError } from "../errors.ts";
import type { Surroundings } from "../surroundings.ts";
import { RoomCore } from "./core.ts";
import { readLink } from "./link.ts";
import { keptOf, newRoomState } from "./state.ts";

/** How a room is joined. */
export interface JoiningOptions {
  /** The room is among the client's from then on: called before anything is told of it. */
  readonly add?: (core: RoomCore) => void;
  /** Of one that nobody has asked for: whether this user must be among its participants already. Default false. */
  readonly onlyAsParticipant?: boolean;
  /** Whether a room of fixed membership is left alone: who has left one takes part in it still. Default false. */
  readonly exceptFixed?: boolean;
  /**
   * Whether a room of fixed membership is left alone in which this user alone takes part: it may be the hidden one of an account key that this
   * device never had (shared/self-room.ts). Default false.
   */
  readonly exceptHidden?: boolean;
  /** Whether these may be its members. Default: all may. */
  readonly mayBe?: (members: Iterable<Member>) => Promise<boolean>;
}

/** How often a lost race is run again at once. */
const mostTries = 5;

/**
 * Come in. The room is there when it resolves, and a process that dies in between asks again, and takes the place that it had.
 *
 * @throws ClientError "room-unknown", "not-allowed", "impossible", DeliveryError
 */
export async function joinFromOutside(
  around: Surroundings,
  connection: Connection,
  text: string,
  known: (room: string) => RoomCore | undefined,
  how: JoiningOptions = {},
): Promise<RoomCore> {
  const { room, link } = readLink(text);
  const core =
    known(room) ??
    new RoomCore(around, room, { ...newRoomState(bytesOfUri(groupUri(room)), 0n, around.firstPlace), status: "left" });
  return core.turn(async () => {
    if (core.state.status !== "left") return core;
    for (let tries = 0; tries < mostTries; tries++) {
      const current = await currentOf(connection, room);
      const join = await enter(core, current, link, how);
      const answer = await connection.publish({
        id: around.writeId(),
        room,
        message: join.commit,
        commit: { groupInfo: await join.groupInfo({ ratchetTree: false }) },
      });
      if (answer.kind === "refused") {
        join.drop();
        if (answer.reason === "epoch" || answer.reason === "pending") continue;
        throw new ClientError(answer.reason === "policy" ? "not-allowed" : "refused", {
          ...(answer.code !== undefined && { detail: answer.code }),
        });
      }
      const state = {
        ...newRoomState(bytesOfUri(groupUri(room)), answer.number, around.firstPlace),
        ...keptOf(core.state),
        since: current.epoch + 1n,
      };
      let tell = (): void => undefined;
      const group = await core.slot.step(
        async () => join.complete(),
        () => {
          const beside = core.beside({ state, flush: true });
          const told = around.events.adding([{ kind: "joined", room }]);
          tell = told.after;
          return { ...beside, changes: [...beside.changes, ...told.changes] };
        },
      );
      core.hold(group);
      how.add?.(core);
      tell();
      return core;
    }
    throw new ClientError("impossible");
  });
}

async function currentOf(connection: Connection, room: string): Promise<CurrentGroupInfo> {
  try {
    return await connection.groupInfo({ room });
  } catch (error) {
    if (error instanceof DeliveryError && error.code === "not-found") throw new ClientError("room-unknown");
    throw error;
  }
}

/** @throws ClientError "not-allowed" where the room's policy would refuse it, "impossible" where the GroupInfo is none to join by. */
async function enter(
  core: RoomCore,
  current: CurrentGroupInfo,
  link: Uint8Array | undefined,
  { onlyAsParticipant = false, exceptFixed = false, exceptHidden = false, mayBe }: JoiningOptions,
): Promise<ExternalJoin> {
  const { identity, appData, user, leaf } = core.around;
  try {
    // Nothing of it is verified yet: joining verifies the same bytes.
    const { groupContext } = readGroupInfo(current.groupInfo);
    const view = Room.open({ rooms: appData, groupContext, members: [] });
    if (onlyAsParticipant && view.participant(user) === undefined) throw new ClientError("not-allowed");
    const isFixed = view.data.base_room_policy.fixedMembership;
    const isAlone = Array.from(view.participants).every((participant) => participant.user === user);
    if (isFixed && (exceptFixed || (exceptHidden && isAlone))) throw new ClientError("not-allowed");
    return await Group.joinExternally({
      ...core.groupOptions(),
      groupInfo: current.groupInfo,
      ratchetTree: current.ratchetTree,
      require: {
        groupId: bytesOfUri(groupUri(core.id)),
        ...(mayBe !== undefined && { group: ({ members }) => mayBe(members) }),
      },
      // A leaf of this device of which it knows nothing: it died on the way in.
      replace: (members) => {
        for (const { leafIndex, signatureKey } of members) {
          if (bytesEqual(signatureKey, identity.signatureKey)) return leafIndex;
        }
        return undefined;
      },
      proposals: current.proposals,
      custom: view.participant(user) === undefined ? joinAs(view, { user, role: roleFor(view) }, link && { link }) : [],
      leaf,
    });
  } catch (error) {
    if (error instanceof RoomError) throw new ClientError("not-allowed", { cause: error });
    if (error instanceof CopseError && !error.code.startsWith("state-")) {
      throw new ClientError("impossible", { cause: error });
    }
    throw error;
  }
}

/** The least role that whoever is in no list may take. */
function roleFor({ data }: Room): number {
  const nobody = data.roles_list.find(({ roleIndex }) => roleIndex === 0);
  const targets = (nobody?.authorizedRoleChanges ?? []).flatMap(({ from, to }) => (from === 0 ? [...to] : []));
  const roles = targets.filter((role) => role > bannedRole);
  if (roles.length === 0) throw new ClientError("not-allowed");
  return Math.min(...roles);
}
