/**
 * The table of a recovery server over memory and PGlite. Over PostgreSQL: `npm run test:server`.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { sqlRecoveryPort } from "../../../src/server/database/port/recoveries.ts";
import { memoryRecoveryPort } from "../../../src/vault/recovery/port.ts";
import { pgliteUnderTest } from "../under-test.ts";
import { recoveryPortSuite } from "./port-suite.ts";

let database: Awaited<ReturnType<typeof pgliteUnderTest>>;
beforeAll(async () => {
  database = await pgliteUnderTest();
});
afterAll(() => database.close());

recoveryPortSuite("memory", () => {
  const port = memoryRecoveryPort();
  return Promise.resolve([port, port]);
});

recoveryPortSuite("PGlite", async () => {
  await database.clear();
  return [sqlRecoveryPort(database.database), sqlRecoveryPort(database.database)];
});

it("its rows name no account", async () => {
  await database.clear();
  await sqlRecoveryPort(database.database).swap(utf8("mimi://example.org/u/alice"), undefined, utf8("kept"));
  await database.database.migrate(async (execute) => {
    const [row] = await execute("select account from copse.recoveries");
    expect(row?.["account"]).toMatch(/^[0-9a-f]{64}$/);
  });
});
