/**
 * What comes of the items of a device's queue: a Welcome makes a room, and everything else goes to who knows what it is.
 */

import { isUri, userOfDevice } from "../rooms/uri.ts";
import type { Blocking } from "./account/blocking.ts";
import type { Devices } from "./account/devices.ts";
import type { Heard, Rooms, Taken } from "./device-queue.ts";
import type { PeopleFetching } from "./people/fetching.ts";
import type { RoomCore } from "./room/core.ts";

/** What it needs of the client. */
export interface HearingParts {
  readonly rooms: ReadonlyMap<string, { readonly core: RoomCore }>;
  readonly devices: Pick<Devices, "take">;
  readonly blocking: Pick<Blocking, "isBlocked" | "turn">;
  readonly people: PeopleFetching;
  add(core: RoomCore): { readonly worker: { wake(): void } };
}

/** Who takes what the queue brings. */
export function hearing(parts: HearingParts): Rooms {
  const find = (room: string): RoomCore | undefined => parts.rooms.get(room)?.core;
  const hear = async (item: Heard): Promise<() => Taken | undefined | Promise<Taken>> => {
    if (item.kind === "consent") return (await parts.people.get()).consents.heard(item);
    const taken = await (item.topic === "knock"
      ? (await import("./room/knocking.ts")).knocked(item.from, item.bytes, find)
      : parts.devices.take(item));
    return () => taken;
  };
  return {
    find,
    add: (room) => {
      parts.add(room).worker.wake();
    },
    refused: (by, room) => parts.people.refused(by, room),
    mayBe: (members, room) => parts.people.mayBe(members, room),
    heard: async (item, write) => {
      // Whatever the service lets through, and also where it is blocked while somebody is asked about it.
      const user = sender(item);
      const isHeard = (): boolean => user !== undefined && !parts.blocking.isBlocked(user);
      const take = isHeard() ? await hear(item) : undefined;
      await parts.blocking.turn(async () => {
        await write(take !== undefined && isHeard() ? await take() : { changes: [], events: [] });
      });
    },
  };
}

/** The user who has said something, as the service names it: undefined where that is no name of a user or a device. */
function sender({ kind, from }: Heard): string | undefined {
  if (kind === "consent") return isUri(from, "user") ? from : undefined;
  return isUri(from, "device") ? userOfDevice(from) : undefined;
}
