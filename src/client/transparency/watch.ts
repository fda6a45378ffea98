/**
 * Watches the service's log of accounts: what it says of this user and of contacts, that it only grows, and that others are shown the same.
 *
 * This user is looked up every few hours and with each new list; others when they are met and when their lists change. Heads go around in rooms.
 */

import { copyBytes } from "../../bytes/copy.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { MimiContent } from "../../content/mimi.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { StoreChange } from "../../storage/store.ts";
import { TransparencyError } from "../../transparency/errors.ts";
import type { LogKeys } from "../../transparency/head.ts";
import { compareLogged, LogMonitor, type LoggedComparison } from "../../transparency/monitor.ts";
import { isAway } from "../away.ts";
import type { ClientEvent } from "../events.ts";
import { hasPassed } from "../passed.ts";
import type { RoomCore } from "../room/core.ts";
import { sayAside } from "../room/aside.ts";
import { Turns } from "../turns.ts";
import { timeEntry } from "../store/entry.ts";
import { dueLookup } from "./due.ts";
import type { OpenedMessage, Surroundings } from "../surroundings.ts";
import { logHeadContent, logHeadIn } from "./content.ts";
import {
  heardHeadEntry,
  heardHeadKey,
  knownLogEntry,
  knownLogKey,
  knownLoggedEntry,
  knownLoggedKey,
  toldHeadEntry,
  toldHeadKey,
  type KnownLog,
  type KnownLogged,
} from "./kept.ts";
import type { LogFinding } from "./options.ts";

/** How often this user is looked up, in milliseconds. */
const ownEvery = 6 * 60 * 60_000;
/** A service may log a list a little late: how long it is asked again, and how often, before it is told. */
const patience = 60 * 60_000;
const askedAgain = 60_000;
/** Users who are looked up at one time, and heads that are compared. */
const atOnce = 8;
/** A head is told in one room at most so often, and it is worth sending as long. */
const toldEvery = 24 * 60 * 60_000;
/** No hashes: the proof of nothing, in place of one that the service does not have. */
const noProof = Uint8Array.of(0);
/** Larger rooms are not for that. */
const largest = 64;

export interface LogWatchParts {
  readonly around: Surroundings;
  readonly keys: LogKeys;
  readonly wake: (room: string) => void;
}

export class LogWatch {
  readonly #parts: LogWatchParts;
  readonly #monitor: LogMonitor;
  #known: KnownLog;
  /** The list of this user that was looked up last. */
  #lookedUp: AccountView | undefined;
  /** When each was looked up last of those who are due. */
  readonly #triedAt = new Map<string, number>();
  /** Since when the service has given no proof between two heads, and when it was asked last. */
  #unproven: { readonly since: number; readonly at: number } | undefined;
  /** When it could not be looked up. */
  #failedAt = -askedAgain;
  readonly #turns: Turns = new Turns();
  /** Devices that have said a head since one of theirs was compared last. */
  readonly #heardFrom = new Set<string>();

  private constructor(parts: LogWatchParts, known: KnownLog, monitor: LogMonitor) {
    this.#parts = parts;
    this.#known = known;
    this.#monitor = monitor;
  }

  static async open(parts: LogWatchParts): Promise<LogWatch> {
    const { store } = parts.around;
    const stored = await store.get(knownLogKey);
    const known = stored === undefined ? { head: undefined, ownAt: 0, told: "" } : knownLogEntry.read(stored);
    const head = known.head === undefined ? {} : { head: known.head };
    const watch = new LogWatch(parts, known, await LogMonitor.open({ keys: parts.keys, ...head }));
    if (stored === undefined) await watch.#begin();
    return watch;
  }

  /** From now on the log is watched: everybody who is known already is looked up. */
  async #begin(): Promise<void> {
    const { store, user, clock } = this.#parts.around;
    const changes: StoreChange[] = [{ put: knownLogKey, value: knownLogEntry.write(this.#known) }];
    for await (const { key } of store.range({ prefix: ["account"] })) {
      const other = String(key[1]);
      if (other !== user) changes.push(dueLookup(other, clock()));
    }
    await store.batch(changes);
  }

  /** Somebody has said a head: it is compared later. */
  heard(message: OpenedMessage, content: MimiContent): readonly StoreChange[] {
    const head = logHeadIn(content);
    if (head === undefined || head.length === 0 || message.device === this.#parts.around.device) return [];
    this.#heardFrom.add(message.device);
    return [{ put: heardHeadKey(message.device), value: heardHeadEntry.write({ head }) }];
  }

  /** Look up who is due, compare what was heard, and tell what is to be told. */
  chore(connection: Connection, cores: readonly RoomCore[]): Promise<void> {
    return this.#turns.take(async () => {
      await this.#own(connection);
      await this.#others(connection);
      await this.#compare(connection);
      await this.#tell(cores);
    });
  }

  /** What the log says of a user now, and how that stands to what is known of the user. Undefined where the service has no log. */
  ask(connection: Connection, user: string): Promise<LoggedComparison | undefined> {
    return this.#turns.take(async () => {
      const view = await this.#parts.around.book?.refresh(connection, user);
      return view === undefined ? undefined : this.#lookUp(connection, view);
    });
  }

  async #own(connection: Connection): Promise<void> {
    const { around } = this.#parts;
    const view = await around.book?.viewOf(around.user);
    if (view === undefined) return;
    const now = around.clock();
    const isDue = hasPassed(ownEvery, this.#known.ownAt, now) || view !== this.#lookedUp;
    if (!isDue || !hasPassed(askedAgain, this.#failedAt, now)) return;
    const settled = await this.#settle(connection, view);
    if (settled === undefined) {
      this.#failedAt = now;
      return;
    }
    if (mayBeLate(settled.comparison)) await around.store.batch([dueLookup(around.user, now)]);
    this.#lookedUp = settled.view;
    await this.#keep({ ownAt: around.clock() });
  }

  async #others(connection: Connection): Promise<void> {
    const { store, book, clock } = this.#parts.around;
    let left = atOnce;
    for await (const { key, value } of store.range({ prefix: ["log-due"] })) {
      const user = String(key[1]);
      if (!hasPassed(askedAgain, this.#triedAt.get(user) ?? -askedAgain, clock())) continue;
      if (left-- === 0) return;
      this.#triedAt.set(user, clock());
      const since = timeEntry.read(value);
      const known = await book?.viewOf(user);
      const settled = known && (await this.#settle(connection, known, since));
      if (known !== undefined && settled === undefined) return; // the log itself is wrong, or not there
      const over = async (): Promise<void> => {
        await store.batch([{ delete: key }]);
        this.#triedAt.delete(user);
      };
      if (settled === undefined) await over();
      // A list that was shown meanwhile is due by itself.
      else if (!mayBeLate(settled.comparison) || hasPassed(patience, since, clock()))
        await book?.whileKnown(settled.view, over);
    }
  }

  /** Look a user up, and once more with the newest list where the log knows a newer one. Tells what is wrong. */
  async #settle(
    connection: Connection,
    view: AccountView,
    since: number = this.#parts.around.clock(),
  ): Promise<{ readonly comparison: LoggedComparison; readonly view: AccountView } | undefined> {
    const { around } = this.#parts;
    let comparison = await this.#lookUp(connection, view);
    if (comparison === "ahead") {
      const newer = await around.book?.refresh(connection, view.user);
      if (newer !== undefined) comparison = await this.#lookUp(connection, (view = newer));
    }
    if (comparison === undefined) return undefined;
    if (comparison === "same") await this.#say(view.user, "");
    else if (!mayBeLate(comparison) || hasPassed(patience, since, around.clock()))
      await this.#say(view.user, comparison);
    return { comparison, view };
  }

  /** What the log says of a user, compared with what is known. Undefined where what is wrong is the log's. */
  async #lookUp(connection: Connection, view: AccountView): Promise<LoggedComparison | undefined> {
    const { store } = this.#parts.around;
    const { user } = view;
    const size = this.#monitor.known?.size;
    const answer = await connection.lookUp({ user, ...(size !== undefined && { size }) }).catch((error: unknown) => {
      if (!(error instanceof DeliveryError) || isAway(error)) throw error;
      return {}; // a service that is older has no such request
    });
    const { lookup, consistency } = { lookup: undefined, consistency: undefined, ...answer };
    if (lookup === undefined) {
      await this.#alarm("no-log");
      return undefined;
    }
    const stored = await store.get(knownLoggedKey(user));
    const before = stored === undefined ? undefined : knownLoggedEntry.read(stored);
    try {
      const found = await this.#monitor.check({ user, lookup, ...(consistency !== undefined && { consistency }) });
      const value: KnownLogged = { found: found ?? before?.found, told: before?.told ?? "" };
      await store.batch([{ put: knownLoggedKey(user), value: knownLoggedEntry.write(value) }]);
      await this.#keep({ told: "" });
      if (found === undefined && before?.found !== undefined) return "rewritten";
      return compareLogged(found, view, before?.found);
    } catch (error) {
      if (!(error instanceof TransparencyError)) throw error;
      await this.#alarm(error.code, error.evidence);
      return undefined;
    }
  }

  /** Compare the heads that others have said with what the service shows. */
  async #compare(connection: Connection): Promise<void> {
    const { store } = this.#parts.around;
    let left = atOnce;
    for await (const { key, value } of store.range({ prefix: ["heard-log"] })) {
      if (left-- === 0) return;
      const { head } = heardHeadEntry.read(value);
      const found = await this.#comparison(connection, head);
      if (found !== "well") await this.#alarm(found.code, found.evidence, head);
      // Another one may stand there by now: then it is compared the next time.
      if (!this.#heardFrom.delete(String(key[1]))) await store.batch([{ delete: key }]);
    }
  }

  async #comparison(connection: Connection, head: Uint8Array): Promise<TransparencyError | "well"> {
    const known = this.#monitor.known?.size ?? 0;
    let isSigned = false;
    try {
      if ((await this.#monitor.hear(head)) === "ask") {
        isSigned = true;
        const [from, to] = [known, await this.#sizeOf(head)].sort((a, b) => a - b) as [number, number];
        await this.#monitor.hear(head, await this.#proof(connection, from, to));
      }
      await this.#keep({});
      return "well";
    } catch (error) {
      if (!(error instanceof TransparencyError)) throw error;
      // What the log has not signed is its teller's own, and says nothing of the log.
      return isSigned || error.code === "head-fork" ? error : "well";
    }
  }

  /** The proof between two sizes: that of nothing where the service refuses it, or has not given it for so long. */
  async #proof(connection: Connection, from: number, to: number): Promise<Uint8Array> {
    const { clock } = this.#parts.around;
    try {
      const { consistency = noProof } = await connection.logProof({ from, to });
      this.#unproven = undefined;
      return consistency;
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      const now = clock();
      // Where it was not asked for long, as without a network, it has refused nothing meanwhile.
      const isAnew = this.#unproven === undefined || hasPassed(patience / 2, this.#unproven.at, now);
      const since = isAnew ? now : this.#unproven!.since;
      this.#unproven = { since, at: now };
      if (isAway(error) && !hasPassed(patience, since, now)) throw error;
      return noProof;
    }
  }

  /** How many entries a head is of: its signature was verified. */
  async #sizeOf(head: Uint8Array): Promise<number> {
    return (await LogMonitor.open({ keys: this.#parts.keys, head })).known?.size ?? 0;
  }

  /**
   * Say the newest head in rooms in which it was not said for a while, if something has happened there since: what is said wakes devices that
   * sleep, and where nobody writes, nothing is lost by keys that nobody uses.
   */
  async #tell(cores: readonly RoomCore[]): Promise<void> {
    const { around, wake } = this.#parts;
    const { head } = this.#monitor;
    if (head === undefined) return;
    const now = around.clock();
    for (const core of cores) {
      const { loaded, id } = core;
      if (loaded === undefined || core.state.status !== "member" || around.isSelf(id)) continue;
      if (loaded.size < 2 || loaded.size > largest) continue;
      const { nextEntry } = core.state;
      const stored = await around.store.get(toldHeadKey(id));
      const last = stored && toldHeadEntry.read(stored);
      if (last !== undefined && (!hasPassed(toldEvery, last.at, now) || nextEntry === last.nextEntry)) continue;
      await around.store.batch([{ put: toldHeadKey(id), value: toldHeadEntry.write({ at: now, nextEntry }) }]);
      await sayAside(core, logHeadContent(head), now + toldEvery);
      wake(id);
    }
  }

  /** Something is wrong with what the log says of a user, or with nothing any more: told once. */
  async #say(user: string, what: Extract<ClientEvent, { kind: "logged-differently" }>["what"] | ""): Promise<void> {
    const { store, events } = this.#parts.around;
    const stored = await store.get(knownLoggedKey(user));
    const known = stored === undefined ? { found: undefined, told: "" } : knownLoggedEntry.read(stored);
    if (known.told === what) return;
    const told = events.adding(what === "" ? [] : [{ kind: "logged-differently", user, what }]);
    const value = knownLoggedEntry.write({ ...known, told: what });
    await store.batch([{ put: knownLoggedKey(user), value }, ...told.changes]);
    told.after();
  }

  /** Something is wrong with the log: told once, until it is well again. */
  async #alarm(what: LogFinding, evidence?: Uint8Array, other?: Uint8Array): Promise<void> {
    const { store, events } = this.#parts.around;
    if (this.#known.told === what) return;
    const known = this.#monitor.head;
    const told = events.adding([
      {
        kind: "log-alarm",
        what,
        ...(evidence !== undefined && { evidence }),
        ...(known !== undefined && { known }),
        ...(other !== undefined && { other }),
      },
    ]);
    this.#known = { ...this.#known, told: what };
    await store.batch([{ put: knownLogKey, value: knownLogEntry.write(this.#known) }, ...told.changes]);
    told.after();
  }

  async #keep(change: Partial<KnownLog>): Promise<void> {
    const { head } = this.#monitor;
    this.#known = { ...this.#known, ...change, head: head && copyBytes(head) };
    const { store } = this.#parts.around;
    await store.batch([{ put: knownLogKey, value: knownLogEntry.write(this.#known) }]);
  }
}

/** Whether time alone may mend it: the service is late, or this device is. */
function mayBeLate(comparison: LoggedComparison): boolean {
  return comparison === "behind" || comparison === "missing" || comparison === "ahead";
}
