/**
 * What every delivery service has to do, as tests for any test runner: the one in memory passes them, and so must one behind a
 * network.
 */

import type { ConformanceTest } from "./store-conformance.ts";
import { deviceTests, consentTests } from "./delivery/devices.ts";
import { epochTests } from "./delivery/epochs.ts";
import { roomTests } from "./delivery/rooms.ts";
import {
  DeliveryScene,
  skipped,
  type DeliveryNeeds,
  type DeliveryTests,
  type DeliveryUnderTest,
} from "./delivery/under-test.ts";

/** The tests, each with a service of its own. */
export function deliveryConformance(
  create: (needs: DeliveryNeeds) => Promise<DeliveryUnderTest>,
): readonly ConformanceTest[] {
  const of = (tests: DeliveryTests, needs: DeliveryNeeds): readonly ConformanceTest[] =>
    Object.entries(tests).map(([name, test]) => ({
      name,
      run: async () => ((await test(new DeliveryScene(await create(needs)))) === skipped ? "skipped" : "passed"),
    }));
  return [
    ...of(roomTests, { consent: "everybody" }),
    ...of(epochTests, { consent: "everybody" }),
    ...of(deviceTests, { consent: "everybody" }),
    ...of(consentTests, { consent: "opt-in" }),
  ];
}
