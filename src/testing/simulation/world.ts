/**
 * A world of clients around one delivery service, in a time of its own: what happens in it, and when, depends on its seed alone. (Keys
 * too, as far as the suite takes its randomness from outside: where a platform makes some itself, only the order is the seed's.)
 *
 *     const world = await SimulatedWorld.begin({ seed: 7 });
 *     const phone = await world.device("alice", "phone");
 *     await world.pass(1000);
 */

import { cipherSuite } from "../../crypto/choose.ts";
import "./fetched.ts";
import type { ClientOptions } from "../../client/options.ts";
import type { Delivery } from "../../delivery/delivery.ts";
import { memoryPort } from "../../delivery/memory-port/memory-port.ts";
import { firstKeyCounts, type DeliveryOptions } from "../../delivery/options.ts";
import type { DeliveryPort } from "../../delivery/port.ts";
import { deliveryOver, type DeliveryService } from "../../delivery/service.ts";
import { basic, createIdentity } from "../../public-group/identity.ts";
import { trustAnyCredential } from "../../public-group/options/settings.ts";
import { roomAppData } from "../../rooms/components.ts";
import { deviceUri, userUri } from "../../rooms/uri.ts";
import { worldTakes } from "./arguments.ts";
import { Chance } from "./chance.ts";
import { SimulatedDevice } from "./device.ts";
import { fairWeather, type Weather } from "./network.ts";
import { VirtualTime } from "./time.ts";
import { today, type ClientVersion } from "./versions.ts";
import { watchedSuite, type WatchedSuite } from "./watched-suite.ts";

/** Where everybody is. */
export const simulatedHost = "example.org";

/** What a simulated world is made of. Default weather: `fairWeather`. */
export interface WorldOptions {
  readonly seed: number;
  readonly weather?: Weather;
  /** Options of the service beside those that the simulation decides. */
  readonly service?: Partial<DeliveryOptions>;
  /** Whether the service holds rooms to their own rules. Default true. */
  readonly knowsRooms?: boolean;
  /** Options of all clients beside those that the simulation decides. */
  readonly client?: Partial<Pick<ClientOptions, "group" | "keyPackages" | "rooms">>;
  /** What stands between a device and the service: an attacker. */
  readonly between?: (service: Delivery, device: string, world: SimulatedWorld) => Delivery;
}

/** A world of clients around one delivery service, in a time of its own: what happens in it, and when, depends on its seed alone. */
export class SimulatedWorld {
  readonly seed: number;
  readonly time: VirtualTime = new VirtualTime();
  readonly chance: Chance;
  readonly port: DeliveryPort = memoryPort();
  readonly service: DeliveryService;
  readonly watched: WatchedSuite = watchedSuite(cipherSuite(1));
  readonly devices: SimulatedDevice[] = [];
  weather: Weather;
  readonly #options: WorldOptions;

  constructor(options: WorldOptions) {
    worldTakes("SimulatedWorld", options);
    this.#options = options;
    this.seed = options.seed;
    this.chance = new Chance(options.seed, "world");
    this.weather = options.weather ?? fairWeather;
    const rooms = roomAppData(options.client?.rooms);
    this.service = deliveryOver(this.port, {
      address: `mimi://${simulatedHost}`,
      group: { authentication: trustAnyCredential, registry: rooms.registry },
      accounts: firstKeyCounts,
      ...((options.knowsRooms ?? true) && { rooms }),
      consent: "everybody",
      suites: (id) => (id === this.watched.suite.id ? this.watched.suite : undefined),
      clock: this.time.now,
      random: new Chance(options.seed, "service").bytes,
      ...options.service,
    });
  }

  /** A new device, which is started. Default version: this one. */
  async device(user: string, name: string, version: ClientVersion = today): Promise<SimulatedDevice> {
    const uri = deviceUri(userUri(simulatedHost, user), name);
    const chance = new Chance(this.seed, uri);
    const identity = await createIdentity({
      suite: this.watched.suite,
      credential: basic(uri),
      random: chance.bytes,
    });
    const { between, client } = this.#options;
    const device = new SimulatedDevice({
      uri,
      identity,
      service: between === undefined ? this.service : between(this.service, uri, this),
      time: this.time,
      chance,
      weather: () => this.weather,
      left: this.watched.left,
      version,
      client: {
        authentication: trustAnyCredential,
        keyPackages: { full: 5, low: 3 },
        ...client,
      },
    });
    this.devices.push(device);
    void device.start();
    return device;
  }

  /** Let so much time pass. */
  pass(milliseconds: number): Promise<void> {
    return this.time.pass(milliseconds);
  }
}
