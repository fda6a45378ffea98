/**
 * When the lists of other users are asked for: once they are met, and again every day, so that a device that was taken off a list, or
 * a list that contradicts the one before, is seen by all contacts. A few at a time.
 */

import { isStale } from "../../accounts/attestation.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { Clock } from "../../bytes/clock.ts";
import type { Store } from "../../storage/store.ts";
import { isAway } from "../away.ts";
import type { EventLog } from "../event-log.ts";
import { hasPassed } from "../passed.ts";
import { timeEntry } from "../store/entry.ts";
import { contactKey } from "../store/keys.ts";
import type { AccountBook } from "./book.ts";

/** How long a list is good for, in milliseconds. */
const askedEvery = 24 * 60 * 60 * 1000;
/** Lists that are asked for again at one time. Those of users who were just met come first, all of them. */
const atOnce = 8;

export class Contacts {
  readonly #book: AccountBook;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #events: EventLog;
  /** Users whose lists are to be looked at now. */
  readonly #met = new Set<string>();
  /** When each was asked for last, by this device's clock. */
  #asked: Map<string, number> | undefined;

  constructor(book: AccountBook, store: Store, clock: Clock, events: EventLog) {
    this.#book = book;
    this.#store = store;
    this.#clock = clock;
    this.#events = events;
    // Whom this device has just come to know, as by bringing them into a room, is asked for again like all others.
    book.onKnown((user) => {
      if (this.#asked?.has(user) === false) this.#asked.set(user, clock());
    });
  }

  /** These users' lists are to be looked at. */
  met(users: Iterable<string>): void {
    for (const user of users) this.#met.add(user);
  }

  /** Ask for what is due. */
  async refresh(connection: Connection): Promise<void> {
    for (const user of this.#met) {
      await this.#ask(connection, user);
      this.#met.delete(user);
    }
    const asked = (this.#asked ??= await this.#read());
    const now = this.#clock();
    let left = atOnce;
    for (const [user, at] of asked) {
      if (!hasPassed(askedEvery, at, now)) continue;
      if (left-- === 0) return;
      await this.#ask(connection, user);
    }
  }

  async #ask(connection: Connection, user: string): Promise<void> {
    try {
      await this.#book.refresh(connection, user);
    } catch (error) {
      // A service that refuses this list may give the others.
      if (!(error instanceof DeliveryError) || isAway(error)) throw error;
    }
    const view = await this.#book.viewOf(user);
    if (view === undefined) return;
    const now = this.#clock();
    if (isStale(view, now)) await (await import("./stale.ts")).tellStale(this.#store, this.#events, view);
    await this.#store.batch([{ put: contactKey(user), value: timeEntry.write(now) }]);
    this.#asked?.set(user, now);
  }

  async #read(): Promise<Map<string, number>> {
    const asked = new Map<string, number>();
    for await (const { key } of this.#store.range({ prefix: ["account"] })) asked.set(String(key[1]), 0);
    for await (const { key, value } of this.#store.range({ prefix: ["contact"] })) {
      asked.set(String(key[1]), timeEntry.read(value));
    }
    return asked;
  }
}
