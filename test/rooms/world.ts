/**
 * Rooms for tests: real ones, of groups and an observer, each of which holds every commit against its own view of the room.
 */

import { CopseError } from "../../src/errors.ts";
import { Group } from "../../src/group/group.ts";
import type { CommitOptions } from "../../src/group/sending/send.ts";
import { createKeyPackage, type KeyPackageBundle } from "../../src/group/joining/key-package-bundle.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/public-group/identity.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import {
  createRoomExtensions,
  deviceUri,
  Room,
  roomAppData,
  type RoomError,
  userOf,
  userUri,
  type NewRoomOptions,
} from "../../src/rooms/index.ts";
import type { CommitEvent } from "../../src/public-group/events.ts";
import { suiteOf } from "../group/world.ts";

const host = "example.org";
export const roomName: string = `mimi://${host}/r/hiking`;
export const alice: string = userUri(host, "alice");
export const bob: string = userUri(host, "bob");
export const carol: string = userUri(host, "carol");
export const dave: string = userUri(host, "dave");
export const hub: string = userUri(host, "hub");
export const rooms: ReturnType<typeof roomAppData> = roomAppData();

/** A device in a room. */
export interface Device {
  readonly identity: LocalIdentity;
  readonly user: string;
  group: Group;
  room: Room;
  /** Whether it reviews what it commits and receives. A malicious member does not. */
  honest: boolean;
  /** Why the last commit was refused. */
  refusal: RoomError | undefined;
}

export async function identityOf(user: string, device = "phone"): Promise<LocalIdentity> {
  return createIdentity({ suite: suiteOf(), credential: basic(deviceUri(user, device)) });
}

/** A room with honest members and a hub that follows it. */
export class World {
  readonly devices: Device[] = [];
  observer!: Observer;
  hubRoom!: Room;
  hubRefusal: RoomError | undefined;

  static async create(
    options: Omit<NewRoomOptions, "rooms" | "room" | "creator">,
    app: typeof rooms = rooms,
  ): Promise<World> {
    const world = new World(app);
    const creator = await identityOf(alice);
    const extensions = createRoomExtensions({ rooms: app, room: roomName, creator: alice, ...options });
    const device = world.#device(creator, alice);
    device.group = await Group.create({ ...world.#options(device, app), identity: creator, extensions });
    device.room = world.#open(device.group, app);
    world.observer = await Observer.follow({
      authentication: trustAnyCredential,
      registry: app.registry,
      suite: suiteOf(),
      groupInfo: await device.group.groupInfo(),
      review: (change) => world.hubRoom.allows(change, (error) => (world.hubRefusal = error)),
    });
    world.hubRoom = world.#open(world.observer, app);
    return world;
  }

  readonly app: typeof rooms;

  constructor(app: typeof rooms = rooms) {
    this.app = app;
  }

  #device(identity: LocalIdentity, user: string): Device {
    const device = { identity, user, honest: true, refusal: undefined } as unknown as Device;
    this.devices.push(device);
    return device;
  }

  #options(device: Device, app = this.app) {
    return {
      authentication: trustAnyCredential,
      registry: app.registry,
      handshake: "public" as const,
      // Before the room is known, what a Welcome says is taken.
      review: (change: CommitEvent) =>
        !device.honest || device.room.allows(change, (error) => (device.refusal = error)),
    };
  }

  #open(group: Group | Observer, app = this.app): Room {
    return Room.open({ rooms: app, groupContext: group.groupContext, members: group.members });
  }

  device(user: string): Device {
    const found = this.devices.find((device) => device.user === user && !device.group.isGone);
    if (found === undefined) throw new TypeError(`no device of ${user}`);
    return found;
  }

  /** The leaves of a user's clients. */
  leaves(user: string): number[] {
    return [...this.observer.members].filter(({ credential }) => userOf(credential) === user).map((m) => m.leafIndex);
  }

  async keyPackage(
    user: string,
    device = "phone",
  ): Promise<{ readonly identity: LocalIdentity; readonly bundle: KeyPackageBundle }> {
    const identity = await identityOf(user, device);
    return { identity, bundle: await createKeyPackage({ identity, registry: this.app.registry }) };
  }

  /** Commit, and have everybody follow it; those who are added join. */
  async commit(
    by: string | Device,
    options: CommitOptions,
    added: readonly (readonly [string, string?])[] = [],
  ): Promise<CommitEvent> {
    const device = typeof by === "string" ? this.device(by) : by;
    const bundles = [];
    for (const [user, name] of added) bundles.push([user, await this.keyPackage(user, name)] as const);
    const add = bundles.map(([, { bundle }]) => bundle.keyPackage);
    const pending = await device.group.commit({ ...options, ...(add.length === 0 ? {} : { add }) });
    await this.#followAll(pending.commit, device);
    await device.group.apply(pending);
    device.room.follow(pending.change);
    for (const [user, { identity, bundle }] of bundles) {
      const joined = this.#device(identity, user);
      joined.group = await Group.join({
        ...this.#options(joined),
        identity,
        welcome: pending.welcome!,
        keyPackages: [bundle],
      });
      joined.room = this.#open(joined.group);
    }
    return pending.change;
  }

  async #followAll(commit: Uint8Array, except?: Device): Promise<CommitEvent> {
    const seen = await this.observer.receive(commit);
    if (seen.kind !== "commit") throw new TypeError("a commit was expected");
    this.hubRoom.follow(seen);
    for (const device of this.devices) {
      if (device === except || device.group.isGone) continue;
      const event = await device.group.receive(commit);
      if (event.kind === "commit") device.room.follow(event);
      if (event.kind === "removed") device.room.follow(event.change);
      if (event.kind === "own" && event.change !== undefined) device.room.follow(event.change);
    }
    return seen;
  }

  /** Join from outside, and have everybody follow it. */
  async joinExternally(
    user: string,
    options: Partial<Parameters<typeof Group.joinExternally>[0]> = {},
    name = "phone",
  ): Promise<Device> {
    const member = this.devices.find(({ group }) => !group.isGone)!;
    const identity = await identityOf(user, name);
    const joining = await Group.joinExternally({
      authentication: trustAnyCredential,
      registry: this.app.registry,
      handshake: "public",
      identity,
      groupInfo: await member.group.groupInfo(),
      ...options,
    });
    await this.#followAll(joining.commit);
    const device = this.#device(identity, user);
    device.group = await joining.complete();
    device.room = this.#open(device.group);
    return device;
  }

  /** Everybody takes a proposal that the hub takes. */
  async propose(message: Uint8Array, by?: Device): Promise<void> {
    const event = await this.observer.receive(message);
    if (event.kind !== "proposal") throw new TypeError("a proposal was expected");
    this.hubRoom.checkProposal(event);
    for (const device of this.devices) if (device !== by && !device.group.isGone) await device.group.receive(message);
  }

  /** A malicious member's commit: refused by everybody alike, and nothing has changed. The code of the refusal. */
  async refused(by: string, options: CommitOptions): Promise<RoomError> {
    const device = this.device(by);
    device.honest = false;
    const pending = await device.group.commit(options);
    device.honest = true;
    const codes = await this.#refusedByAll(pending.commit, device);
    pending.drop();
    return codes;
  }

  /** The same of a commit from outside. */
  async refusedFromOutside(commit: Uint8Array): Promise<RoomError> {
    return this.#refusedByAll(commit);
  }

  async #refusedByAll(commit: Uint8Array, except?: Device): Promise<RoomError> {
    const before = this.state();
    this.hubRefusal = undefined;
    await refuses(this.observer.receive(commit));
    const refusals = [this.hubRefusal as RoomError | undefined];
    for (const device of this.devices) {
      if (device === except || device.group.isGone) continue;
      device.refusal = undefined;
      await refuses(device.group.receive(commit));
      refusals.push(device.refusal);
    }
    const [first] = refusals;
    if (first === undefined) throw new TypeError("the room did not refuse it");
    for (const refusal of refusals) {
      if (refusal?.code !== first.code || refusal.rule !== first.rule) throw new TypeError("they don't agree");
    }
    if (JSON.stringify(this.state()) !== JSON.stringify(before))
      throw new TypeError("a refused commit changed something");
    return first;
  }

  /** What everybody has of the room; it must be the same. */
  state(): unknown {
    const states = [this.hubRoom, ...this.devices.filter(({ group }) => !group.isGone).map(({ room }) => room)].map(
      stateOf,
    );
    const again = stateOf(this.#open(this.observer));
    for (const state of [...states, again]) {
      if (JSON.stringify(state) !== JSON.stringify(states[0])) throw new TypeError("the members disagree");
    }
    return states[0];
  }
}

async function refuses(received: Promise<unknown>): Promise<void> {
  try {
    await received;
  } catch (error) {
    if (error instanceof CopseError && error.code === "commit-refused") return;
    throw error;
  }
  throw new TypeError("it was not refused");
}

export function stateOf(room: Room): unknown {
  return {
    epoch: String(room.epoch),
    participants: [...room.participants],
    data: JSON.parse(
      JSON.stringify(room.data, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
    ) as unknown,
  };
}
