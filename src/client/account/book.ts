/**
 * What this device knows of accounts: of each user the last statement that followed the one before it. What contradicts it is kept
 * as evidence, told, and never taken, unless a later account key has signed it: that one is right.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { checkStatement } from "../../accounts/check-statement.ts";
import { AccountError } from "../../accounts/errors.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import type { EventLog } from "../event-log.ts";
import type { ClientEvent } from "../events.ts";
import { accountKey } from "../store/keys.ts";
import { TurnsOf } from "../turns.ts";

export class AccountBook {
  readonly #store: Store;
  readonly #events: EventLog;
  /** Only what was asked for: a messenger knows many. */
  readonly #views = new Map<string, AccountView>();
  /** What a service says of a user is held against all that it has said before, also where it is asked twice at once. */
  readonly #turns = new TurnsOf();

  #changed: (() => void) | undefined;
  #beside: ((view: AccountView) => readonly StoreChange[]) | undefined;
  #known: ((user: string) => void) | undefined;

  constructor(store: Store, events: EventLog) {
    this.#store = store;
    this.#events = events;
  }

  /** Who is told that another list of somebody is known. */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  /** What is written beside a list that is new. */
  keepBeside(beside: (view: AccountView) => readonly StoreChange[]): void {
    this.#beside = beside;
  }

  /** Who is told of whom something new is known. */
  onKnown(known: (user: string) => void): void {
    this.#known = known;
  }

  /** What is known of a user, without asking anybody. */
  async viewOf(user: string): Promise<AccountView | undefined> {
    const known = this.#views.get(user);
    if (known !== undefined) return known;
    const statement = await this.#store.get(accountKey(user));
    if (statement === undefined) return undefined;
    const view = await checkStatement(undefined, statement, { begin: "anywhere" });
    this.#views.set(user, view);
    return view;
  }

  /** What is decided by a list that is known while no other one is taken in. */
  async whileKnown(view: AccountView, work: () => Promise<void>): Promise<void> {
    await this.#turns.take(view.user, async () => {
      if ((await this.viewOf(view.user)) === view) await work();
    });
  }

  /** What is known after asking the service. Undefined where it has nothing of this user, or nothing that holds. */
  refresh(connection: Connection, user: string): Promise<AccountView | undefined> {
    return this.#turns.take(user, () => this.#refreshed(connection, user));
  }

  async #refreshed(connection: Connection, user: string): Promise<AccountView | undefined> {
    let view = await this.viewOf(user);
    const from = view === undefined ? 0n : view.number;
    const statements = await connection.statements({ user, from });
    for (const { statement } of statements) {
      const next = await this.#checked(view, statement);
      if (next === undefined) return view;
      view = next;
    }
    // Not even the known one: what is known was shown by the service to nobody else, or the service has lost it.
    if (statements.length === 0 && view !== undefined) {
      const { newestUnderLaterKey } = await import("./later-key.ts");
      view = await newestUnderLaterKey(connection, view, (known, statement) => this.#checked(known, statement));
    }
    if (view !== undefined) await this.#keep(view);
    return view;
  }

  /** This is what is known from now on. */
  keep(view: AccountView): Promise<void> {
    return this.#turns.take(view.user, () => this.#keep(view));
  }

  async #keep(view: AccountView): Promise<void> {
    const before = await this.viewOf(view.user);
    if (before !== undefined && !isLater(view, before)) return;
    const told = this.#events.adding(before === undefined ? [] : changesBetween(before, view));
    const beside = this.#beside?.(view) ?? [];
    await this.#store.batch([{ put: accountKey(view.user), value: view.statement }, ...beside, ...told.changes]);
    this.#views.set(view.user, view);
    told.after();
    this.#known?.(view.user);
    this.#changed?.();
  }

  async #checked(view: AccountView | undefined, statement: Uint8Array): Promise<AccountView | undefined> {
    try {
      return await checkStatement(view, statement);
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      const { alarm } = error;
      const { underLaterKey } = await import("./later-key.ts");
      const overruling = view && (await underLaterKey(view, statement));
      const events: ClientEvent[] =
        alarm === undefined
          ? []
          : [{ kind: "account-alarm", user: alarm.user, what: alarm.kind, known: alarm.known, other: alarm.other }];
      const told = this.#events.adding(events);
      await this.#store.batch(told.changes);
      told.after();
      return overruling;
    }
  }
}

/** Lists are counted anew with each account key: what a later key has signed comes after all that an earlier one has. */
function isLater(next: AccountView, known: AccountView): boolean {
  return next.keyNumber === known.keyNumber ? next.number > known.number : next.keyNumber > known.keyNumber;
}

/** What a person should hear of when a contact's list changes. */
function changesBetween(before: AccountView, after: AccountView): ClientEvent[] {
  const { user } = after;
  const known = new Map(before.devices.map((device) => [device.uri, device]));
  const events: ClientEvent[] = [];
  const { keyNumber, maker: by } = after;
  if (keyNumber !== before.keyNumber) events.push({ kind: "account-renewed", user, by, keyNumber });
  for (const { uri: device, signatureKey } of after.devices) {
    const other = known.get(device);
    known.delete(device);
    if (other !== undefined && bytesEqual(other.signatureKey, signatureKey)) continue;
    events.push({ kind: "device-changed", user, device, what: other === undefined ? "added" : "rekeyed" });
  }
  for (const device of known.keys()) events.push({ kind: "device-changed", user, device, what: "removed" });
  return events;
}
