/**
 * A world of clients around one delivery service, in a time of its own: what happens in it, and when, depends on its seed alone. (Keys
 * too, as far as the suite takes its randomness from outside: where a platform makes some itself, only the order is the seed's.)
 *
 *     const world = await SimulatedWorld.begin({ seed: 7 });
 *     const phone = await world.device("alice", "phone");
 *     await world.pass(1000);
 */

import { cipherSuite } from "../../crypto/choose.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import "./fetched.ts";
import type { ClientOptions } from "../../client/options.ts";
import type { Delivery } from "../../delivery/delivery.ts";
import { memoryPort } from "../../delivery/memory-port/memory-port.ts";
import { firstKeyCounts, type DeliveryOptions } from "../../delivery/options.ts";
import type { DeliveryPort } from "../../delivery/port.ts";
import { deliveryOver, type DeliveryService } from "../../delivery/service.ts";
import { accountComponent } from "../../accounts/attestation.ts";
import { accountAuthentication } from "../../accounts/authentication.ts";
import { createAccount } from "../../client/account/create-account.ts";
import type { RecoveredPin } from "../../client/recovering/options.ts";
import { accountStatements } from "../../delivery/account-statements.ts";
import { basic, createIdentity } from "../../public-group/identity.ts";
import { trustAnyCredential } from "../../public-group/options/settings.ts";
import { roomAppData, type RoomAppDataOptions } from "../../rooms/components.ts";
import { deviceUri, userUri } from "../../rooms/uri.ts";
import type { VaultError } from "../../vault/errors.ts";
import { worldTakes } from "./arguments.ts";
import { accountOptions } from "./accounts/options.ts";
import { HistoryTap } from "./accounts/history-tap.ts";
import { RecoveryServers } from "./accounts/recovery-servers.ts";
import { asFirst, byLinking, byRecovery, type SimulatedUser } from "./accounts/users.ts";
import { Chance } from "./chance.ts";
import { SimulatedDevice, type DeviceOptions } from "./device.ts";
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
  readonly client?: Partial<Pick<ClientOptions, "group" | "keyPackages" | "rooms" | "removeIdle" | "renewEvery">>;
  /**
   * Whether users have accounts of copse, whose devices keep an encrypted history: `user`, `link` and `recover` make them, in place of `device`.
   * Signatures are real then, and take their time. Default false.
   */
  readonly accounts?: boolean;
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
  readonly watched: WatchedSuite;
  readonly devices: SimulatedDevice[] = [];
  /** Those who have accounts of copse. */
  readonly users: SimulatedUser[] = [];
  /** What devices have given the service to be kept in histories. */
  readonly histories: HistoryTap = new HistoryTap();
  /** Where users with accounts leave what a PIN brings back. */
  readonly recoveryServers: RecoveryServers;
  /** What recoveries have said wrongly of the recovery servers. */
  readonly unsaid: string[] = [];
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
    const { accounts = false } = options;
    this.watched = watchedSuite(cipherSuite(1), accounts ? "real" : "simulated");
    this.recoveryServers = new RecoveryServers(new Chance(options.seed, "recovery servers"));
    const rooms = roomAppData(accounts ? withAccounts(options.client?.rooms) : options.client?.rooms);
    const authentication = accounts ? accountAuthentication({ clock: this.time.now }) : trustAnyCredential;
    this.service = deliveryOver(this.port, {
      address: `mimi://${simulatedHost}`,
      group: { authentication, registry: rooms.registry },
      accounts: accounts ? accountStatements() : firstKeyCounts,
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
    return this.#begin({ uri, identity, chance, version });
  }

  /** A user with an account of copse, and the first device, which is started. In a world with accounts. */
  async user(name: string, device: string): Promise<SimulatedUser> {
    const uri = userUri(simulatedHost, name);
    const chance = new Chance(this.seed, uri);
    const made = { user: uri, device, suite: this.watched.suite, clock: this.time.now, random: chance.bytes };
    const { account, recoveryCode } = await createAccount(made);
    const user: SimulatedUser = { uri, recoveryCode, devices: [] };
    this.users.push(user);
    await this.#ofUser(user, { device, identity: () => asFirst(account) });
    return user;
  }

  /** Another device of a user, which is started, and which one of the user's lets in. Whether it gets in is to be seen. */
  link(user: SimulatedUser, device: string, by: SimulatedDevice): Promise<SimulatedDevice> {
    const linking = { user: user.uri, name: device, by: () => by };
    return this.#ofUser(user, {
      device,
      identity: (chance) => byLinking({ ...this.#surrounding, chance }, linking),
    });
  }

  /** A new device of a user who has lost all others, by the PIN where one was set, or by the recovery code. */
  recover(user: SimulatedUser, device: string): Promise<SimulatedDevice> {
    const { recoveryServers: servers } = this;
    const told = (found: RecoveredPin): void => {
      if (found.recoveryCode !== user.recoveryCode) this.unsaid.push(`${user.uri} has got another recovery code back`);
      this.unsaid.push(...servers.unsaid(found).map((what) => `recovering ${user.uri}: ${what}`));
    };
    const failed = ({ code }: VaultError): void => {
      this.unsaid.push(`recovering ${user.uri} by PIN has failed: ${code}`);
    };
    const how = { user, name: device, servers, told, failed };
    return this.#ofUser(user, {
      device,
      identity: (chance) => byRecovery({ ...this.#surrounding, chance }, how),
    });
  }

  get #surrounding(): { readonly suite: CipherSuite; readonly time: VirtualTime } {
    return { suite: this.watched.suite, time: this.time };
  }

  async #ofUser(
    user: SimulatedUser,
    how: { readonly device: string; readonly identity: (chance: Chance) => DeviceOptions["identity"] },
  ): Promise<SimulatedDevice> {
    const uri = deviceUri(user.uri, how.device);
    const chance = new Chance(this.seed, uri);
    const device = await this.#begin({ uri, identity: how.identity(chance), chance, version: today });
    user.devices.push(device);
    return device;
  }

  async #begin(
    own: Pick<DeviceOptions, "uri" | "identity" | "chance"> & { readonly version: ClientVersion },
  ): Promise<SimulatedDevice> {
    const { between, client, reach, accounts = false } = this.#options;
    const way = await (this.#way ??= reach === undefined ? Promise.resolve(this.service) : reach(this.service, this));
    const service = accounts ? this.histories.over(way) : way;
    const device = new SimulatedDevice({
      ...own,
      service: between === undefined ? service : between(service, own.uri, this),
      time: this.time,
      weather: () => this.weather,
      left: this.watched.left,
      client: {
        authentication: trustAnyCredential,
        keyPackages: { full: 5, low: 3 },
        ...(accounts && accountOptions),
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

/** What leaves carry that are of accounts. */
function withAccounts({ appData = {}, ...rooms }: RoomAppDataOptions = {}): RoomAppDataOptions {
  return { ...rooms, appData: { ...appData, components: [...(appData.components ?? []), accountComponent] } };
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
