/**
 * Welcomes on their way from a room to the queues of devices: written with their commit, and carried over again and again until each
 * is there, once. No transaction spans a room and a device.
 */

import { userOfDevice } from "../../rooms/uri.ts";
import type { Core } from "../core.ts";
import { queueLimits } from "../devices/enqueue.ts";
import { hash } from "#symmetric";
import { hex, utf8 } from "../../bytes/text.ts";
import type { Once } from "../port.ts";

/** Carry the Welcomes of a room over. */
export async function relayWelcomes(core: Core, room: string): Promise<void> {
  const { port, settings, news } = core;
  for (const { number, device, committer } of await port.rooms.outbox(room)) {
    // Of a device that never was here nothing is kept, nor for one that is out of the room again.
    const isMember = (await port.rooms.member(room, device))?.spans.some(({ through }) => through === undefined);
    const isMeant = isMember === true && (await port.devices.row(device)) !== undefined;
    const isBlocked = await port.users.isBlocked(userOfDevice(device), userOfDevice(committer));
    const [once, at, limits] = [onceOf(room, number), settings.clock(), queueLimits(settings)];
    const content = { kind: "welcome", room, number } as const;
    const adder = userOfDevice(committer);
    const isThere =
      isMeant &&
      !isBlocked &&
      (await port.devices.enqueue({ device, once, at, content, adder, limits })).kind !== "full";
    if (isThere) {
      news.queued(device);
      await port.rooms.relayed(room, number, device);
    } else await port.rooms.taken(room, number, device); // nobody will ask for it
  }
}

/** The service's own write: the same for the same commit, however often it is carried over. */
function onceOf(room: string, number: bigint): Once {
  const digest = hex(hash("sha256", utf8(`welcome ${String(number)} ${room}`)));
  return { device: "", id: digest, digest };
}
