/**
 * Whom this user hears nothing of: noted here first, so that it counts at once and without a connection, then told to the service, and
 * to the user's other devices by what they share. What a blocked user says in a room where others are is passed over, and does not come
 * back.
 */

import { struct } from "../../codec/codec.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { Store } from "../../storage/store.ts";
import { entryKind, flag, type EntryKind } from "../store/entry.ts";
import { blockedKey } from "../store/keys.ts";

interface Blocked {
  readonly isBlocked: boolean;
  /** Whether the service has been told. */
  readonly isTold: boolean;
}
const blockedEntry: EntryKind<Blocked> = entryKind(struct<Blocked>({ isBlocked: flag, isTold: flag }));

export class Blocking {
  readonly #store: Store;
  readonly #users: Map<string, Blocked>;

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

  /** It is stored, and counts, when this returns. */
  readonly set = async (user: string, isBlocked: boolean): Promise<void> => {
    if (isBlocked === this.isBlocked(user)) return;
    const next = { isBlocked, isTold: false };
    await this.#store.batch([{ put: blockedKey(user), value: blockedEntry.write(next) }], { flush: true });
    this.#users.set(user, next);
  };

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
      if (this.#users.get(user) !== entry) continue; // it was decided otherwise meanwhile
      const key = blockedKey(user);
      const told = { isBlocked, isTold: true };
      await this.#store.batch([isBlocked ? { put: key, value: blockedEntry.write(told) } : { delete: key }]);
      if (this.#users.get(user) !== entry) continue;
      if (isBlocked) this.#users.set(user, told);
      else this.#users.delete(user);
    }
  }
}
