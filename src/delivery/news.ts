/**
 * Hints to connected devices that there is something for them: lost or told twice, they cost nobody anything.
 */

import type { News } from "./delivery.ts";
import type { RoomsPort } from "./port.ts";
import type { Sessions } from "./sessions.ts";

export class Newsroom {
  readonly #rooms: RoomsPort;
  readonly #sessions: Sessions;

  constructor(rooms: RoomsPort, sessions: Sessions) {
    this.#rooms = rooms;
    this.#sessions = sessions;
  }

  /** A room has another item, and its members should know, those too who are out by it. */
  item(room: string, head: bigint, left: readonly string[] = []): void {
    void this.#members(room).then((devices) => {
      const news: News = { kind: "room", room, head }; // one for all: a server writes it once
      for (const device of new Set([...devices, ...left])) this.#sessions.of(device)?.tell(news);
    });
  }

  /** Something waits in a device's queue. */
  queued(device: string): void {
    this.#sessions.of(device)?.tell({ kind: "queue" });
  }

  async #members(room: string): Promise<readonly string[]> {
    try {
      return this.#sessions.size === 0 ? [] : await this.#rooms.devices(room);
    } catch {
      return []; // it is a hint
    }
  }
}
