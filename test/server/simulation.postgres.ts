/**
 * Simulated clients over the real server on PostgreSQL: bad networks, crashes, lies and members that keep no rule.
 */

import { afterAll, beforeAll, describe, it } from "vitest";
import { bytesInDatabase } from "../../src/server/database/blob-bytes.ts";
import type { Database } from "../../src/server/database/database.ts";
import { migrate } from "../../src/server/database/migrations.ts";
import { sqlPort } from "../../src/server/database/port/sql-port.ts";
import { postgresDatabase } from "../../src/server/database/postgres.ts";
import { PostgresServer, postgresPrograms } from "./postgres-server.ts";
import { SimulatedServers } from "./simulated-server.ts";
import { playOver, storiesOr, type Over } from "./simulated-stories.ts";
import { clearTables } from "./under-test.ts";

let server: PostgresServer;
let database: Database;
const servers = new SimulatedServers();
beforeAll(async () => {
  server = await PostgresServer.start(postgresPrograms() ?? "");
  database = await postgresDatabase(server.url, 10);
  await migrate(database);
});
afterAll(async () => {
  await servers.close();
  await database.close();
  server.stop();
});

const onServer: Over = async () => {
  await servers.close();
  await clearTables(database);
  return { port: sqlPort(database, bytesInDatabase), reach: servers.reach };
};

const file = "test/checks/vitest-server.config.ts test/server/simulation.postgres.ts";

describe("clients over HTTP and PostgreSQL", () => {
  for (const [kind, few] of [
    ["bad network", 12],
    ["power cuts", 4],
    ["several versions", 4],
    ["a service that lies", 1],
    ["a member that keeps no rule", 1],
  ] as const) {
    it(`lose nothing: ${kind}`, () => playOver(onServer, kind, storiesOr(few), `${file} -t "${kind}"`));
  }
});
