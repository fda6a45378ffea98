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
export { playStory, type StoryEnd, type StoryOptions } from "./simulation/play.ts";
export { allLies, playMalice, type Lie, type MaliceEnd, type MaliceOptions } from "./simulation/malice.ts";
export {
  allDeeds,
  playInsider,
  type Deed,
  type InsiderEnd,
  type InsiderOptions,
  type Oversight,
} from "./simulation/insiders.ts";
export {
  allHistoryLies,
  playHistoryLies,
  type HistoryLie,
  type HistoryLiesEnd,
  type HistoryLiesOptions,
} from "./simulation/accounts/history-lies.ts";
export type { SimulatedUser } from "./simulation/accounts/users.ts";
export { HistoryTap, type GivenRecord } from "./simulation/accounts/history-tap.ts";
export type { RecoveryServers } from "./simulation/accounts/recovery-servers.ts";
export { lying, type Lies, type LyingRoom, type ShownItem } from "./simulation/lying.ts";
export { ForkingService } from "./simulation/forking.ts";
export { SimulatedWorld, simulatedHost, type WorldOptions } from "./simulation/world.ts";
export { SimulatedDevice, type Death, type DeviceOptions, type Entrance } from "./simulation/device.ts";
export { allVersions, type ClientVersion } from "./simulation/versions.ts";
export { fairWeather, foulWeather, type Weather } from "./simulation/network.ts";
export { Chance } from "./simulation/chance.ts";
export { VirtualTime } from "./simulation/time.ts";
export type { WatchedSuite } from "./simulation/watched-suite.ts";
