/**
 * copse/storage/sqlite: a store in a table of SQLite, by any driver that is synchronous: better-sqlite3, `node:sqlite`, those of
 * React Native.
 *
 *     import Database from "better-sqlite3";
 *     const store = sqliteStore(new Database("alice.db"));
 *
 * @module
 */

import { checkCount } from "../bytes/numbers.ts";
import { platformClock } from "../bytes/clock.ts";
import { platformTimers, type Timers } from "../bytes/timers.ts";
import { StoreError } from "./errors.ts";
import { storeOver, type FlatDatabase, type FlatRange } from "./flat.ts";
import type { Store } from "./store.ts";

/** A connection, as better-sqlite3's `Database` and `DatabaseSync` of `node:sqlite` are. */
export interface SqliteDatabase {
  /** Run statements that have no parameters. */
  exec(sql: string): unknown;
  /** A statement, to be run often. */
  prepare(sql: string): SqliteStatement;
  /** End the connection. */
  close(): unknown;
}

/** A prepared statement of it. */
export interface SqliteStatement {
  /** Run it. */
  run(...parameters: unknown[]): unknown;
  /** Its first row, as an object by the columns' names; undefined where there is none. */
  get(...parameters: unknown[]): unknown;
  /** All its rows. */
  all(...parameters: unknown[]): unknown[];
}

/** Options of `sqliteStore`. */
export interface SqliteOptions {
  /**
   * Whether no other process opens the database while this one has it. Without it, one that opens it takes it over, and the
   * earlier one's next operation throws "store-lost": as with a push handler beside an application. Default: true
   */
  readonly exclusive?: boolean;
  /**
   * With `exclusive: false`: nobody takes the database over from a process that is awake. It says so again and again, and who opens the
   * database within this time after it has fallen asleep, or died, is told "store-locked".
   */
  readonly lease?: SqliteLease;
}

/** How long a process counts as awake. */
export interface SqliteLease {
  /** In milliseconds, 300 or more, the same for all processes. A third of it is how often it says so. Default: 10,000 */
  readonly milliseconds?: number;
  /** The same for all processes. Default: the platform's clock, in milliseconds since 1970 */
  readonly clock?: () => number;
  /** Default: the platform's */
  readonly timers?: Timers;
}

/** How the tables are: a newer version of copse may make others. */
const version = 1;

/**
 * The store in a database, beside whatever else the application has in it. Closing the store closes the connection.
 *
 * @throws StoreError "store-locked" where another process has it, "store-version" where a newer version of copse has made it; the
 * connection is closed then, too. TypeError for a database in UTF-16, in which texts have another order.
 */
export function sqliteStore(database: SqliteDatabase, options: SqliteOptions = {}): Store {
  try {
    return open(database, options);
  } catch (error) {
    database.close();
    throw error instanceof StoreError || error instanceof TypeError
      ? error
      : new StoreError("store-failed", { cause: error });
  }
}

function open(database: SqliteDatabase, { exclusive = true, lease }: SqliteOptions): Store {
  if (lease !== undefined && exclusive) throw new TypeError("a lease is for exclusive: false");
  const { milliseconds = 10_000, clock = platformClock, timers = platformTimers } = lease ?? {};
  checkCount("lease.milliseconds", milliseconds, [300, 2 ** 31 - 1]);
  let synchronous = "";
  /** SQLite takes it between transactions only. */
  const synchronize = (level: "normal" | "full"): void => {
    if (level === synchronous) return;
    try {
      database.exec(`pragma synchronous = ${level}`);
    } catch (cause) {
      throw new StoreError("store-not-written", { cause });
    }
    synchronous = level;
  };
  /** What fails before the commit is rolled back; of a commit that fails nobody knows. */
  const transaction = <T>(work: () => T): T => {
    let result: T;
    try {
      database.exec("begin immediate");
    } catch (cause) {
      throw new StoreError(isBusy(cause) ? "store-locked" : "store-not-written", { cause });
    }
    try {
      result = work();
    } catch (cause) {
      rollback(database); // where SQLite has not done so by itself
      throw cause instanceof StoreError ? cause : new StoreError("store-not-written", { cause });
    }
    try {
      database.exec("commit");
    } catch (cause) {
      rollback(database);
      throw new StoreError("store-failed", { cause });
    }
    return result;
  };

  // Ranges are of keys in the order of UTF-8. An empty database gets its encoding with its first table.
  let encoding: string;
  try {
    database.exec("pragma encoding = 'UTF-8'");
    ({ encoding } = database.prepare("pragma encoding").get() as { readonly encoding: string });
  } catch (cause) {
    throw new StoreError(isBusy(cause) ? "store-locked" : "store-failed", { cause });
  }
  if (encoding !== "UTF-8")
    throw new TypeError("the database is in UTF-16: keep the store in one of its own, in UTF-8");
  try {
    if (exclusive) database.exec("pragma locking_mode = exclusive");
    database.exec("pragma journal_mode = wal");
    database.exec("pragma secure_delete = on");
  } catch (cause) {
    throw new StoreError(isBusy(cause) ? "store-locked" : "store-failed", { cause });
  }
  synchronize("full");
  const owner = transaction(() => {
    database.exec(`
      create table if not exists copse_store (key text primary key, value blob not null) without rowid;
      create table if not exists copse_opened (version integer not null, owner integer not null, flushes integer not null);
      insert into copse_opened select ${String(version)}, 0, 0 where not exists (select * from copse_opened);
      create table if not exists copse_lease (owner integer not null, until integer not null);
    `);
    const awake = database.prepare(
      "select until from copse_lease where owner = (select owner from copse_opened) and until > ? and until <= ?",
    );
    // A lease that ends much later was written by a clock that has been set back since: whoever is awake has written another one.
    const now = clock();
    if (lease !== undefined && awake.get(now, now + 2 * milliseconds) !== undefined)
      throw new StoreError("store-locked");
    database.exec("update copse_opened set owner = owner + 1; delete from copse_lease");
    const opened = database.prepare("select version, owner from copse_opened").get() as Opened;
    if (opened.version > version) throw new StoreError("store-version");
    return opened.owner;
  });

  const renewed = database.prepare("insert into copse_lease select owner, ? from copse_opened where owner = ?");
  let stopRenewing: (() => void) | undefined;
  /** Another process that has taken it over is found out by the next operation. */
  const renew = (): void => {
    stopRenewing = timers.after(Math.floor(milliseconds / 3), renew);
    try {
      synchronize("normal");
      transaction(() => {
        database.exec(`delete from copse_lease where owner = ${String(owner)}`);
        renewed.run(clock() + milliseconds, owner);
      });
    } catch {
      // the next one says it
    }
  };
  if (lease !== undefined) renew();

  const opened = database.prepare("select version, owner from copse_opened");
  const get = database.prepare("select value from copse_store where key = ?");
  const put = database.prepare("insert or replace into copse_store values (?, ?)");
  const remove = database.prepare("delete from copse_store where key = ?");
  const count = database.prepare("update copse_opened set flushes = flushes + 1");
  const pages = new Map<string, SqliteStatement>();
  const check = (): void => {
    if ((opened.get() as Opened).owner !== owner) throw new StoreError("store-lost");
  };
  const pageOf = ({ after, below, reverse }: FlatRange): SqliteStatement => {
    const end = below === undefined ? "" : "and key < ?";
    const sql = `select key, value from copse_store where key ${after ? ">" : ">="} ? ${end}
      order by key ${reverse ? "desc" : "asc"} limit ?`;
    let statement = pages.get(sql);
    if (statement === undefined) pages.set(sql, (statement = database.prepare(sql)));
    return statement;
  };
  const flat: FlatDatabase = {
    getMany: (keys) => {
      const values = keys.map((key) => (get.get(key) as Row | undefined)?.value);
      check(); // afterwards: whoever has taken it over meanwhile may have written between two of them
      return values;
    },
    page: (range) => {
      const { from, below, limit } = range;
      const bounds = below === undefined ? [from] : [from, below];
      const rows = pageOf(range).all(...bounds, limit) as Row[];
      check();
      return rows.map(({ key, value }) => [key, value] as const);
    },
    write: (puts, deletes, flush) => {
      synchronize(flush ? "full" : "normal");
      transaction(() => {
        check();
        if (flush) count.run(); // or where nothing is different afterwards, nothing would be written, and nothing flushed
        for (const key of deletes) remove.run(key);
        for (const [key, value] of puts) put.run(key, value);
      });
    },
    close: () => {
      stopRenewing?.();
      if (lease !== undefined) letGo(database, owner);
      database.close();
    },
  };
  return storeOver(flat);
}

/** The lease ends with the store: where that can't be written, with its time. */
function letGo(database: SqliteDatabase, owner: number): void {
  try {
    database.exec(`delete from copse_lease where owner = ${String(owner)}`);
  } catch {
    // busy, or gone
  }
}

function rollback(database: SqliteDatabase): void {
  try {
    database.exec("rollback");
  } catch {
    // there is no transaction any more
  }
}

interface Opened {
  readonly version: number;
  readonly owner: number;
}

interface Row {
  readonly key: string;
  readonly value: Uint8Array;
}

/** better-sqlite3 says it by a name, `node:sqlite` by SQLite's number. */
function isBusy(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as { readonly code?: unknown; readonly errcode?: unknown };
  return (typeof code === "string" && code.startsWith("SQLITE_BUSY")) || errcode === 5;
}
