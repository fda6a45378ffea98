/**
 * The port's suite over memory and PGlite. Over PostgreSQL: `npm run test:server`.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import { bytesInFolder } from "../../src/server/database/blob-bytes.ts";
import { sqlPort } from "../../src/server/database/port/sql-port.ts";
import { portSuite } from "./port-suite.ts";
import { pgliteUnderTest } from "./under-test.ts";

let database: Awaited<ReturnType<typeof pgliteUnderTest>>;
let folder: string;
beforeAll(async () => {
  database = await pgliteUnderTest();
  folder = mkdtempSync(join(tmpdir(), "copse-blobs-"));
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

portSuite("memory", {
  open: async () => {
    const port = memoryPort();
    return Promise.resolve([port, port] as const);
  },
});

portSuite("PGlite", {
  open: async () => {
    await database.clear();
    // One with its blobs in the database, and one in a folder, would each miss the other's: both are in the folder here.
    const port = sqlPort(database.database, bytesInFolder(folder));
    return [port, port];
  },
});
