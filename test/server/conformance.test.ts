/**
 * The delivery service over PGlite: the same tests as over memory.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { deliveryOver } from "../../src/delivery/service.ts";
import { deliveryConformance } from "../../src/testing/delivery-conformance.ts";
import { testGroups } from "../../src/testing/delivery/device.ts";
import { address } from "../delivery/world.ts";
import { pgliteUnderTest, type UnderTest } from "./under-test.ts";

let database: UnderTest;
beforeAll(async () => {
  database = await pgliteUnderTest();
});
afterAll(async () => {
  await database.close();
});

for (const { name, run } of deliveryConformance(async ({ consent }) => {
  await database.clear();
  let now = 1_800_000_000_000;
  const service = deliveryOver(database.port(), {
    address,
    group: testGroups,
    accounts: firstKeyCounts,
    consent,
    clock: () => now,
  });
  return {
    delivery: service,
    address,
    clock: () => now,
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
