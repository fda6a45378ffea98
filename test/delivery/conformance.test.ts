import { expect, test } from "vitest";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { deliveryConformance } from "../../src/testing/delivery-conformance.ts";
import { testGroups } from "../../src/testing/delivery/device.ts";

const address = "mimi://example.org";

for (const { name, run } of deliveryConformance(async ({ consent }) => {
  let now = 1_800_000_000_000;
  const service = memoryDelivery({ address, group: testGroups, accounts: firstKeyCounts, consent, clock: () => now });
  return Promise.resolve({
    delivery: service,
    address,
    clock: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    sweep: async () => service.sweep(),
  });
})) {
  test(name, async () => {
    expect(await run()).toBe("passed");
  });
}
