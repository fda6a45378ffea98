/**
 * Fetches what a user's devices share when there is any of it, and begins it anew when it is shared in another room.
 */

import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { Blocking } from "../account/blocking.ts";
import type { Devices } from "../account/devices.ts";
import type { Chores } from "../chores.ts";
import type { PeopleFetching } from "../people/fetching.ts";
import type { RoomCore } from "../room/core.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Timeline } from "../timeline/timeline.ts";
import type { Shared } from "./shared.ts";

/** What it needs of the client. */
export interface SharingParts {
  readonly around: Surroundings;
  readonly timeline: Timeline;
  readonly blocking: Pick<Blocking, "set">;
  readonly people: PeopleFetching;
  readonly chores: Pick<Chores, "ask">;
  readonly devices: Pick<Devices, "bringAgain">;
  readonly selfRoom: string | undefined;
  readonly rooms: ReadonlyMap<string, { readonly core: RoomCore; readonly worker: { wakeToSend(): void } }>;
  add(core: RoomCore): { readonly worker: { wake(): void } };
}

export class SharedFetching {
  readonly #parts: SharingParts;
  #shared: Promise<Shared> | undefined;
  #now: Shared | undefined;

  constructor(parts: SharingParts) {
    this.#parts = parts;
  }

  get(): Promise<Shared> {
    return (this.#shared ??= this.#fetched());
  }

  /** Whether something was read that is still to come in this room. */
  awaits(room: string): boolean {
    return this.#now?.awaits(room) === true;
  }

  /** Do what there is to do about the user's other devices. */
  async chore(connection: Connection, view: AccountView): Promise<void> {
    await (await this.get()).chore(connection, view);
    await this.#parts.around.history?.chore(connection, view);
    const { idleChore } = await import("../idle/chore.ts");
    await idleChore(this.#parts, connection, view);
  }

  /** The room in which it is shared is another from now on. */
  move(): void {
    this.#shared = undefined;
    this.#now = undefined;
  }

  async #fetched(): Promise<Shared> {
    const { Shared } = await import("./shared.ts");
    const parts = this.#parts;
    return (this.#now = new Shared({
      around: () => parts.around,
      timeline: () => parts.timeline,
      find: (room) => parts.rooms.get(room)?.core,
      add: (core) => {
        parts.add(core).worker.wake();
      },
      wake: (room) => parts.rooms.get(room)?.worker.wakeToSend(),
      selfRoom: () => parts.selfRoom,
      blocked: (user, isBlocked) => parts.blocking.set(user, isBlocked),
      consented: async (realm, name, value) => (await parts.people.get()).consents.shared(realm, name, value),
      chores: () => {
        parts.chores.ask();
      },
    }));
  }
}
