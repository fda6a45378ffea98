/**
 * Coming back into a room that this device can't follow any more: an external commit that takes the place of its old leaf. What was
 * waiting to be sent waits on. RFC 9420 section 12.4.3.2
 */

import { CopseError } from "../../errors.ts";
import { Group, type ExternalJoin } from "../../group/group.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { isAway } from "../away.ts";
import type { CurrentGroupInfo } from "../../delivery/delivery.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { bytesOfUri, deviceOf, groupUri } from "../../rooms/uri.ts";
import { changesOf, messagesAgain } from "../outbox/intents.ts";
import type { RoomCore } from "./core.ts";

/** How long a device waits between two tries, in milliseconds. */
const pause = 5_000;

/** How a room is joined anew. */
interface RejoinOptions {
  /** Only where this device's leaf is there, under another key. Nothing is tried again. Default false. */
  readonly onlyInPlace?: boolean;
}

/**
 * Try once. Where another commit was faster, or the service has no GroupInfo for us, the room is looked at again later. Gives whether
 * this device is in.
 */
export async function rejoin(core: RoomCore, { onlyInPlace = false }: RejoinOptions = {}): Promise<boolean> {
  const { around } = core;
  const connection = around.connection();
  if (connection === undefined) return false;
  const later = (): false => {
    if (!onlyInPlace) around.later(core.id, pause);
    return false;
  };
  let join: ExternalJoin;
  let since: bigint;
  try {
    const current = await connection.groupInfo({ room: core.id });
    join = await enter(core, current, onlyInPlace);
    since = current.epoch + 1n;
  } catch (error) {
    if (!(error instanceof CopseError || (error instanceof DeliveryError && !isAway(error)))) throw error;
    return later();
  }
  const answer = await connection.publish({
    id: around.writeId(),
    room: core.id,
    message: join.commit,
    commit: { groupInfo: await join.groupInfo({ ratchetTree: false }) },
  });
  if (answer.kind === "refused") {
    join.drop();
    return later();
  }
  const changes = [
    ...(await changesOf(core, "lost")),
    // What was made for an epoch that this device has left may be of a branch that nobody goes on with: it is made anew. Whoever
    // has read it already knows it again by its id.
    ...(await messagesAgain(core)),
  ];
  const group = await core.slot.step(
    async () => join.complete(),
    () =>
      core.beside({
        state: { status: "member", cursor: answer.number, lostRaces: 0, stuckAt: 0n, since },
        changes,
        events: [{ kind: "rejoined", room: core.id }],
        flush: true,
      }),
  );
  core.hold(group);
  return true;
}

async function enter(core: RoomCore, current: CurrentGroupInfo, onlyInPlace: boolean): Promise<ExternalJoin> {
  const { identity, device } = core.around;
  return Group.joinExternally({
    ...core.groupOptions(),
    groupInfo: current.groupInfo,
    ratchetTree: current.ratchetTree,
    require: { groupId: bytesOfUri(groupUri(core.id)) },
    replace: (members) => {
      for (const { leafIndex, credential, signatureKey } of members) {
        if (deviceOf(credential) !== device) continue;
        if (onlyInPlace && bytesEqual(signatureKey, identity.signatureKey)) break; // its Welcome is on the way
        return leafIndex;
      }
      if (onlyInPlace) throw new DeliveryError("not-found");
      return undefined;
    },
    proposals: current.proposals,
    leaf: core.around.leaf,
  });
}
