/**
 * Services with a time of their own, and devices that use them.
 */

import { firstKeyCounts, type DeliveryOptions } from "../../src/delivery/options.ts";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import type { DeliveryPort } from "../../src/delivery/port.ts";
import { deliveryOver, type DeliveryService } from "../../src/delivery/service.ts";
import { roomOf, TestDevice, testGroups } from "../../src/testing/delivery/device.ts";
import { some } from "../../src/testing/delivery/under-test.ts";

export const address = "mimi://example.org";

/** A service, and what its devices need to know of it. */
export class TestWorld {
  now = 1_800_000_000_000;
  readonly port: DeliveryPort;
  readonly delivery: DeliveryService;
  readonly address: string = address;
  readonly clock = (): number => this.now;

  constructor(options: Partial<DeliveryOptions> = {}, port: DeliveryPort = memoryPort()) {
    this.port = port;
    this.delivery = deliveryOver(port, {
      address,
      group: testGroups,
      accounts: firstKeyCounts,
      consent: "everybody",
      clock: this.clock,
      ...options,
    });
  }

  device(user: string, device = "phone"): Promise<TestDevice> {
    return TestDevice.connect(this, { user, device });
  }

  /** A room of two. */
  async pair(): Promise<{ readonly room: string; readonly alice: TestDevice; readonly bob: TestDevice }> {
    const { room, devices } = await roomOf(this, "alice", "bob");
    return { room, alice: some(devices[0]), bob: some(devices[1]) };
  }

  async three(): Promise<{
    readonly room: string;
    readonly alice: TestDevice;
    readonly bob: TestDevice;
    readonly carol: TestDevice;
  }> {
    const { room, devices } = await roomOf(this, "alice", "bob", "carol");
    return { room, alice: some(devices[0]), bob: some(devices[1]), carol: some(devices[2]) };
  }
}

/** A port whose operations wait for a gate: what two processes do to one database, in an order that the test chooses. */
export function gated(port: DeliveryPort, gate: (operation: string) => Promise<void>): DeliveryPort {
  const part = <Part extends object>(name: string, of: Part): Part =>
    new Proxy(of, {
      get: (target, property) => {
        const method = Reflect.get(target, property) as (...args: unknown[]) => unknown;
        return async (...args: unknown[]) => {
          await gate(`${name}.${String(property)}`);
          return method.apply(target, args);
        };
      },
    });
  const { rooms, devices, users, histories, blobs } = port;
  return {
    rooms: part("rooms", rooms),
    devices: part("devices", devices),
    users: part("users", users),
    histories: part("histories", histories),
    blobs: part("blobs", blobs),
  };
}
