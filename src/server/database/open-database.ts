/**
 * A database by its address: PostgreSQL for many processes, or PGlite in a folder for one.
 */

import { memoryPort } from "../../delivery/memory-port/memory-port.ts";
import type { DeliveryPort } from "../../delivery/port.ts";
import type { Wakeups } from "../../delivery/wakeups.ts";

/** Where the database is. */
export type DatabaseAddress =
  | {
      /** postgres://user:password@host:port/database, of PostgreSQL 15 or newer. Needs the package `pg`. */
      readonly url: string;
      /** How many connections this process opens at most, beside one for wake-ups. Default: 10 */
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
  /** Whether the database answers, for a check of readiness. @throws DatabaseError */
  check(): Promise<void>;
  /** End all connections, when what was asked has been answered. */
  close(): Promise<void>;
}

/** Open a database, and bring its tables to this version, under a lock. */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  if (!("url" in options || "folder" in options)) throw new TypeError("a url, or a folder");
  const port = memoryPort(); // until the SQL port is there
  return Promise.resolve({
    port,
    wakeups: { tell: () => undefined, hear: () => () => undefined },
    check: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
}
