/**
 * Coming back into a room that this device can't follow any more: an external commit that takes the place of its old leaf. What was
 * waiting to be sent waits on. RFC 9420 section 12.4.3.2
 */

import { CopseError } from "../../errors.ts";
import { Group, type ExternalJoin } from "../../group/group.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { isAway } from "../away.ts";
import type { Member } from "../../public-group/events.ts";
import type { CurrentGroupInfo } from "../../delivery/delivery.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { bytesOfUri, deviceOf, groupUri } from "../../rooms/uri.ts";
import { changesOf, messagesAgain } from "../outbox/intents.ts";
import type { RoomCore } from "./core.ts";
import { nothingRead } from "./state.ts";

/** How long a device waits between two tries, in milliseconds. */
const pause = 5_000;
/** A device that has come back waits this long, and twice as long each time, before it comes back again: each time is everybody's commit. */
const firstWait = 60_000;
const longestWait = 24 * 60 * 60_000;

/** How a room is joined anew. */
interface RejoinOptions {
  /** Only where this device's leaf is there, under another key. Nothing is tried again. Default false. */
  readonly onlyInPlace?: boolean;
  /** Whether the Welcome of a leaf under this device's key has come and is of no use. Default false. */
  readonly isWelcomeLost?: boolean;
  /** Whether these may be the members of a room that this device is in. Default: all may. */
  readonly mayBe?: (members: Iterable<Member>) => Promise<boolean>;
}

/**
 * Try once. Where another commit was faster, or the service has no GroupInfo for us, the room is looked at again later. Gives whether
 * this device is in.
 */
export async function rejoin(core: RoomCore, options: RejoinOptions = {}): Promise<boolean> {
  const { around } = core;
  const { onlyInPlace = false, isWelcomeLost = false } = options;
  const connection = around.connection();
  if (connection === undefined) return false;
  const later = (wait = pause): false => {
    if (!onlyInPlace) around.later(core.id, wait);
    return false;
  };
  const wait = waitOf(core);
  if (wait > 0) return later(wait);
  let join: ExternalJoin;
  let since: bigint;
  try {
    const current = await connection.groupInfo({ room: core.id });
    join = await enter(core, current, options);
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
        state: { status: "member", cursor: answer.number, log: nothingRead, lostRaces: 0, stuckAt: 0n, since },
        changes,
        events: [{ kind: isWelcomeLost ? "joined" : "rejoined", room: core.id }],
        flush: true,
      }),
  );
  core.hold(group);
  const { wait: before = 0 } = core.rejoined ?? {};
  core.rejoined = { at: around.clock(), wait: Math.min(longestWait, Math.max(firstWait, before * 2)) };
  return true;
}

/** How long this device has to wait still. After a while in which it did not come back, it has not to wait any more. */
function waitOf(core: RoomCore): number {
  if (core.rejoined === undefined) return 0;
  const { at, wait } = core.rejoined;
  const since = Math.abs(core.around.clock() - at);
  if (since > 10 * wait) core.rejoined = undefined;
  return Math.max(0, wait - since);
}

async function enter(
  core: RoomCore,
  current: CurrentGroupInfo,
  { onlyInPlace = false, isWelcomeLost = false, mayBe }: RejoinOptions,
): Promise<ExternalJoin> {
  const { identity, device } = core.around;
  return Group.joinExternally({
    ...core.groupOptions(),
    groupInfo: current.groupInfo,
    ratchetTree: current.ratchetTree,
    require: {
      groupId: bytesOfUri(groupUri(core.id)),
      ...(mayBe !== undefined && { group: ({ members }) => mayBe(members) }),
    },
    replace: (members) => {
      for (const { leafIndex, credential, signatureKey } of members) {
        if (deviceOf(credential) !== device) continue;
        if (onlyInPlace && !isWelcomeLost && bytesEqual(signatureKey, identity.signatureKey)) break; // its Welcome is on the way
        return leafIndex;
      }
      if (onlyInPlace) throw new DeliveryError("not-found");
      return undefined;
    },
    proposals: current.proposals,
    leaf: core.around.leaf,
  });
}
