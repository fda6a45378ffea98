/**
 * Who may look at a room, and who may join it from outside. Whoever may not is told what a device is told that names a room that
 * was never there.
 */

import { decision } from "../../bytes/decision.ts";
import type { Caller, Core } from "../core.ts";
import { DeliveryError } from "../errors.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { MemberRow } from "../port.ts";
import { viewOf, type FollowedRoom } from "./followed-rooms.ts";

/** @throws DeliveryError "not-found" where the device was never in the room. */
export async function membership(core: Core, { device }: Caller, room: string): Promise<MemberRow> {
  const member = await core.port.rooms.member(room, device);
  if (member === undefined) throw new DeliveryError("not-found");
  return member;
}

/** Whether the device may join from outside. A member may, in place of its old leaf: it gets well again by it. */
export async function mayJoin(
  core: Core,
  { device, user }: Pick<Caller, "device" | "user">,
  { devices, observer, row, mimi }: Pick<FollowedRoom, "devices" | "observer" | "row" | "mimi">,
): Promise<boolean> {
  if (devices.has(device)) return true;
  let hasMember = false;
  for (const each of devices.keys()) hasMember ||= userOfDevice(each) === user;
  const joining = { ...viewOf(row.room, observer), user, device, hasMember, mimi };
  return decision("mayJoin", core.settings.mayJoin(joining));
}
