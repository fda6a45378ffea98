/**
 * What this user has to do with others beside talking: fetched by a client when there is any of it.
 */

import type { Connection } from "../../delivery/delivery.ts";
import type { Chores } from "../chores.ts";
import type { Blocking } from "../account/blocking.ts";
import type { RoomCore } from "../room/core.ts";
import type { Shared } from "../shared/shared.ts";
import type { Surroundings } from "../surroundings.ts";
import type { ConsentPolicy } from "./consent-entries.ts";
import { Consents } from "./consents.ts";
import { Inviting } from "./inviting.ts";

/** What it needs of the client. */
export interface PeopleParts {
  readonly around: Surroundings;
  readonly blocking: Pick<Blocking, "isBlocked" | "turn">;
  readonly chores: Pick<Chores, "ask">;
  readonly consentPolicy: ConsentPolicy;
  readonly selfRoom: string | undefined;
  readonly rooms: ReadonlyMap<string, { readonly core: RoomCore }>;
  add(core: RoomCore): { readonly worker: { wake(): void } };
  shared(): Promise<Pick<Shared, "set">>;
}

export class People {
  readonly consents: Consents;
  readonly inviting: Inviting;

  constructor(parts: PeopleParts) {
    const isBlocked = (user: string): boolean => parts.blocking.isBlocked(user);
    this.consents = new Consents({
      around: () => parts.around,
      policy: parts.consentPolicy,
      share: async (realm, name, value) => {
        if (parts.selfRoom !== undefined) await (await parts.shared()).set(realm, name, value);
      },
      given: () => {
        this.inviting.lookAgain();
      },
      chores: () => {
        parts.chores.ask();
      },
      turn: parts.blocking.turn,
    });
    this.inviting = new Inviting({
      around: () => parts.around,
      isBlocked,
      mayInvite: (user, room) => this.consents.mayInvite(user, room),
      find: (room) => parts.rooms.get(room)?.core,
      add: (core) => {
        parts.add(core).worker.wake();
      },
    });
  }

  /** Tell the service what it has not heard, and come into rooms that were refused and are not any more. */
  async chore(connection: Connection): Promise<void> {
    await this.consents.tell(connection);
    await this.inviting.enter(connection);
  }
}
