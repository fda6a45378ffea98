/**
 * What users with several devices do in a story beside talking: they link devices, leave one switched off, take one off, revoke one, and lose all of them and
 * come back; and they restore what their history has. Then they come to rest, and each links one device more, which restores everything.
 */

import type { RestoredHistory } from "../../../client/history/options.ts";
import type { Asked } from "../../../client/room/asked.ts";
import type { ClientRoom } from "../../../client/room/room.ts";
import type { SimulatedDevice } from "../device.ts";
import type { SimulatedWorld } from "../world.ts";
import { Examination, type Stolen } from "./invariants.ts";
import { idleAfter } from "./options.ts";
import { copyOf } from "./thief.ts";
import type { SimulatedUser } from "./users.ts";

/** What is done with devices and accounts. */
export type AccountStep = "link" | "switch-off" | "take-off" | "revoke" | "part" | "restore" | "lose";

/** How often each is done, beside the other steps of a story. */
export const accountWeights: Readonly<Record<AccountStep, number>> = {
  link: 10,
  "switch-off": 3,
  "take-off": 2,
  revoke: 4,
  part: 3,
  restore: 5,
  lose: 3,
};

const accountSteps: ReadonlySet<string> = new Set(Object.keys(accountWeights));
export function isAccountStep(step: string): step is AccountStep {
  return accountSteps.has(step);
}

const minute = 60_000;
const people = ["alice", "bob", "carol"] as const;
const pin = "271828";

/** The users of a story. */
export class Households {
  readonly #world: SimulatedWorld;
  readonly #log: (line: string) => void;
  /** Words of messages that are to vanish. */
  readonly vanishing: Set<string> = new Set();
  /** What restorings have said. */
  readonly restored: RestoredHistory[] = [];
  /** Disks that were copied when their devices were taken off, revoked or lost. */
  readonly #stolen: Stolen[] = [];
  #names = 0;
  #examination: Examination | undefined;

  constructor(world: SimulatedWorld, log: (line: string) => void) {
    this.#world = world;
    this.#log = log;
  }

  async begin(): Promise<void> {
    const world = this.#world;
    const { chance } = world;
    for (const name of people.slice(0, chance.between(2, 3))) await world.user(name, this.#name());
    await world.pass(5_000);
    for (const user of world.users) {
      if (chance.happens(0.7)) await this.#setPin(user);
      await this.#link(user);
    }
    world.recoveryServers.remember();
    await world.pass(20_000);
  }

  async step(step: AccountStep, device: SimulatedDevice): Promise<void> {
    const { chance } = this.#world;
    const user = this.#userOf(device);
    const { client } = device;
    const other = chance.one(user.devices.filter((each) => each !== device && !each.isAway));
    switch (step) {
      case "link":
        if (user.devices.filter(({ isAway }) => !isAway).length < 4) await this.#link(user);
        return;
      case "switch-off":
        if (other !== undefined) await this.#switchOff(user, device);
        return;
      case "take-off":
        if (client === undefined || other === undefined) return;
        this.#steal(other);
        device.ask(async (it) => {
          await it.removeDevice(other.uri);
          return undefined;
        });
        return;
      case "revoke":
        if (other !== undefined) this.#revoke(user, device, other);
        return;
      case "part": {
        const third = chance.one(user.devices.filter((each) => each !== device));
        if (other === undefined || third === undefined) return;
        // Neither hears of what the other does.
        device.isCut = other.isCut = true;
        this.#revoke(user, device, chance.happens(0.5) ? other : third);
        this.#revoke(user, other, chance.happens(0.5) || third === other ? device : third);
        return;
      }
      case "restore":
        this.#restore(device);
        return;
      case "lose":
        await this.#lose(user);
    }
  }

  /** A device that is not there until it is idle for the user's others, and is back then. */
  async #switchOff(user: SimulatedUser, device: SimulatedDevice): Promise<void> {
    const world = this.#world;
    device.die("crash");
    device.isAway = true;
    for (const each of world.devices) {
      each.isCut = false;
      if (!each.isAway) void each.start();
    }
    this.#log(`  ${device.uri.slice(21)} is switched off, of ${String(user.devices.length)}`);
    await world.pass(Math.floor(idleAfter * (1.2 + 0.4 * world.chance.fraction)));
    device.isAway = false;
    void device.start();
    await world.pass(world.chance.between(1_000, 5 * minute));
  }

  #revoke({ recoveryCode }: SimulatedUser, by: SimulatedDevice, gone: SimulatedDevice): void {
    this.#log(`  ${by.uri.slice(21)} revokes ${gone.uri.slice(21)}`);
    this.#steal(gone);
    by.ask(async (client) => {
      await client.revokeDevice(gone.uri, { recoveryCode });
      return undefined;
    });
  }

  #restore(device: SimulatedDevice): void {
    device.ask(async (client) => {
      this.restored.push(await client.history.restore());
      return undefined;
    });
  }

  /** All devices are gone: some are in somebody's hands, and go on. The user comes back with a new one. */
  async #lose(user: SimulatedUser): Promise<void> {
    const world = this.#world;
    const { chance, port, recoveryServers } = world;
    // An account that no device has published yet goes with its devices.
    if ((await port.users.lastStatement(user.uri)) === undefined) return;
    recoveryServers.mend();
    if (user.pin !== undefined && chance.happens(0.5)) await this.#setPin(user);
    for (const device of user.devices) {
      this.#steal(device);
      if (chance.happens(0.3)) continue;
      device.die("crash");
      device.isAway = true;
    }
    const spoilt = user.pin === undefined ? "by the code" : recoveryServers.spoil(chance);
    this.#log(`  ${user.uri.slice(21)} has lost everything; ${spoilt}`);
    const name = this.#name();
    await world.recover(user, name);
    await world.pass(chance.between(5_000, minute));
  }

  #steal(device: SimulatedDevice): void {
    this.#stolen.push({ device, disk: copyOf(device.disk) });
  }

  async #setPin(user: SimulatedUser): Promise<void> {
    const { recoveryCode } = user;
    const { asking } = this.#world.recoveryServers;
    const device = user.devices.find(({ client }) => client !== undefined);
    device?.ask(async (client) => {
      await client.setRecoveryPin({ ...asking, recoveryCode, pin });
      user.pin = pin;
      return undefined;
    });
    await this.#world.pass(100);
  }

  async #link(user: SimulatedUser): Promise<SimulatedDevice | undefined> {
    const { chance } = this.#world;
    const by = chance.one(user.devices.filter(({ client, isCut }) => client?.isOnline === true && !isCut));
    return by === undefined ? undefined : this.#world.link(user, this.#name(), by);
  }

  #name(): string {
    return `device-${String(++this.#names)}`;
  }

  #userOf(device: SimulatedDevice): SimulatedUser {
    return this.#world.users.find(({ devices }) => devices.includes(device))!;
  }

  /** Until everything is at rest; then everybody says a last word, and each user links a device that restores the history. */
  async end(say: (device: SimulatedDevice, room: ClientRoom) => Promise<Asked>): Promise<void> {
    const world = this.#world;
    world.recoveryServers.mend();
    // Linkings that were broken off are cleaned away by then, and rooms are in line with lists.
    await world.pass(12 * minute);
    const examination = new Examination(world, this.vanishing, this.#stolen);
    this.#examination = examination;
    await examination.begin();
    for (const device of examination.honest) {
      for (const room of device.client?.rooms ?? []) {
        if (room.status === "member") device.ask(() => say(device, room));
      }
    }
    await world.pass(3 * minute);
    for (const user of world.users) {
      const by = examination.honest.find((device) => user.devices.includes(device));
      if (by === undefined) continue;
      const reader = await world.link(user, this.#name(), by);
      examination.readers.set(user, reader);
    }
    await world.pass(6 * minute);
    for (const reader of examination.readers.values())
      reader.ask(async (client) => {
        examination.restored.set(reader, await client.history.restore());
        return undefined;
      });
    await world.pass(2 * minute);
  }

  /** Whether a device must be as all others of its user are. */
  isHonest(device: SimulatedDevice): boolean {
    return this.#examination?.isHonest(device) === true;
  }

  async violations(): Promise<readonly string[]> {
    return this.#examination?.found() ?? [];
  }
}
