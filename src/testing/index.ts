/**
 * copse/testing: what whoever writes a part of their own holds it to.
 *
 *     for (const { name, run } of storeConformance(createMyStore)) test(name, run);
 *
 * @module
 */

export { storeConformance, type ConformanceTest, type StoreUnderTest } from "./store-conformance.ts";
export { deliveryConformance } from "./delivery-conformance.ts";
export { newId, roomOf, signedIn, TestDevice, testGroups, type Prepared, type TestService } from "./delivery/device.ts";
export type { DeliveryNeeds, DeliveryUnderTest } from "./delivery/under-test.ts";
