/**
 * Invitations that this user does not want: a Welcome into a room by somebody who is blocked, or whom this user has not let, whatever the
 * service let through. Nothing of the room is shown or stored, nobody hears of it, and its key package is spent. Which rooms they were
 * is kept, so that whoever is let later is followed into them.
 */

import type { Connection } from "../../delivery/delivery.ts";
import { struct } from "../../codec/codec.ts";
import type { Member } from "../../public-group/events.ts";
import { userOf } from "../../rooms/uri.ts";
import type { StoreChange } from "../../storage/store.ts";
import { ClientError } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import type { RoomCore } from "../room/core.ts";
import { joinFromOutside } from "../room/joining.ts";
import { entryKind, flag, text, type EntryKind } from "../store/entry.ts";
import { refusedRoomKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";

export interface InvitingParts {
  readonly around: () => Surroundings;
  readonly isBlocked: (user: string) => boolean;
  readonly mayInvite: (user: string, room: string) => Promise<boolean>;
  readonly find: (room: string) => RoomCore | undefined;
  readonly add: (core: RoomCore) => void;
}

/** Why an invitation is passed over. */
export type InvitationRefusal = "blocked" | "no-consent";

interface RefusedRoom {
  readonly by: string;
  readonly isBlocked: boolean;
}
const refusedEntry: EntryKind<RefusedRoom> = entryKind(struct<RefusedRoom>({ by: text, isBlocked: flag }));

/** Rooms that are remembered: of more nothing is told. */
const mostRefused = 256;

export class Inviting {
  readonly #parts: InvitingParts;
  #isDue = true;

  constructor(parts: InvitingParts) {
    this.#parts = parts;
  }

  /** Somebody was let: rooms that were refused may not be any more. */
  lookAgain(): void {
    this.#isDue = true;
  }

  /** Why a user may not bring this one into a room. Undefined: it may. */
  async refusal(by: string | undefined, room: string): Promise<InvitationRefusal | undefined> {
    if (by === this.#parts.around().user) return undefined;
    if (by === undefined) return "no-consent";
    if (this.#parts.isBlocked(by)) return "blocked";
    return (await this.#parts.mayInvite(by, room)) ? undefined : "no-consent";
  }

  /** Whether one of a room's members may bring this user into it. */
  async mayBe(members: Iterable<Member>, room: string): Promise<boolean> {
    const users = new Set(Array.from(members, ({ credential }) => userOf(credential)));
    users.delete(this.#parts.around().user);
    for (const user of users) if ((await this.refusal(user, room)) === undefined) return true;
    return users.size === 0;
  }

  /** What comes of an invitation that was refused: told once of each room. */
  async refused(
    by: string,
    room: string,
    code: InvitationRefusal,
  ): Promise<{ readonly changes: readonly StoreChange[]; readonly events: readonly ClientEvent[] }> {
    const { store } = this.#parts.around();
    const known = (await store.get(refusedRoomKey(room))) !== undefined;
    if (!known && (await this.#isFull())) return { changes: [], events: [] };
    const value = refusedEntry.write({ by, isBlocked: code === "blocked" });
    return {
      changes: [{ put: refusedRoomKey(room), value }],
      events: known ? [] : [{ kind: "invitation-refused", room, by, code }],
    };
  }

  /** Come into the rooms of those who were let since. */
  async enter(connection: Connection): Promise<void> {
    if (!this.#isDue) return;
    const { around, find, add } = this.#parts;
    const { store, events } = around();
    this.#isDue = false;
    for await (const { key, value } of store.range({ prefix: ["refused-room"] })) {
      const room = String(key[1]);
      const { by, isBlocked } = refusedEntry.read(value);
      const isIn = find(room)?.state.status === "member";
      if (!isIn && (isBlocked || (await this.refusal(by, room)) !== undefined)) continue;
      let told: ClientEvent[] = [];
      try {
        if (!isIn) await joinFromOutside(around(), connection, room, find, { add });
      } catch (error) {
        if (!(error instanceof ClientError)) {
          this.#isDue = true;
          throw error;
        }
        told = [{ kind: "welcome-failed", room, code: error.code }];
      }
      const adding = events.adding(told);
      await store.batch([{ delete: key }, ...adding.changes]);
      adding.after();
    }
  }

  async #isFull(): Promise<boolean> {
    let count = 0;
    for await (const { key } of this.#parts.around().store.range({ prefix: ["refused-room"], limit: mostRefused }))
      count += key.length > 0 ? 1 : 0;
    return count >= mostRefused;
  }
}
