/**
 * A recovery server over PostgreSQL: its table, and what is counted where the server or the database is killed while guesses are answered.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "../../../src/server/database/database.ts";
import { migrate } from "../../../src/server/database/migrations.ts";
import { openDatabase } from "../../../src/server/database/open-database.ts";
import { sqlRecoveryPort } from "../../../src/server/database/port/recoveries.ts";
import { postgresDatabase } from "../../../src/server/database/postgres.ts";
import { startServer } from "../../../src/server/server.ts";
import { PostgresServer, postgresPrograms } from "../postgres-server.ts";
import { ended, ServeProgram, type Served } from "../serve-program.ts";
import { clearTables } from "../under-test.ts";
import { killWhileGuessing } from "./killing.ts";
import { recoveryPortSuite } from "./port-suite.ts";

const rounds = Number(process.env["COPSE_KILL_ROUNDS"] ?? 10);
let server: PostgresServer;
let databases: readonly [Database, Database];
beforeAll(async () => {
  server = await PostgresServer.start(postgresPrograms() ?? "");
  databases = [await postgresDatabase(server.url, 20), await postgresDatabase(server.url, 20)];
  await migrate(databases[0]);
});
afterAll(async () => {
  await Promise.all(databases.map((each) => each.close()));
  server.stop();
});

recoveryPortSuite("PostgreSQL", async () => {
  await clearTables(databases[0]);
  return [sqlRecoveryPort(databases[0]), sqlRecoveryPort(databases[1])];
});

it("a process that is killed has counted every guess that it has answered", async () => {
  const program = await ServeProgram.build();
  server.run("createdb", "-h", "127.0.0.1", "-p", String(server.port), "-U", "copse", "process");
  const flags = { recovery: "open", database: server.urlOf("process"), port: 0, "log-level": "error" };
  let served: Served = await program.start(flags, ["recovery-only"]);
  const { answered } = await killWhileGuessing(
    {
      url: () => `http://127.0.0.1:${String(served.port)}`,
      kill: async () => {
        await ended(served, "SIGKILL");
      },
      begin: async () => {
        served = await program.start(flags, ["recovery-only"]);
      },
    },
    rounds,
  );
  expect(answered).toBeGreaterThanOrEqual(rounds);
  await ended(served, "SIGTERM");
  program.remove();
});

it("a PostgreSQL that is killed has, also where it is set to answer before it has written", async () => {
  server.run("createdb", "-h", "127.0.0.1", "-p", String(server.port), "-U", "copse", "hasty");
  const url = server.urlOf("hasty");
  server.run("psql", "-q", url, "-c", "alter database hasty set synchronous_commit = off");
  let database = await openDatabase({ url, connections: 12 });
  const open = () => startServer({ recovery: { port: database.recovery, authorize: () => true } });
  let running = await open();
  const { answered } = await killWhileGuessing(
    {
      url: () => running.url,
      kill: () => {
        server.kill();
        return Promise.resolve();
      },
      begin: async () => {
        server.begin();
        await running.close();
        await database.close().catch(() => undefined);
        database = await openDatabase({ url, connections: 12 });
        running = await open();
      },
    },
    rounds,
  );
  expect(answered).toBeGreaterThanOrEqual(rounds);
  await running.close();
  await database.close();
});
