/**
 * A simulated chat and its call: devices that are real members of real groups, on a virtual clock and a simulated network.
 */

import { utf8 } from "../../src/bytes/text.ts";
import { CallGroup } from "../../src/call/group/call-group.ts";
import type { CallGroupEvent, CallGroupOptions } from "../../src/call/group/options.ts";
import type { Timing } from "../../src/call/group/transport.ts";
import type { CipherSuite, Random } from "../../src/crypto/provider.ts";
import type { Group } from "../../src/group/group.ts";
import { seeded, trusting, groupOf, client, type Client } from "../group/world.ts";
import { memoSuite } from "./memo-suite.ts";
import { Service, type LinkQuality } from "./service.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** A device of the chat, and its part in the call where it has one. */
export interface Device {
  readonly name: string;
  readonly client: Client;
  readonly chat: Group;
  readonly random: Random;
  call: CallGroup | undefined;
  readonly events: CallGroupEvent[];
}

/** How a world is. */
export interface WorldOptions {
  readonly devices: number;
  readonly seed?: string;
  readonly link?: Partial<LinkQuality>;
  readonly timing?: Partial<Timing>;
  /** Of the chat, and so of its call. Default: the first, remembering what it has computed. */
  readonly suite?: CipherSuite;
}

export const callId: Uint8Array = utf8("call");
const memo = memoSuite();

/** Numbers in [0, 1), the same in every run. */
function chanceOf(random: Random): () => number {
  return () => {
    const [a = 0, b = 0, c = 0] = random(3);
    return (a * 65_536 + b * 256 + c) / 2 ** 24;
  };
}

/** A chat, and the service of its call. */
export class World {
  readonly clock: VirtualClock;
  readonly service: Service;
  readonly devices: readonly Device[];
  readonly chance: () => number;
  readonly #timing: Partial<Timing>;
  readonly #deaf = new Set<Device>();
  readonly #heard = new Map<Device, number>();
  /** Devices that the chat has removed. */
  readonly removed: Set<Device> = new Set();

  private constructor(devices: readonly Device[], { seed = "world", link, timing = {}, suite = memo }: WorldOptions) {
    this.clock = new VirtualClock();
    this.chance = chanceOf(seeded(seed));
    this.service = new Service(this.clock, suite, this.chance, { delay: [20, 120], loss: 0, ...link });
    this.devices = devices;
    this.#timing = timing;
  }

  static async create(options: WorldOptions): Promise<World> {
    const names = Array.from({ length: options.devices }, (_, i) => `device ${String(i)}`);
    const clients: Client[] = [];
    for (const name of names) clients.push(await client(name, options.suite ?? memo));
    const chats = await groupOf(clients, { grease: false });
    const devices = clients.map((owner, i): Device => {
      const random = seeded(`${options.seed ?? ""} ${owner.name}`);
      return { name: owner.name, client: owner, chat: chats[i]!, random, call: undefined, events: [] };
    });
    return new World(devices, options);
  }

  /** A client that is not in the chat. */
  static stranger(name: string): Promise<Client> {
    return client(name, memo);
  }

  device(i: number): Device {
    return this.devices[i]!;
  }

  /** Devices that are in the call, or want to be. */
  get calling(): readonly Device[] {
    return this.devices.filter(({ call }) => call !== undefined && !call.isGone);
  }

  optionsFor(device: Device): CallGroupOptions {
    const { clock } = this;
    return {
      ...trusting,
      chat: device.chat,
      callId,
      transport: this.service.transport(device.name),
      timing: this.#timing,
      grease: false,
      random: device.random,
      onEvent: (event) => device.events.push(event),
      scheduler: {
        now: clock.now,
        after: (milliseconds, run) =>
          clock.after(milliseconds, async () => {
            run();
            await device.call?.idle();
          }),
      },
    };
  }

  async start(device: Device, more: Partial<Parameters<typeof CallGroup.start>[0]> = {}): Promise<CallGroup> {
    device.call = await CallGroup.start({ ...this.optionsFor(device), ...more });
    this.service.connect(device.name, device.call);
    return device.call;
  }

  join(device: Device): CallGroup {
    device.call = CallGroup.join(this.optionsFor(device));
    this.service.connect(device.name, device.call);
    return device.call;
  }

  /** A device is gone without a word. */
  crash(device: Device): void {
    this.service.disconnect(device.name);
    device.call?.wipe();
    device.call = undefined;
  }

  /** Change the chat: one device commits, everybody else that is still in it follows, each after its own delay. */
  async changeChat(by: Device, options: Parameters<Group["commit"]>[0], delay = 0): Promise<void> {
    const pending = await by.chat.commit({ path: true, ...options });
    for (const device of this.devices) {
      if (device === by || device.chat.isGone || this.#deaf.has(device)) continue;
      // the chat's own delivery keeps the order
      const at = Math.max(this.clock.now() + this.chance() * delay, this.#heard.get(device) ?? 0);
      this.#heard.set(device, at);
      this.clock.after(at - this.clock.now(), async () => {
        if (device.chat.isGone) return;
        await device.chat.receive(pending.commit);
        await device.call?.idle();
      });
    }
    await by.chat.apply(pending);
    await by.call?.idle();
  }

  /** A device hears nothing of the chat any more. */
  cutFromChat(device: Device): void {
    this.#deaf.add(device);
  }

  /** Remove a device from the chat. */
  async removeFromChat(by: Device, whom: Device, delay = 0): Promise<void> {
    this.service.refuse(whom.name);
    this.removed.add(whom);
    await this.changeChat(by, { remove: [whom.chat.self.leafIndex] }, delay);
  }
}
