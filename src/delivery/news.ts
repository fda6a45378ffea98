/**
 * Hints to connected devices that there is something for them: lost or told twice, they cost nobody anything. Devices that are
 * connected to another process are told by that one.
 */

import { copyBytes } from "../bytes/copy.ts";
import type { News } from "./delivery.ts";
import type { RoomsPort } from "./port.ts";
import type { Sessions } from "./sessions.ts";
import type { Wakeup, Wakeups } from "./wakeups.ts";

export class Newsroom {
  readonly #rooms: RoomsPort;
  readonly #sessions: Sessions;
  readonly #wakeups: Wakeups;

  constructor(rooms: RoomsPort, sessions: Sessions, wakeups: Wakeups) {
    this.#rooms = rooms;
    this.#sessions = sessions;
    this.#wakeups = wakeups;
  }

  /** A room has another item, and its members should know, those too who are out by it. */
  item(room: string, head: bigint, left: readonly string[] = []): void {
    this.#everywhere({ kind: "room", room, head, left });
  }

  /** Something waits in a device's queue. */
  queued(device: string): void {
    this.#everywhere({ kind: "queue", device });
  }

  /** Bytes for the connected members of a room, but for the device that they are from. */
  whisper(room: string, from: string, bytes: Uint8Array): void {
    this.#everywhere({ kind: "whisper", room, from, bytes });
  }

  /** A device was opened here. */
  opened(device: string, incarnation: bigint): void {
    this.#wakeups.tell({ kind: "opened", device, incarnation });
  }

  /** What was told by another process. */
  hear(wakeup: Wakeup): void {
    switch (wakeup.kind) {
      case "room": {
        const { room, head, left } = wakeup;
        void this.#members(room).then((devices) => {
          const news: News = { kind: "room", room, head }; // one for all: a server writes it once
          for (const device of new Set([...devices, ...left])) this.#sessions.of(device)?.tell(news);
        });
        break;
      }
      case "queue":
        this.#sessions.of(wakeup.device)?.tell({ kind: "queue" });
        break;
      case "whisper": {
        const { room, from, bytes } = wakeup;
        void this.#members(room).then((devices) => {
          for (const device of devices) {
            if (device === from) continue;
            this.#sessions.of(device)?.tell({ kind: "whisper", room, from, bytes: copyBytes(bytes) });
          }
        });
        break;
      }
      case "opened": {
        const session = this.#sessions.of(wakeup.device);
        // Of the same opening there may be two connections: the latest is not known between processes.
        if (session !== undefined && session.incarnation < wakeup.incarnation) session.end("replaced");
        break;
      }
    }
  }

  #everywhere(wakeup: Wakeup): void {
    this.hear(wakeup);
    this.#wakeups.tell(wakeup);
  }

  async #members(room: string): Promise<readonly string[]> {
    try {
      return this.#sessions.size === 0 ? [] : await this.#rooms.devices(room);
    } catch {
      return []; // it is a hint
    }
  }
}
