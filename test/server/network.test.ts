import { afterEach, expect, test } from "vitest";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { startServer, type RunningServer } from "../../src/server/server.ts";
import { deliveryConformance } from "../../src/testing/delivery-conformance.ts";
import { testGroups } from "../../src/testing/delivery/device.ts";

const address = "mimi://example.org";
let running: RunningServer | undefined;

afterEach(async () => {
  await running?.close();
});

for (const { name, run } of deliveryConformance(async ({ consent }) => {
  let now = 1_800_000_000_000;
  const clock = (): number => now;
  const service = memoryDelivery({ address, group: testGroups, accounts: firstKeyCounts, consent, clock });
  running = await startServer({ delivery: service, clock });
  return {
    delivery: httpDelivery({ url: running.url, address }),
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
