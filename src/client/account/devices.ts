/**
 * The user's devices, as a client keeps them: changing the list, letting new ones in, and bringing every room in line with it.
 */

import { nothing } from "../../bytes/nothing.ts";
import type { Device, DeviceChanges } from "../../accounts/devices.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { StoreChange } from "../../storage/store.ts";
import { ClientError } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import type { After } from "../linking/exchange.ts";
import { linkTopic } from "../linking/exchange.ts";
import { Linkings, type Parcel } from "../linking/linkings.ts";
import type { LinkOptions } from "../linking/options.ts";
import { entryKind, integer, type EntryKind } from "../store/entry.ts";
import { askedKey, bringKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Account } from "./account.ts";
import { brought, broughtThrough, changeOwn, publishOwn } from "./own-devices.ts";

/** A room, as far as its devices go. */
export interface RoomOfDevices {
  /** Whether every one of these devices is in it, and no other of the user: what is missing is asked for. */
  bringDevices(devices: readonly Pick<Device, "uri" | "suspended">[]): Promise<boolean>;
}

export interface DevicesParts {
  readonly account: Account | undefined;
  readonly around: () => Surroundings;
  /** @throws ClientError "offline" */
  readonly online: () => Connection;
  /** The rooms that this device is in. */
  readonly rooms: () => Iterable<RoomOfDevices>;
  readonly after: After;
  /** Do the client's chores soon. */
  readonly chores: () => void;
}

/** A new device asks the user's others under this topic to bring it into the rooms. */
const bringTopic = "bring";

/** How long a device that has not made the list leaves it to the one that has, in milliseconds. */
const patience = 10_000;

/** How long a device that has asked is looked for, in milliseconds. */
const longestWait = 60 * 60 * 1000;

const sinceEntry: EntryKind<number> = entryKind(integer);

export class Devices {
  #parts: DevicesParts;
  readonly #linkings: Linkings;

  constructor(parts: DevicesParts) {
    this.#parts = parts;
    const { around, after } = parts;
    this.#linkings = new Linkings({ around, after, change: (changes) => this.change(changes) });
  }

  /** This device's part of the account. */
  get account(): Account | undefined {
    return this.#parts.account;
  }

  /** This device has another key from now on. */
  become(account: Account | undefined): void {
    this.#parts = { ...this.#parts, account };
  }

  /** The user's devices, as the list names them. */
  async all(): Promise<readonly Device[]> {
    return (await this.#view())?.devices ?? [];
  }

  /** Change the list, and bring the rooms in line with it. */
  async change(changes: DeviceChanges): Promise<AccountView> {
    const { account, around, online } = this.#parts;
    const { book } = around();
    if (account === undefined || book === undefined) throw new ClientError("account-missing");
    const view = await changeOwn(account, book, online(), changes);
    await this.bring();
    return view;
  }

  /** Let a device into the account. Gives its URI. */
  async link(offer: Uint8Array, options: LinkOptions): Promise<string> {
    const { account, online } = this.#parts;
    if (account === undefined) throw new ClientError("account-missing");
    online();
    return this.#linkings.link(account, offer, options);
  }

  /** What another device has sent to this one. Undefined where it is none of this. */
  async take(parcel: Parcel): Promise<{ changes: readonly StoreChange[]; events: readonly ClientEvent[] } | undefined> {
    const { around, account } = this.#parts;
    const { user, clock, store } = around();
    if (account === undefined || userOfDevice(parcel.from) !== user) return undefined;
    if (parcel.topic === linkTopic) return this.#linkings.take(parcel);
    if (parcel.topic !== bringTopic) return undefined;
    const isAsked = (await store.get(bringKey)) !== undefined;
    const since = { put: bringKey, value: sinceEntry.write(clock()) };
    const changes = [...(await this.#linkings.arrived(parcel.from)), ...(isAsked ? [] : [since])];
    return { changes, events: [] };
  }

  /** What is to be done with a new connection, before anything else. */
  async publish(connection: Connection): Promise<void> {
    const { account, around } = this.#parts;
    const { book } = around();
    if (account !== undefined && book !== undefined) await publishOwn(account, book, connection);
  }

  /** The rest of it, when the device's key packages are at the service. */
  async chore(connection: Connection): Promise<void> {
    const { account } = this.#parts;
    if (account === undefined) return;
    await this.#ask(connection);
    await this.#linkings.clean(async (device) => (await this.all()).some(({ uri }) => uri === device));
  }

  /** Every room in line with the user's list. It is done again until the store says that it was done for this list. */
  async bring(): Promise<void> {
    const { around, rooms } = this.#parts;
    const { device, store } = around();
    const view = await this.#view();
    if (view === undefined) return;
    const isAsked = await this.#isAsked(view);
    if (!isAsked && (await broughtThrough(store)) >= view.number) return;
    let isDone = true;
    for (const room of isAsked || view.maker === device ? rooms() : [])
      isDone = (await room.bringDevices(view.devices)) && isDone;
    if (isDone) await store.batch([brought(view.number), ...(isAsked ? [{ delete: bringKey }] : [])]);
    else if (isAsked) await this.#giveUpLater();
  }

  close(): void {
    this.#linkings.close();
  }

  /** Whether another device waits to be brought in, and this one is to do it now: who has made the list is the first. */
  async #isAsked({ maker }: AccountView): Promise<boolean> {
    const { around, after, chores } = this.#parts;
    const { store, device, clock } = around();
    const since = await store.get(bringKey);
    if (since === undefined) return false;
    const wait = maker === device ? 0 : sinceEntry.read(since) + patience - clock();
    if (wait <= 0) return true;
    after(wait, chores);
    return false;
  }

  /** A device that asked and then was seen nowhere is not looked for in every room for ever. */
  async #giveUpLater(): Promise<void> {
    const { store, clock } = this.#parts.around();
    const since = await store.get(bringKey);
    if (since !== undefined && sinceEntry.read(since) + longestWait < clock())
      await store.batch([{ delete: bringKey }]);
  }

  /** Once, a device that others have put on the list asks them to bring it in. */
  async #ask(connection: Connection): Promise<void> {
    const { store, user, device, random } = this.#parts.around();
    if ((await store.get(askedKey)) !== undefined) return;
    const others = (await this.all()).filter(({ uri, suspended }) => uri !== device && !suspended);
    if (others.length > 0) await connection.send({ id: random(16), to: user, topic: bringTopic, bytes: nothing });
    await store.batch([{ put: askedKey, value: sinceEntry.write(this.#parts.around().clock()) }]);
  }

  async #view(): Promise<AccountView | undefined> {
    const { book, user } = this.#parts.around();
    return book?.viewOf(user);
  }
}
