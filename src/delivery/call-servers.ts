/**
 * What a call needs of servers: for members of the room alone, as whoever runs the service gives it.
 */

import type { Caller, Core } from "./core.ts";
import type { CallServers, RoomRequest } from "./delivery.ts";
import { DeliveryError } from "./errors.ts";

/** @throws DeliveryError "not-found" for whoever is no member */
export async function callServers(
  { port, settings }: Core,
  { device, user }: Caller,
  { room }: RoomRequest,
): Promise<CallServers> {
  const member = await port.rooms.member(room, device);
  if (member?.spans.some(({ through }) => through === undefined) !== true) throw new DeliveryError("not-found");
  return (await settings.callServers?.({ room, user, device })) ?? { iceServers: [] };
}
