/**
 * The device's own queue at the service: Welcomes, consents and parcels, each taken in by one batch with the queue's cursor.
 */

import type { Connection, QueueItem } from "../delivery/delivery.ts";
import { CopseError } from "../errors.ts";
import { DeliveryError } from "../delivery/errors.ts";
import { Group } from "../group/group.ts";
import { u64 } from "../codec/codec.ts";
import { RoomError } from "../rooms/errors.ts";
import { bytesOfUri, groupUri, isUri, userOf } from "../rooms/uri.ts";
import type { Member } from "../public-group/events.ts";
import type { StoreChange } from "../storage/store.ts";
import type { ClientEvent } from "./events.ts";
import { RoomCore } from "./room/core.ts";
import { catchUp } from "./room/incoming.ts";
import { keptOf, newRoomState } from "./room/state.ts";
import { entryKind, type EntryKind } from "./store/entry.ts";
import { keyPackageKey, queueKey } from "./store/keys.ts";
import type { Surroundings } from "./surroundings.ts";

/** How far the queue was read. */
export const cursorEntry: EntryKind<bigint> = entryKind(u64);

/** What another device or user has said to this one. */
export type Heard = Exclude<QueueItem, { kind: "welcome" }>;

/** Rooms as the queue finds and makes them, and who knows what is said beside them. */
export interface Rooms {
  find(room: string): RoomCore | undefined;
  add(core: RoomCore): void;
  /** Writes what comes of something that was said, before anything else is decided about who said it. Undefined: it is the application's, as an event. */
  heard(item: Heard, write: (taken: Taken | undefined) => Promise<void>): Promise<void>;
  /** What comes of being brought into a room by a user who may not: undefined where the user may. */
  refused(by: string | undefined, room: string): Promise<Taken | undefined>;
  /** Whether one of these members may bring this user into a room. */
  mayBe(members: Iterable<Member>, room: string): Promise<boolean>;
}

/** Changes of the store, and what is told of them. */
export interface Taken {
  readonly changes: readonly StoreChange[];
  readonly events: readonly ClientEvent[];
}

export class DeviceQueue {
  readonly #around: Surroundings;
  readonly #rooms: Rooms;
  #cursor: bigint;

  private constructor(around: Surroundings, rooms: Rooms, cursor: bigint) {
    this.#around = around;
    this.#rooms = rooms;
    this.#cursor = cursor;
  }

  static async open(around: Surroundings, rooms: Rooms): Promise<DeviceQueue> {
    const stored = await around.store.get(queueKey);
    return new DeviceQueue(around, rooms, stored === undefined ? 0n : cursorEntry.read(stored));
  }

  /** Take in whatever waits, and say to the service what is on the disk. */
  async catchUp(connection: Connection): Promise<void> {
    for (;;) {
      const items = await connection.queue({ after: this.#cursor });
      if (items.length === 0) return;
      for (const item of items) await this.#takeIn(item, connection);
      if (this.#around.connection() !== connection) return; // the rest when it is back
      await this.#around.store.flush();
      await connection.acknowledgeQueue({ through: this.#cursor });
    }
  }

  async #takeIn(item: QueueItem, connection: Connection): Promise<void> {
    // What can't be compared with the room's log, since the connection is gone, stays in the queue, and what is behind it, too.
    if (item.number <= this.#cursor || this.#around.connection() !== connection) return;
    if (item.kind !== "welcome") {
      await this.#rooms.heard(item, async (taken) => {
        const { changes, events } = taken ?? { changes: [], events: eventsOf(item) };
        await this.#write(changes, events, item.number);
      });
      return;
    }
    const known = this.#rooms.find(item.room);
    if (known === undefined) {
      if (isUri(item.room, "room")) {
        await this.#join(
          item,
          new RoomCore(
            this.#around,
            item.room,
            newRoomState(bytesOfUri(groupUri(item.room)), 0n, this.#around.firstPlace),
          ),
        );
      } else await this.#write([], [{ kind: "welcome-failed", room: item.room, code: "uri" }], item.number);
      return;
    }
    await known.turn(async () => {
      // Who was put out and let in again hears of both at once: the log says first that the room was over.
      if (known.state.status === "member") await catchUp(known);
      if (this.#around.connection() !== connection) return;
      if (await mayEnter(known, connection)) await this.#join(item, known);
      else await this.#write([], [{ kind: "welcome-failed", room: known.id, code: "group-exists" }], item.number);
    });
  }

  async #join(item: Extract<QueueItem, { kind: "welcome" }>, core: RoomCore): Promise<void> {
    const { number, room, head, welcome, ratchetTree } = item;
    const state = { ...newRoomState(bytesOfUri(groupUri(room)), head, this.#around.firstPlace), ...keptOf(core.state) };
    let refused: Taken | undefined;
    const spent: StoreChange[] = [];
    let tell = (): void => undefined;
    try {
      const group = await core.slot.making(
        () =>
          Group.join({
            ...core.groupOptions(),
            welcome,
            require: {
              groupId: bytesOfUri(groupUri(room)),
              group: async ({ signer }) => {
                refused = await this.#rooms.refused(userOf(signer.credential), room);
                return refused === undefined;
              },
            },
            ratchetTree,
            keyPackages: async (ref) => {
              const { keyPackageOf } = await import("./key-packages.ts");
              const bundle = await keyPackageOf(this.#around, ref);
              if (bundle?.lastResort === false) spent.push({ delete: keyPackageKey(ref) });
              return bundle;
            },
          }),
        (joined) => {
          core.rulesOf(joined); // refuses what is no room
        },
        (event) => {
          if (event.kind !== "joined") return { changes: [] };
          const { changes, after } = core.beside({ state });
          const told = this.#around.events.adding([{ kind: "joined", room }]);
          tell = told.after;
          return {
            changes: [...changes, ...told.changes, ...spent, this.#cursorPut(number)],
            flush: true,
            ...(after && { after }),
          };
        },
      );
      core.hold(group);
      if (group.size <= smallRoom) this.#around.met(usersOf(group));
      this.#cursor = number;
      await core.write({ state: { since: group.epoch } });
      this.#rooms.add(core);
      tell(); // whoever hears of the room finds it
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (refused !== undefined) {
        await this.#write([...refused.changes, ...spent], refused.events, number);
        return;
      }
      // The service has handed a key package out twice, or an old one of a device that was a copy: its leaf is there, and it joins in its place.
      const isAdopted =
        (error.code === "key-package-unknown" || error.code === "welcome-not-for-us") && (await this.#adopted(core));
      if (isAdopted) {
        this.#rooms.add(core);
        await this.#write([], [], number);
        return;
      }
      await this.#write([], [{ kind: "welcome-failed", room, code: error.code }], number);
    }
  }

  /** Whether it is in, in the place of its leaf. Who has brought it there is not known: one of the others must be somebody who may. */
  async #adopted(core: RoomCore): Promise<boolean> {
    const { rejoin } = await import("./room/rejoin.ts");
    const mayBe = (members: Iterable<Member>): Promise<boolean> => this.#rooms.mayBe(members, core.id);
    return rejoin(core, { onlyInPlace: true, isWelcomeLost: true, mayBe });
  }

  #cursorPut(number: bigint): StoreChange {
    return { put: queueKey, value: cursorEntry.write(number) };
  }

  async #write(changes: readonly StoreChange[], events: readonly ClientEvent[], number: bigint): Promise<void> {
    const told = this.#around.events.adding(events);
    await this.#around.store.batch([...changes, ...told.changes, this.#cursorPut(number)]);
    this.#cursor = number;
    told.after();
  }
}

/** What a Welcome, or the group that it leads into, is refused for. */
function isRefusal(error: unknown): error is CopseError | RoomError {
  if (error instanceof RoomError) return true;
  return error instanceof CopseError && error.code !== "state-unknown" && error.code !== "state-not-written";
}

/** Whether a Welcome into a room that this device knows is one that it can have: it is out, or the service knows nothing of its being in. */
async function mayEnter({ id: room, state }: RoomCore, connection: Connection): Promise<boolean> {
  if (state.status === "left" || state.status === "behind") return true;
  if (state.status !== "member") return false;
  try {
    await connection.fetch({ room, after: state.cursor, limit: 1 });
    return false;
  } catch (error) {
    if (error instanceof DeliveryError && error.code === "not-found") return true;
    throw error;
  }
}

/** What nobody here knows is the application's. */
function eventsOf(item: Heard): readonly ClientEvent[] {
  return item.kind === "parcel" ? [{ kind: "parcel", from: item.from, topic: item.topic, bytes: item.bytes }] : [];
}

/** In a room of more leaves, lists are looked at as they are needed. */
const smallRoom = 64;

function usersOf(group: Group): ReadonlySet<string> {
  const users = new Set<string>();
  for (const { credential } of group.members) {
    const user = userOf(credential);
    if (user !== undefined) users.add(user);
  }
  return users;
}
