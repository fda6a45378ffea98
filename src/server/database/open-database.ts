/**
 * A database by its address: PostgreSQL for many processes, or PGlite in a folder for one.
 */

import { is, options as optionsOf, text } from "../../bytes/takes.ts";
import type { DeliveryPort } from "../../delivery/port.ts";
import { noWakeups, type Wakeups } from "../../delivery/wakeups.ts";
import type { RecoveryPort } from "../../vault/recovery/port.ts";
import type { AccountLogStore } from "../../transparency/account-log.ts";
import { accountLogStore } from "./account-log-store.ts";
import { bytesInDatabase, bytesInFolder } from "./blob-bytes.ts";
import { statement, type Database } from "./database.ts";
import { migrate } from "./migrations.ts";
import { pgliteDatabase } from "./pglite.ts";
import { sqlRecoveryPort } from "./port/recoveries.ts";
import { sqlPort } from "./port/sql-port.ts";
import { failed } from "./errors.ts";
import { postgresWakeups } from "./postgres-wakeups.ts";
import { postgresDatabase } from "./postgres.ts";

/** Where the database is. */
export type DatabaseAddress =
  | {
      /** postgres://user:password@host:port/database, of PostgreSQL 15 or newer. Needs the package `pg`. */
      readonly url: string;
      /** How many connections this process opens at most, beside three for what does not wait. Default: 10 */
      readonly connections?: number;
    }
  | {
      /** A folder of PGlite's, which one process has at a time. Needs the package `@electric-sql/pglite`. */
      readonly folder: string;
    };

/** How a database is opened. */
export type DatabaseOptions = DatabaseAddress & {
  /** A folder for blobs, which all processes of the service see. Default: they are in the database. */
  readonly blobs?: string;
};

/** A database that is open. */
export interface OpenDatabase {
  /** For `deliveryOver`. */
  readonly port: DeliveryPort;
  /** For `deliveryOver`'s option of this name: what other processes on the same database do. */
  readonly wakeups: Wakeups;
  /** For a `RecoveryServer` of copse/vault, which has a table of its own. */
  readonly recovery: RecoveryPort;
  /** For `accountLog` of copse/transparency: what all processes on the database keep together. */
  readonly accountLog: AccountLogStore;
  /** Whether the database answers, for a check of readiness. @throws DatabaseError */
  check(): Promise<void>;
  /** End all connections, when what was asked has been answered. */
  close(): Promise<void>;
}

/** More would be a mistake: a PostgreSQL takes a hundred by default. */
const mostConnections = 10_000;
const aCount = is(
  "a whole number, 1 to 10000",
  (value) => Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= mostConnections,
);
const takesUrl = optionsOf({ url: text, connections: aCount, blobs: text }, "url");
const takesFolder = optionsOf({ folder: text, blobs: text }, "folder");

const ping = statement("scan", "ping", "select 1 as one");

/**
 * Open a database, and bring its tables to this version, under a lock.
 *
 * @throws DatabaseError "database-package" where the driver is not installed, "database-version" where a newer version of copse has
 * made the tables, "database-in-use" where another process has the folder, "database-old", "database-failed"
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const isUrl = "url" in options;
  (isUrl ? takesUrl : takesFolder)("openDatabase", options);
  const database = await (isUrl
    ? postgresDatabase(options.url, options.connections ?? 10)
    : pgliteDatabase(options.folder));
  try {
    await migrate(database);
    if (!isUrl) return opened(database, options.blobs, noWakeups, async () => database.close());
    const wakeups = await postgresWakeups(options.url).catch(failed);
    return opened(database, options.blobs, wakeups, async () => {
      await wakeups.close();
      await database.close();
    });
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
}

function opened(
  database: Database,
  blobs: string | undefined,
  wakeups: Wakeups,
  close: () => Promise<void>,
): OpenDatabase {
  return {
    port: sqlPort(database, blobs === undefined ? bytesInDatabase : bytesInFolder(blobs)),
    wakeups,
    recovery: sqlRecoveryPort(database),
    accountLog: accountLogStore(database),
    check: async () => {
      await database.run(ping);
    },
    close,
  };
}
