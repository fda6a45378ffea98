/**
 * Hints to connected devices that there is something for them: lost or told twice, they cost nobody anything. Devices that are
 * connected to another process are told by that one.
 */

import { copyBytes } from "../bytes/copy.ts";
import type { News } from "./delivery.ts";
import type { Pushes } from "./pushes.ts";
import type { DeliveryPort, RoomDevices } from "./port.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { Wakeup, Wakeups } from "./wakeups.ts";

/** An incarnation that no device has: its numbers have 64 bits, and it counts them up from 0. */
const behindAll = 2n ** 64n - 1n;

/** Rooms that are looked for at once, and whispers: more hints are lost. */
const mostRooms = 4_096;
const mostWhispers = 64;

/** How many members of rooms are kept, of all rooms together. */
const mostMembers = 100_000;

/** What is to be told of a room. */
interface Told {
  readonly head: bigint;
  readonly left: readonly string[];
  /** That of the room by then, where it is known: with it the members are. */
  readonly revision?: bigint | undefined;
}

export class Newsroom {
  readonly #port: Pick<DeliveryPort, "rooms" | "devices" | "users">;
  readonly #sessions: Sessions;
  readonly #wakeups: Wakeups;
  readonly #pushes: Pushes;
  /** Rooms whose members are being looked for, and what has come of each meanwhile: however many hints come of it, one look at a time. */
  readonly #looking = new Map<string, Told | undefined>();
  #whispers = 0;
  /** Members of rooms when they were looked for the last time: a room that is of the same revision has the same. */
  readonly #members = new Map<string, RoomDevices>();
  #kept = 0;

  constructor(
    port: Pick<DeliveryPort, "rooms" | "devices" | "users">,
    sessions: Sessions,
    wakeups: Wakeups,
    pushes: Pushes,
  ) {
    this.#port = port;
    this.#sessions = sessions;
    this.#wakeups = wakeups;
    this.#pushes = pushes;
  }

  /** A room has another item, and its members should know, those too who are out by it. */
  item(room: string, head: bigint, left: readonly string[] = []): void {
    this.#everywhere({ kind: "room", room, head, left });
  }

  /** A room has another message, for which its members are woken, too. */
  message(room: string, head: bigint, revision?: bigint): void {
    const left: readonly string[] = [];
    this.#heardOf(room, { head, left, revision });
    this.#wakeups.tell({ kind: "room", room, head, left });
    if (this.#pushes.isOn) {
      void this.#membersOf(room, revision).then((devices) => {
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

  /** A device is no more, or is let in no more: whatever it is connected to lets it go. */
  gone(device: string): void {
    this.#sessions.of(device)?.end("unreachable");
    this.#wakeups.tell({ kind: "opened", device, incarnation: behindAll });
  }

  /** What was told by another process, or by whoever else can tell: it is a hint, and ends nothing that the database does not. */
  hear(wakeup: Wakeup): void {
    switch (wakeup.kind) {
      case "room":
        this.#heardOf(wakeup.room, wakeup);
        break;
      case "queue":
        this.#sessions.of(wakeup.device)?.tell({ kind: "queue" });
        break;
      case "whisper":
        this.#heardWhisper(wakeup);
        break;
      case "opened": {
        this.#pushes.connected(wakeup.device);
        const session = this.#sessions.of(wakeup.device);
        // Of the same opening there may be two connections: the latest is not known between processes.
        if (session !== undefined && session.incarnation < wakeup.incarnation)
          void this.endIfOver(session).catch(() => undefined); // else whoever looks for news does it
        break;
      }
    }
  }

  /** End a session whose device is no more, or was opened again, is listed no more or at last, or whose user was shut out. */
  async endIfOver(session: Session): Promise<void> {
    const row = await this.#port.devices.row(session.device);
    if (row === undefined || (await this.#port.users.isShutOut(row.user))) session.end("unreachable");
    else if (row.incarnation > session.incarnation) session.end("replaced");
    else if (row.listed !== session.listed) session.end("unreachable");
  }

  #heardOf(room: string, told: Told): void {
    if (this.#sessions.size === 0) return;
    if (this.#looking.has(room)) {
      const before = this.#looking.get(room);
      const { head, revision } = before === undefined || before.head < told.head ? told : before;
      this.#looking.set(room, { head, revision, left: [...new Set([...(before?.left ?? []), ...told.left])] });
      return;
    }
    if (this.#looking.size >= mostRooms) return;
    this.#looking.set(room, undefined);
    void this.#membersOf(room, told.revision).then((devices) => {
      const news: News = { kind: "room", room, head: told.head }; // one for all: a server writes it once
      for (const device of new Set([...devices, ...told.left])) this.#sessions.of(device)?.tell(news);
      const next = this.#looking.get(room);
      this.#looking.delete(room);
      if (next !== undefined) this.#heardOf(room, next);
    });
  }

  #heardWhisper({ room, from, bytes }: Extract<Wakeup, { kind: "whisper" }>): void {
    if (this.#sessions.size === 0 || this.#whispers >= mostWhispers) return;
    this.#whispers++;
    void this.#membersOf(room).then((devices) => {
      this.#whispers--;
      for (const device of devices) {
        if (device === from) continue;
        this.#sessions.of(device)?.tell({ kind: "whisper", room, from, bytes: copyBytes(bytes) });
      }
    });
  }

  #everywhere(wakeup: Wakeup): void {
    this.hear(wakeup);
    this.#wakeups.tell(wakeup);
  }

  async #membersOf(room: string, revision?: bigint): Promise<readonly string[]> {
    const kept = this.#members.get(room);
    if (kept !== undefined && kept.revision === revision) return kept.devices;
    try {
      const found = await this.#port.rooms.devices(room);
      if (found === undefined) return [];
      this.#keep(room, found);
      return found.devices;
    } catch {
      return []; // it is a hint
    }
  }

  #keep(room: string, found: RoomDevices): void {
    this.#kept += found.devices.length - (this.#members.get(room)?.devices.length ?? 0);
    this.#members.delete(room);
    this.#members.set(room, found);
    for (const [name, { devices }] of this.#members) {
      if (this.#kept <= mostMembers) return;
      this.#members.delete(name);
      this.#kept -= devices.length;
    }
  }
}
