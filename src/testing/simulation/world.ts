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
  /**
   * The service's database, empty. Time passes only while nothing is asked of it. Default: memory
   */
  readonly port?: DeliveryPort;
  /**
   * Put the service somewhere else than into this process's memory, as behind a server with sockets, and give the way to it: asked once,
   * before the first device. What the way waits for, `time` is told by `during` and `settle`. Default: devices call the service
   */
  readonly reach?: (service: DeliveryService, world: SimulatedWorld) => Promise<Delivery>;
  /** What stands between a device and the service: an attacker. */
  readonly between?: (service: Delivery, device: string, world: SimulatedWorld) => Delivery;
}

/** A world of clients around one delivery service, in a time of its own: what happens in it, and when, depends on its seed alone. */
export class SimulatedWorld {
  readonly seed: number;
  readonly time: VirtualTime = new VirtualTime();
  readonly chance: Chance;
  readonly port: DeliveryPort;
  readonly service: DeliveryService;
  readonly watched: WatchedSuite = watchedSuite(cipherSuite(1));
  readonly devices: SimulatedDevice[] = [];
  weather: Weather;
  readonly #options: WorldOptions;
  #way: Promise<Delivery> | undefined;

  constructor(options: WorldOptions) {
    worldTakes("SimulatedWorld", options);
    this.#options = options;
    this.seed = options.seed;
    this.chance = new Chance(options.seed, "world");
    this.weather = options.weather ?? fairWeather;
    this.port = options.port === undefined ? memoryPort() : waitedFor(options.port, this.time);
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
    const { between, client, reach } = this.#options;
    const way = await (this.#way ??= reach === undefined ? Promise.resolve(this.service) : reach(this.service, this));
    const device = new SimulatedDevice({
      uri,
      identity,
      service: between === undefined ? way : between(way, uri, this),
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

/** A port that tells the time of what is asked of it. */
function waitedFor(port: DeliveryPort, time: VirtualTime): DeliveryPort {
  const { rooms, devices, users, blobs, histories } = port;
  return {
    rooms: during(rooms, time),
    devices: during(devices, time),
    users: during(users, time),
    blobs: during(blobs, time),
    histories: during(histories, time),
  };
}

function during<Part extends object>(part: Part, time: VirtualTime): Part {
  return new Proxy(part, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...given: unknown[]) => time.during(Reflect.apply(method, target, given) as Promise<unknown>);
    },
  });
}
