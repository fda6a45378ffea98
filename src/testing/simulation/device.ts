/**
 * A device of a simulation: its disk, the process that runs on it, and what its application knows. The application remembers what it
 * was told; the process forgets everything when it dies.
 */

import { hex } from "../../bytes/text.ts";
import { Client } from "../../client/client.ts";
import type { Account } from "../../client/account/account.ts";
import type { ClientAccount, ClientOptions } from "../../client/options.ts";
import type { NumberedEvent } from "../../client/events.ts";
import type { Asked } from "../../client/room/asked.ts";
import type { Delivery } from "../../delivery/delivery.ts";
import type { Identity } from "../../public-group/identity.ts";
import { MemoryDisk, memoryStore } from "../../storage/memory.ts";
import type { Store } from "../../storage/store.ts";
import type { Chance } from "./chance.ts";
import { MortalStore } from "./mortal-store.ts";
import type { LeafOptions } from "../../public-group/leaf.ts";
import { Link, type Weather } from "./network.ts";
import type { VirtualTime } from "./time.ts";
import { today, type ClientVersion } from "./versions.ts";

/** What a process has that is to get an account: the device's store, and its way to the service. */
export interface Entrance {
  readonly store: Store;
  readonly delivery: Delivery;
}

/** What a simulated device is, and the world around it. */
export interface DeviceOptions {
  readonly uri: string;
  /** Who it is; or how it gets an account of copse, asked with each start of its process. It may fail: then the process ends. */
  readonly identity: Identity | ((entrance: Entrance) => Promise<Account>);
  readonly service: Delivery;
  readonly time: VirtualTime;
  readonly chance: Chance;
  /** How bad its network is now. */
  readonly weather: () => Weather;
  /** Told of bytes that leave the device: messages of groups, whispers, parcels and parts of files. */
  readonly left: (bytes: Uint8Array) => void;
  readonly client: Omit<ClientOptions, "account" | "store" | "delivery" | "clock" | "random" | "timers"> &
    Pick<ClientAccount, "authentication">;
  /** Which version of a client runs on it. Default: this one. */
  readonly version?: ClientVersion;
}

/** How a process ends, and how much of the disk goes with it. */
export type Death = "crash" | "power-cut";

/** A device of a simulation: its disk, the process that runs on it, and what its application knows. */
export class SimulatedDevice {
  readonly uri: string;
  disk: MemoryDisk = new MemoryDisk();
  readonly events: NumberedEvent[] = [];
  /** What the application has asked for, by intent, and what it was told of it. */
  readonly asked: Map<string, string> = new Map<string, string>();
  /** How often its process has died. */
  deaths = 0;
  failures: unknown[] = [];
  isCut = false;
  /** Whether nobody starts it: it is switched off, lost or given up. */
  isAway = false;
  /** Which version of a client its process is, from its next start on. */
  version: ClientVersion;
  readonly #options: DeviceOptions;
  #client: Client | undefined;
  #link: Link | undefined;
  #store: MortalStore | undefined;
  /** So many points of its program from now on, it dies. */
  #fuse: { left: number; readonly death: Death } | undefined;
  #isStarting = false;
  #identity: Identity | undefined;
  /** Why it has no account, where it was to get one. */
  entryFailure: unknown;

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.uri = options.uri;
    if (typeof options.identity !== "function") this.#identity = options.identity;
    this.version = options.version ?? today;
  }

  /** Who it is. @throws TypeError where it has no account yet */
  get identity(): Identity {
    if (this.#identity === undefined) throw new TypeError(`${this.uri} has no account`);
    return this.#identity;
  }

  /** Whether it is known who it is. */
  get hasAccount(): boolean {
    return this.#identity !== undefined;
  }

  /** The process, where it runs. */
  get client(): Client | undefined {
    return this.#client;
  }

  /** Start the process on what is on the disk. */
  async start(): Promise<void> {
    if (this.#client !== undefined || this.#isStarting) return;
    this.#isStarting = true;
    const { service, time, chance, weather, client, uri, left } = this.#options;
    const { authentication, ...rest } = client;
    const { leaf, client: others } = this.version;
    const point = (): void => {
      this.#burn(link, store);
    };
    const store = new MortalStore(memoryStore({ disk: this.disk }), point, () => this.#pause());
    const link = new Link({ service, time, chance, weather, isCut: () => this.isCut, point, left });
    [this.#store, this.#link] = [store, link];
    const account = await this.#account({ store, delivery: link }, { device: uri, authentication, leaf });
    if (this.#link !== link || account === undefined) return;
    const opened = await Client.open({
      ...rest,
      ...others,
      account,
      store,
      delivery: link,
      clock: time.now,
      random: chance.bytes,
      timers: time,
    });
    if (this.#link !== link) return; // it has died meanwhile
    this.#isStarting = false;
    this.#client = opened;
    opened.listen((event) => {
      if (this.#link === link) this.#take(event);
    });
  }

  /** Who it is, as its client is opened; undefined where it does not get an account. */
  async #account(
    entrance: Entrance,
    { leaf, ...plain }: Pick<ClientAccount, "device" | "authentication"> & { readonly leaf: LeafOptions | undefined },
  ): Promise<Account | ClientAccount | undefined> {
    const { identity } = this.#options;
    if (typeof identity !== "function") return { ...plain, identity, ...(leaf !== undefined && { leaf }) };
    try {
      const account = await identity(entrance);
      this.#identity = account.identity;
      return account;
    } catch (error) {
      if (entrance.delivery !== this.#link) return undefined;
      this.entryFailure = error;
      this.die("crash");
      return undefined;
    }
  }

  /** The process dies now. */
  die(death: Death): void {
    const { chance } = this.#options;
    if (this.#client?.failure !== undefined) this.failures.push(this.#client.failure);
    this.#link?.die();
    this.#store?.die();
    if (death === "crash") this.disk.kill();
    else this.disk.powerCut(chance.between(0, this.disk.unflushed));
    this.#client = this.#link = this.#store = this.#fuse = undefined;
    this.#isStarting = false;
    this.deaths++;
  }

  /** The process dies at one of its next points: before or after a write of its store, a request, an answer. */
  doom(points: number, death: Death): void {
    this.#fuse = { left: points, death };
  }

  /** Whether its process runs, or is about to. */
  get isRunning(): boolean {
    return this.#link !== undefined;
  }

  /** It lives on. */
  pardon(): void {
    this.#fuse = undefined;
  }

  /** The application asks for something. It knows of it when the promise is fulfilled. */
  ask(what: (client: Client) => Promise<Asked | undefined>): void {
    const client = this.#client;
    if (client === undefined) return;
    what(client).then(
      (asked) => {
        if (asked === undefined) return;
        const name = hex(asked.intent);
        if (!this.asked.has(name)) this.asked.set(name, "waiting");
      },
      (error: unknown) => {
        this.refused.push(error);
      },
    );
  }

  /** What was refused when it was asked for. */
  readonly refused: unknown[] = [];

  #take(event: NumberedEvent): void {
    this.events.push(event);
    if (event.kind === "done") this.asked.set(hex(event.intent), "done");
    if (event.kind === "failed") this.asked.set(hex(event.intent), `failed ${event.code} ${event.detail}`);
  }

  #burn(link: Link, store: MortalStore): void {
    if (this.#fuse === undefined || this.#link !== link || this.#store !== store) return;
    if (--this.#fuse.left > 0) return;
    this.die(this.#fuse.death);
  }

  #pause(): Promise<void> {
    const { time, chance } = this.#options;
    if (chance.happens(0.7)) return Promise.resolve();
    return new Promise((resolve) => {
      time.after(chance.between(1, 5), resolve);
    });
  }
}
