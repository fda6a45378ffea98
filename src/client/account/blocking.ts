/**
 * Whom this user hears nothing of: noted here first, so that it counts at once and without a connection, then told to the service, and
 * to the user's other devices by what they share. What a blocked user says in a room where others are is passed over, and does not come
 * back; what it has asked and nobody has answered is forgotten, as at the service.
 */

import { struct } from "../../codec/codec.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { heardEntry } from "../people/consent-entries.ts";
import { entryKind, flag, type EntryKind } from "../store/entry.ts";
import { blockedKey } from "../store/keys.ts";
import { Turns } from "../turns.ts";

interface Blocked {
  readonly isBlocked: boolean;
  /** Whether the service has been told. */
  readonly isTold: boolean;
}
const blockedEntry: EntryKind<Blocked> = entryKind(struct<Blocked>({ isBlocked: flag, isTold: flag }));

export class Blocking {
  readonly #store: Store;
  readonly #users: Map<string, Blocked>;
  readonly #turns: Turns = new Turns();

  private constructor(store: Store, users: Map<string, Blocked>) {
    this.#store = store;
    this.#users = users;
  }

  static async open(store: Store): Promise<Blocking> {
    const users = new Map<string, Blocked>();
    for await (const { key, value } of store.range({ prefix: ["blocked"] })) {
      users.set(String(key[1]), blockedEntry.read(value));
    }
    return new Blocking(store, users);
  }

  isBlocked(user: string): boolean {
    return this.#users.get(user)?.isBlocked === true;
  }

  /** All who are blocked. */
  get users(): readonly string[] {
    return [...this.#users.keys()].filter((user) => this.isBlocked(user));
  }

  /**
   * What is decided about others and what others ask, one at a time: each reads what the other writes. Whoever waits here holds up nobody's room, so
   * neither a room's turn nor the application may be waited for in it.
   */
  readonly turn: Turns["take"] = (work) => this.#turns.take(work);

  /** It is stored, and counts, when this returns. */
  readonly set = (user: string, isBlocked: boolean): Promise<void> =>
    this.turn(async () => {
      if (isBlocked === this.isBlocked(user)) return;
      const next = { isBlocked, isTold: false };
      const put = { put: blockedKey(user), value: blockedEntry.write(next) };
      await this.#store.batch([put, ...(isBlocked ? await forgetting(this.#store, user) : [])], { flush: true });
      this.#users.set(user, next);
    });

  /** Tell the service what it has not been told. What it has no room for is told again the next time. */
  async tell(connection: Connection, writeId: () => Uint8Array): Promise<void> {
    for (const [user, entry] of this.#users) {
      const { isBlocked, isTold } = entry;
      if (isTold) continue;
      try {
        await connection.block({ id: writeId(), user, blocked: isBlocked });
      } catch (error) {
        if (!(error instanceof DeliveryError) || error.code === "unreachable") throw error;
        continue;
      }
      await this.turn(async () => {
        if (this.#users.get(user) !== entry) return; // it was decided otherwise meanwhile
        const key = blockedKey(user);
        const told = { isBlocked, isTold: true };
        await this.#store.batch([isBlocked ? { put: key, value: blockedEntry.write(told) } : { delete: key }]);
        if (isBlocked) this.#users.set(user, told);
        else this.#users.delete(user);
      });
    }
  }
}

/** Takes away what a user has asked, and waits for an answer: to be let, or to be let in. */
async function forgetting(store: Store, user: string): Promise<readonly StoreChange[]> {
  const changes: StoreChange[] = [];
  for await (const { key } of store.range({ prefix: ["knock"] })) if (key[2] === user) changes.push({ delete: key });
  for await (const { key, value } of store.range({ prefix: ["consent-of", user] })) {
    const heard = heardEntry.read(value);
    changes.push(heard.granted ? { put: key, value: heardEntry.write({ ...heard, wants: false }) } : { delete: key });
  }
  return changes;
}
