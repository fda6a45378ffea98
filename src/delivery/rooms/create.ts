/**
 * Rooms that begin.
 */

import { decision } from "../../bytes/decision.ts";
import { Observer } from "../../public-group/observer/observer.ts";
import { readGroupInfo } from "../../public-group/unverified/group-info.ts";
import { RoomError } from "../../rooms/errors.ts";
import type { Room } from "../../rooms/room.ts";
import { hostOf, isUri } from "../../rooms/uri.ts";
import type { Caller, Core } from "../core.ts";
import type { NewRoom } from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import { asInvalid, within } from "../invalid.ts";
import { once } from "../once.ts";
import type { RecordChanges } from "../port.ts";
import { devicesOf, viewOf, Writing } from "./followed-rooms.ts";

/** A new room, whose group has the caller's device as its only member. */
export async function createRoom(core: Core, caller: Caller, given: NewRoom): Promise<void> {
  const { settings, port, rooms } = core;
  const { id, room, groupInfo, ratchetTree } = given;
  within(groupInfo, settings.limits.groupInfoBytes);
  within(ratchetTree, settings.limits.groupInfoBytes); // it has one leaf
  if (!isUri(room, "room") || hostOf(room) !== settings.host) throw new DeliveryError("not-allowed");
  const write = once(caller.device, id, "create", [room, groupInfo, ratchetTree]);
  const { observer, records } = await asInvalid(async () => {
    const { limits, registry } = settings.group;
    const info = readGroupInfo(groupInfo, {
      ...(limits === undefined ? {} : { limits }),
      ...(registry === undefined ? {} : { registry }),
    });
    const suite = rooms.suite(info.cipherSuite);
    const writing = new Writing();
    let written: RecordChanges | undefined;
    const followed = await writing.during(
      async ({ whole, puts, deletes }) => {
        written = { whole, puts, deletes };
        return Promise.resolve();
      },
      () => Observer.follow({ ...rooms.options(writing, () => undefined), suite, groupInfo, ratchetTree }),
    );
    return { observer: followed, records: written };
  });
  const devices = devicesOf(observer);
  if (observer.size !== 1 || !devices.has(caller.device))
    throw new DeliveryError("invalid", { detail: "its only member is another" });
  if (!(await decision("mayCreate", settings.mayCreate({ ...viewOf(room, observer), user: caller.user })))) {
    throw new DeliveryError("not-allowed");
  }
  const mimi = opened(() => rooms.open(observer));
  if (mimi !== undefined && mimi.uri !== room)
    throw new DeliveryError("invalid", { detail: "the group says it is another room" });
  const isInParent = mimi && (await rooms.parentOf(mimi.data.base_room_policy, caller.user));
  const isOutside =
    mimi !== undefined &&
    isInParent !== undefined &&
    (!isInParent(caller.user) || mimi.outsideParent(isInParent).length > 0);
  if (isOutside) {
    throw new DeliveryError("invalid", { detail: "parent" });
  }
  if (records === undefined) throw new TypeError("nothing to write");
  const { clock, limits } = settings;
  const counted = await port.users.beginRoom(caller.user, room, clock(), limits.roomsOfUser);
  if (counted === "full")
    throw new DeliveryError("too-large", { detail: "the user has begun as many rooms as it may" });
  const created = await port.rooms.create({
    room,
    once: write,
    groupId: observer.id,
    cipherSuite: observer.groupContext.cipherSuite,
    epoch: observer.epoch,
    device: caller.device,
    groupInfo,
    records,
    at: clock(),
  });
  const isAnothers = created.kind === "taken" || created.kind === "exists";
  if (isAnothers && counted === "counted") await port.users.dropRoom(caller.user, room);
  if (created.kind === "taken") throw new DeliveryError("id-taken");
  if (created.kind === "exists") throw new DeliveryError("not-allowed", { detail: "there is such a room" });
}

/** The room that a group is. @throws DeliveryError "invalid" */
function opened(open: () => Room | undefined): Room | undefined {
  try {
    return open();
  } catch (cause) {
    if (cause instanceof RoomError) throw new DeliveryError("invalid", { detail: cause.code, cause });
    throw cause;
  }
}
