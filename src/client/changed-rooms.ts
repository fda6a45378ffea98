/**
 * Rooms with news: each is looked at, and one that this device does not know may be the user's all the same.
 */

import type { Connection } from "../delivery/delivery.ts";
import type { PeopleFetching } from "./people/fetching.ts";
import type { RoomCore } from "./room/core.ts";
import type { Surroundings } from "./surroundings.ts";

interface Awake {
  readonly core: RoomCore;
  readonly worker: { wake(): void };
}

/** What it needs of the client. */
export interface ChangedRoomsParts {
  readonly around: Surroundings;
  readonly rooms: ReadonlyMap<string, Awake>;
  readonly people: PeopleFetching;
  add(core: RoomCore): Awake;
}

/** Look at what the service says has changed. */
export async function lookAtChanged(parts: ChangedRoomsParts, connection: Connection): Promise<void> {
  const { around, rooms, people } = parts;
  const back = around.copies.hasHealed || around.isRecovered ? await import("./healing/adopt.ts") : undefined;
  for (const { room } of await connection.changed()) {
    const known = rooms.get(room);
    const core = await back?.adopt(around, connection, room, {
      known: known?.core,
      people,
      add: (core) => {
        parts.add(core);
      },
    });
    (core === undefined ? known : parts.add(core))?.worker.wake();
  }
}
