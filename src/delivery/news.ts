/**
 * Hints to connected devices that there is something for them: lost or told twice, they cost nobody anything. Devices that are
 * connected to another process are told by that one.
 */

import { copyBytes } from "../bytes/copy.ts";
import type { News } from "./delivery.ts";
import type { Pushes } from "./pushes.ts";
import type { RoomsPort } from "./port.ts";
import type { Sessions } from "./sessions.ts";
import type { Wakeup, Wakeups } from "./wakeups.ts";

/** An incarnation that no device has: its numbers have 64 bits, and it counts them up from 0. */
const behindAll = 2n ** 64n - 1n;

export class Newsroom {
  readonly #rooms: RoomsPort;
  readonly #sessions: Sessions;
  readonly #wakeups: Wakeups;
  readonly #pushes: Pushes;

  constructor(rooms: RoomsPort, sessions: Sessions, wakeups: Wakeups, pushes: Pushes) {
    this.#rooms = rooms;
    this.#sessions = sessions;
    this.#wakeups = wakeups;
    this.#pushes = pushes;
  }

  /** A room has another item, and its members should know, those too who are out by it. */
  item(room: string, head: bigint, left: readonly string[] = []): void {
    this.#everywhere({ kind: "room", room, head, left });
  }

  /** A room has another message, for which its members are woken, too. */
  message(room: string, head: bigint): void {
    this.item(room, head);
    if (this.#pushes.isOn) {
      void this.#membersOf(room).then((devices) => {
        this.#pushes.wake(devices);
      });
    }
  }

  /** Something waits in a device's queue. */
  queued(device: string): void {
    this.#everywhere({ kind: "queue", device });
    this.#pushes.wake([device]);
  }

  /** Bytes for the connected members of a room, but for the device that they are from. */
  whisper(room: string, from: string, bytes: Uint8Array): void {
    this.#everywhere({ kind: "whisper", room, from, bytes });
  }

  /** A device was opened here. */
  opened(device: string, incarnation: bigint): void {
    this.#pushes.connected(device);
    this.#wakeups.tell({ kind: "opened", device, incarnation });
  }

  /** A device is no more: whatever it is connected to lets it go. */
  gone(device: string): void {
    this.#sessions.of(device)?.end("unreachable");
    this.#wakeups.tell({ kind: "opened", device, incarnation: behindAll });
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
        this.#pushes.connected(wakeup.device);
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
    return this.#sessions.size === 0 ? [] : this.#membersOf(room);
  }

  async #membersOf(room: string): Promise<readonly string[]> {
    try {
      return await this.#rooms.devices(room);
    } catch {
      return []; // it is a hint
    }
  }
}
