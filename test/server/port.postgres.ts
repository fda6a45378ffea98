/**
 * The port's suite and the service's over PostgreSQL: two processes are two pools of connections.
 */

import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { deliveryOver } from "../../src/delivery/service.ts";
import { bytesInDatabase } from "../../src/server/database/blob-bytes.ts";
import { statement, type Database } from "../../src/server/database/database.ts";
import { migrate, migrations } from "../../src/server/database/migrations.ts";
import { openDatabase } from "../../src/server/database/open-database.ts";
import { sqlPort } from "../../src/server/database/port/sql-port.ts";
import { postgresDatabase } from "../../src/server/database/postgres.ts";
import { deliveryConformance } from "../../src/testing/delivery-conformance.ts";
import { testGroups } from "../../src/testing/delivery/device.ts";
import { address } from "../delivery/world.ts";
import { portSuite } from "./port-suite.ts";
import { PostgresServer, postgresPrograms } from "./postgres-server.ts";
import { clearTables } from "./under-test.ts";

let server: PostgresServer;
let databases: readonly [Database, Database];
beforeAll(async () => {
  server = await PostgresServer.start(postgresPrograms() ?? "");
  databases = [await postgresDatabase(server.url, 20), await postgresDatabase(server.url, 20)];
  await Promise.all(databases.map((each) => migrate(each)));
});
afterAll(async () => {
  await Promise.all(databases.map((each) => each.close()));
  server.stop();
});

const opened = async () => {
  await clearTables(databases[0]);
  return [sqlPort(databases[0], bytesInDatabase), sqlPort(databases[1], bytesInDatabase)] as const;
};

portSuite("PostgreSQL", { open: opened });

describe("the service over PostgreSQL", () => {
  for (const { name, run } of deliveryConformance(async ({ consent }) => {
    const [port] = await opened();
    let now = 1_800_000_000_000;
    const clock = (): number => now;
    const service = deliveryOver(port, { address, group: testGroups, accounts: firstKeyCounts, consent, clock });
    return {
      delivery: service,
      address,
      clock,
      advance: (milliseconds) => {
        now += milliseconds;
      },
      sweep: async () => service.sweep(),
    };
  })) {
    test(name, async () => {
      expect(await run()).toBe("passed");
    });
  }
});

describe("a statement that is not answered", () => {
  it("fails, and what waits behind it goes on", async () => {
    const [port] = await opened();
    const hurried = await postgresDatabase(server.url, 1, 300);
    const other = sqlPort(hurried, bytesInDatabase);
    const user = "mimi://example.org/u/alice";
    let isOver = (): void => undefined;
    const over = new Promise<void>((go) => (isOver = go));
    await port.users.addStatement(user, 0n, new Uint8Array(1), 9);
    let isHeld = (): void => undefined;
    const held = new Promise<void>((go) => (isHeld = go));
    const holding = databases[0].transaction("user", user, async (within) => {
      await within.run(holdUser, user);
      isHeld();
      await over;
    });
    await held;
    const waiting = other.users.addStatement(user, 1n, new Uint8Array(1), 9);
    await expect(waiting).rejects.toMatchObject({ code: "database-failed" });
    expect((await other.users.lastStatement(user))?.number, "on another connection").toBe(0n);
    isOver();
    await holding;
    expect(await other.users.addStatement(user, 1n, new Uint8Array(1), 9)).toBe("added");
    await hurried.close();
  });
});

describe("what an earlier statement says of a device", () => {
  it("is not written once a later one is there, though it began before and had to wait", async () => {
    const [port, other] = await opened();
    const [device, user] = ["mimi://example.org/d/alice/phone", "mimi://example.org/u/alice"];
    const row = {
      device,
      user,
      cipherSuite: 1,
      signatureKey: new Uint8Array(1),
      listed: true,
      incarnation: 1n,
      incarnationId: "01".repeat(16),
    };
    await port.devices.open(row, 0n, { most: 9, at: 0, since: 0 });
    await port.users.addStatement(user, 0n, new Uint8Array(1), 9);
    let isOver = (): void => undefined;
    const over = new Promise<void>((go) => (isOver = go));
    let isHeld = (): void => undefined;
    const held = new Promise<void>((go) => (isHeld = go));
    const holding = databases[0].transaction("user", user, async (within) => {
      await within.run(holdDevices, user);
      isHeld();
      await over;
    });
    await held;
    const earlier = port.devices.list(device, false, 0n);
    await until(() => waiting() === 1);
    let isDone = false;
    const later = (async () => {
      await other.users.addStatement(user, 1n, new Uint8Array(1), 9);
      const [found] = await other.devices.ofUser(user);
      if (found?.listed === false) await other.devices.list(device, true, 1n); // as the service does
      isDone = true;
    })();
    await until(() => isDone || waiting() === 2);
    isOver();
    await Promise.all([holding, earlier, later]);
    expect((await port.devices.row(device))?.listed).toBe(true);
  });
});

/** How many statements wait for others. */
function waiting(): number {
  return Number(server.run("psql", "-At", server.url, "-c", "select count(*) from pg_locks where not granted"));
}

/** Ask until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

const holdDevices = statement(
  "user",
  "hold devices",
  "select d.device from copse.devices as d where d.user_uri = $1 for update",
);

const holdUser = statement(
  "user",
  "hold user",
  "select u.user_uri from copse.users as u where u.user_uri = $1 for update",
);

describe("tables", () => {
  it("are made once by processes that begin at the same time", async () => {
    server.run("createdb", "-h", "127.0.0.1", "-p", String(server.port), "-U", "copse", "fresh");
    const url = server.urlOf("fresh");
    const all = await Promise.all(Array.from({ length: 6 }, () => openDatabase({ url, connections: 2 })));
    await Promise.all(all.map((each) => each.check()));
    const steps = server.run("psql", "-At", url, "-c", "select count(*) from copse.migrations");
    expect(Number(steps)).toBe(migrations.length);
    await Promise.all(all.map((each) => each.close()));
  });

  it("of a later version are refused", async () => {
    server.run("createdb", "-h", "127.0.0.1", "-p", String(server.port), "-U", "copse", "later");
    const url = server.urlOf("later");
    const database = await postgresDatabase(url, 2);
    await migrate(database, [...migrations, "create table copse.later (room text)"]);
    await database.close();
    await expect(openDatabase({ url })).rejects.toMatchObject({ code: "database-version" });
  });

  it("of a step that fails are as they were before it", async () => {
    server.run("createdb", "-h", "127.0.0.1", "-p", String(server.port), "-U", "copse", "half");
    const database = await postgresDatabase(server.urlOf("half"), 2);
    await expect(migrate(database, ["create table copse.one (n int); select 1 / 0"])).rejects.toMatchObject({
      code: "database-failed",
    });
    await migrate(database);
    await database.close();
  });

  it("are not reached where there is no server", async () => {
    await expect(openDatabase({ url: "postgres://copse@127.0.0.1:1/copse" })).rejects.toMatchObject({
      code: "database-failed",
    });
  });
});
