/**
 * Databases for tests: each empty when a test begins.
 */

import type { DeliveryPort } from "../../src/delivery/port.ts";
import { bytesInDatabase } from "../../src/server/database/blob-bytes.ts";
import type { Database } from "../../src/server/database/database.ts";
import { migrate } from "../../src/server/database/migrations.ts";
import { pgliteDatabase } from "../../src/server/database/pglite.ts";
import { sqlPort } from "../../src/server/database/port/sql-port.ts";

/** A database under test. */
export interface UnderTest {
  /** A port on it: each is another process's. */
  port(): DeliveryPort;
  /** Nothing is in it any more. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** PGlite in memory. Its tables are made once: that takes seconds. */
export async function pgliteUnderTest(): Promise<UnderTest & { readonly database: Database }> {
  const database = await pgliteDatabase(undefined);
  await migrate(database);
  return {
    database,
    port: () => sqlPort(database, bytesInDatabase),
    clear: () => clearTables(database),
    close: () => database.close(),
  };
}

/** All rows of all tables, but for the version. */
export async function clearTables(database: Database): Promise<void> {
  await database.migrate(async (execute) => {
    const tables = await execute(
      "select string_agg('copse.' || tablename, ', ') as names from pg_tables where schemaname = 'copse' and tablename <> 'migrations'",
    );
    await execute(`truncate ${String(tables[0]?.["names"])}`);
  });
}
