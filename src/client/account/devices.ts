/**
 * The user's devices, as a client keeps them: changing the list, letting new ones in, and bringing every room in line with it.
 */

import type { Device, DeviceChanges } from "../../accounts/devices.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { StoreChange } from "../../storage/store.ts";
import { ClientError } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import type { After } from "../linking/exchange.ts";
import type { Linkings, Parcel } from "../linking/linkings.ts";
import type { LinkOptions } from "../linking/options.ts";
import { linkTopic } from "../linking/topic.ts";
import { hasPassed } from "../passed.ts";
import { askedKey, bringKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Account } from "./account.ts";
import type { Bringing, RoomOfDevices } from "./bringing.ts";
import { changeOwn, publishOwn, weekly } from "./own-devices.ts";

export interface DevicesParts {
  readonly account: Account | undefined;
  readonly around: () => Surroundings;
  /** @throws ClientError "offline" */
  readonly online: () => Connection;
  /** The rooms that this device knows. */
  readonly rooms: () => Iterable<RoomOfDevices>;
  readonly after: After;
  /** Do the client's chores soon. */
  readonly chores: () => void;
}

export class Devices {
  #parts: DevicesParts;
  #linkings: Promise<Linkings> | undefined;
  /** Whether nothing is left of linkings before this client was opened. */
  #isClean = false;
  #isClosed = false;
  /** Whether a device may be about to be revoked, by this one. */
  isRevoking = true;
  #bringing: Bringing | undefined;

  constructor(parts: DevicesParts) {
    this.#parts = parts;
  }

  /** The linkings: fetched with the first. */
  #linking(): Promise<Linkings> {
    const { around, after } = this.#parts;
    return (this.#linkings ??= import("../linking/linkings.ts").then(({ Linkings }) => {
      return new Linkings({ around, after, change: (changes) => this.change(changes) });
    }));
  }

  /** This device's part of the account. */
  get account(): Account | undefined {
    return this.#parts.account;
  }

  /** This device has another key from now on. */
  become(account: Account | undefined): void {
    this.#parts = { ...this.#parts, account };
  }

  /** Whether the account has, or had, another key than its first one: leaves may be to be attested anew, and the key to be handed on. */
  async isKeyRenewed(): Promise<boolean> {
    return ((await this.view())?.keyNumber ?? 0) > 1;
  }

  /** The user's devices, as the list names them. */
  async all(): Promise<readonly Device[]> {
    return (await this.view())?.devices ?? [];
  }

  /** Change the list, and bring the rooms in line with it. */
  async change(changes: DeviceChanges): Promise<AccountView> {
    const { account, around, online } = this.#parts;
    const { book, clock } = around();
    if (account === undefined || book === undefined) throw new ClientError("account-missing");
    const view = await changeOwn(account, book, online(), changes, clock);
    await this.bring();
    return view;
  }

  /** Let a device into the account. Gives its URI. */
  async link(offer: Uint8Array, options: LinkOptions): Promise<string> {
    const { account, online } = this.#parts;
    if (account === undefined) throw new ClientError("account-missing");
    online();
    const linkings = await this.#linking();
    if (this.#isClosed) throw new ClientError("client-closed");
    return linkings.link(account, offer, options);
  }

  /** What another device has sent to this one. Undefined where it is none of this. */
  async take(parcel: Parcel): Promise<{ changes: readonly StoreChange[]; events: readonly ClientEvent[] } | undefined> {
    const { around, account } = this.#parts;
    const { from, topic } = parcel;
    if (account === undefined || userOfDevice(from) !== around().user) return undefined;
    if (topic === linkTopic) return (await this.#linking()).take(parcel);
    const { askedBy, bringTopic } = await import("./bring-asking.ts");
    if (topic !== bringTopic) return undefined;
    this.bringAgain();
    return { changes: await askedBy(from, around()), events: [] };
  }

  /** Every room is looked at again. */
  bringAgain(): void {
    this.#bringing = undefined;
  }

  /** What is to be done with a new connection, before anything else. */
  async publish(connection: Connection): Promise<void> {
    const { account, around } = this.#parts;
    const { book, clock } = around();
    if (account === undefined || book === undefined) return;
    const { at } = await publishOwn(account, book, connection);
    if (this.isRevoking || !hasPassed(weekly, at, clock())) return;
    await (await import("./renewing.ts")).signAgain(account, connection, around());
  }

  /** The rest of it, when the device's key packages are at the service. */
  async chore(connection: Connection): Promise<void> {
    const { account } = this.#parts;
    if (account === undefined) return;
    const around = this.#parts.around();
    if ((await around.store.get(askedKey)) === undefined) {
      await (await import("./bring-asking.ts")).askToBring(connection, around, await this.all());
    }
    if (this.#linkings === undefined) this.#isClean ||= !(await this.#hasLinkings());
    if (this.#isClean && this.#linkings === undefined) return;
    await (await this.#linking()).clean(async (device) => (await this.all()).some(({ uri }) => uri === device));
  }

  /** Every room in line with the user's list, as far as this device can bring it there now. */
  async bring(): Promise<void> {
    const { around, rooms } = this.#parts;
    const view = await this.view();
    if (view === undefined) return;
    const isNeeded = Array.from(rooms()).some(({ core: { state } }) => state.listed <= view.number);
    if (!isNeeded && (await around().store.get(bringKey)) === undefined) return;
    if (this.#bringing === undefined) {
      const { Bringing } = await import("./bringing.ts");
      this.#bringing ??= new Bringing(this.#parts);
    }
    await this.#bringing.bring(view);
  }

  close(): void {
    this.#isClosed = true;
    void this.#linkings?.then((linkings) => {
      linkings.close();
    });
  }

  async #hasLinkings(): Promise<boolean> {
    const found = this.#parts.around().store.range({ prefix: ["linking"], limit: 1 });
    for await (const { key } of found) return key.length > 0;
    return false;
  }

  /** The user's list, as this device knows it. */
  async view(): Promise<AccountView | undefined> {
    const { book, user } = this.#parts.around();
    return book?.viewOf(user);
  }
}
