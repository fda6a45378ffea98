/**
 * Rooms that this process follows: each by the public half of the engine, loaded when it is used, and the latest used are kept.
 * Whoever writes compares the room's revision: a room that another process has changed is loaded again.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { hex } from "../../bytes/text.ts";
import { makeProposalRef } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { Observer, type ObserverEvent } from "../../public-group/observer/observer.ts";
import { publicProposalRecord } from "../../public-group/observer/values.ts";
import { storedProposal, type PendingProposal } from "../../public-group/proposals/proposal-store.ts";
import {
  NotWrittenError,
  type Persist,
  type StateChanges,
  type StateEvent,
} from "../../public-group/records/persist.ts";
import type { CommitEvent } from "../../public-group/events.ts";
import { RoomError } from "../../rooms/errors.ts";
import { bannedRole } from "../../rooms/formats/roles.ts";
import { Room } from "../../rooms/room.ts";
import { readRules } from "../../rooms/rules.ts";
import { deviceOf, userOf } from "../../rooms/uri.ts";
import type { BaseRoomPolicy } from "../../rooms/formats/base-policy.ts";
import type { Extension } from "../../wire/extension.ts";
import { Doubts } from "./doubts.ts";
import { Refused } from "./refused.ts";
import { DeliveryError } from "../errors.ts";
import type { RoomView, Settings } from "../options.ts";
import type { DeliveryPort, RoomRow } from "../port.ts";

/** Writes what the observer becomes. What it throws leaves the observer as it was. */
export type Step = (changes: StateChanges, event: StateEvent) => Promise<void>;

/** A room as it is followed. */
export class FollowedRoom {
  readonly observer: Observer;
  readonly suite: CipherSuite;
  /** Proposals of the current epoch, by their references in hex. */
  readonly pending: Map<string, PendingProposal>;
  /** How many leaves each device has. */
  readonly devices: Map<string, number>;
  /** What the room is by its own rules, where it is MIMI's. */
  readonly mimi: Room | undefined;
  row: RoomRow;
  readonly #writing: Writing;

  constructor(
    held: Pick<FollowedRoom, "observer" | "suite" | "pending" | "devices" | "mimi" | "row">,
    writing: Writing,
  ) {
    this.observer = held.observer;
    this.suite = held.suite;
    this.pending = held.pending;
    this.devices = held.devices;
    this.mimi = held.mimi;
    this.row = held.row;
    this.#writing = writing;
  }

  /**
   * Take a message in, and write what that changes by this step. What it throws comes out as it is, and nothing has changed.
   *
   * @throws CopseError of the rule that the message breaks.
   */
  receive(message: Uint8Array, step: Step): Promise<ObserverEvent> {
    return this.#writing.during(step, () => this.observer.receive(message));
  }

  confirm(epoch: bigint, step: Step): Promise<void> {
    return this.#writing.during(step, async () => this.observer.confirm(epoch));
  }

  rollBack(epoch: bigint, step: Step): Promise<void> {
    return this.#writing.during(step, async () => this.observer.rollback(epoch));
  }
}

/** What an observer's `persist` does: the step of the operation under way. */
export class Writing {
  #step: Step | undefined;
  #failures: { readonly cause: unknown }[] = [];

  readonly persist: Persist = async (changes, event) => {
    try {
      await this.#step?.(changes, event);
    } catch (cause) {
      this.#failures.push({ cause });
      throw new NotWrittenError();
    }
  };

  async during<T>(step: Step, operation: () => Promise<T>): Promise<T> {
    this.#step = step;
    this.#failures = [];
    try {
      return await operation();
    } catch (error) {
      const [failure] = this.#failures;
      throw failure === undefined ? error : failure.cause;
    } finally {
      this.#step = undefined;
    }
  }
}

/** How many names of rooms are kept with their groups. */
const mostGroupIds = 10_000;

export class FollowedRooms {
  readonly #port: DeliveryPort;
  readonly #settings: Settings;
  readonly #rooms = new Map<string, FollowedRoom>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly doubts: Doubts;
  readonly #groupIds = new Map<string, Uint8Array>();

  constructor(port: DeliveryPort, settings: Settings) {
    this.#port = port;
    this.#settings = settings;
    this.doubts = new Doubts(settings.limits.observers);
  }

  /** One after the other, of one room. */
  async inTurn<T>(room: string, operation: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(room);
    const turn = (async () => {
      await before?.catch(() => undefined);
      return operation();
    })();
    this.#turns.set(room, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(room) === turn) this.#turns.delete(room);
    }
  }

  /** The group of a room, which is the same for good. Undefined where there is no such room. */
  async groupId(room: string): Promise<Uint8Array | undefined> {
    const known = this.#groupIds.get(room);
    if (known !== undefined) return known;
    const row = await this.#port.rooms.row(room);
    if (row === undefined) return undefined;
    if (this.#groupIds.size >= mostGroupIds) this.#groupIds.clear();
    this.#groupIds.set(room, row.groupId);
    return row.groupId;
  }

  /** The room as it is now, within its turn. Undefined where there is none. */
  async load(room: string): Promise<FollowedRoom | undefined> {
    const row = await this.#port.rooms.row(room);
    const kept = this.#rooms.get(room);
    if (row === undefined) return undefined;
    if (kept?.row.revision === row.revision) {
      kept.row = row;
      this.#rooms.delete(room);
      this.#rooms.set(room, kept);
      return kept;
    }
    return this.#restore(room);
  }

  /** The room as it was when this process last looked: whoever goes by it compares its revision when it writes. */
  kept(room: string): FollowedRoom | undefined {
    return this.#rooms.get(room);
  }

  /** Another process has changed it, or its members are others now. */
  forget(room: string): void {
    this.#rooms.delete(room);
  }

  async #restore(room: string): Promise<FollowedRoom | undefined> {
    this.#rooms.delete(room);
    const stored = await this.#port.rooms.followed(room);
    if (stored === undefined) return undefined;
    const { row, records } = stored;
    const suite = this.suite(row.cipherSuite);
    const writing = new Writing();
    const held: { followed?: FollowedRoom } = {};
    const observer = await Observer.restore({ ...this.options(writing, () => held.followed), suite, records });
    const pending = new Map<string, PendingProposal>();
    for (const [name, value] of records) {
      if (!name.startsWith("proposal/")) continue;
      const { authenticated } = publicProposalRecord.read(value);
      const ref = makeProposalRef(suite, authenticated);
      pending.set(hex(ref), storedProposal(copyBytes(authenticated), ref, this.#settings.groupSettings.reading));
    }
    const mimi = this.open(observer);
    const followed = new FollowedRoom({ observer, suite, row, pending, devices: devicesOf(observer), mimi }, writing);
    held.followed = followed;
    this.#rooms.set(room, followed);
    for (const name of this.#rooms.keys()) {
      if (this.#rooms.size <= this.#settings.limits.observers) break;
      this.#rooms.delete(name);
    }
    return followed;
  }

  /** What a group is by its rules, where rooms are MIMI's. @throws RoomError */
  open({ groupContext, members }: Observer): Room | undefined {
    const { rooms } = this.#settings;
    return rooms && Room.open({ rooms, groupContext, members });
  }

  /** The options of an observer of this room. */
  options(
    { persist }: Writing,
    room: () => FollowedRoom | undefined,
  ): Omit<Parameters<typeof Observer.follow>[0], "suite" | "groupInfo"> {
    const { group, clock, random } = this.#settings;
    return {
      ...group,
      acceptHandshake: "public",
      clock,
      random,
      persist,
      review: async (change) => {
        const followed = room();
        return followed !== undefined && (await this.#review(followed, change));
      },
    };
  }

  /** Whether a commit keeps the room's rules, and the application's. @throws Refused with the code of the rule. */
  async #review({ mimi, observer, row }: FollowedRoom, change: CommitEvent): Promise<boolean> {
    if (this.#settings.accounts.agree?.(observer.members, change) === false) throw new Refused("policy", "accounts");
    if (mimi !== undefined) {
      const isInParent = await this.#parentFor(mimi, change);
      keepingRules(() => {
        mimi.check(change, isInParent === undefined ? {} : { isInParent });
      });
    }
    const { reviewRoom } = this.#settings;
    return reviewRoom === undefined || (await reviewRoom(change, viewOf(row.room, observer)));
  }

  /** Who is in the room that this one depends on after a commit. Another parent is for its participants to choose. */
  async #parentFor({ rooms, data }: Room, change: CommitEvent): Promise<((user: string) => boolean) | undefined> {
    const { before, after } = change.contextExtensions;
    const policy = before === after ? data.base_room_policy : policyOf(after, rooms);
    const by = userOf(change.committer.credential) ?? "";
    const isInParent = await this.parentOf(policy, by);
    const isSame =
      data.base_room_policy.parentDependent && data.base_room_policy.parentRoom[0] === policy.parentRoom[0];
    if (isInParent !== undefined && !isSame && !isInParent(by)) throw new Refused("policy", "parent");
    return isInParent;
  }

  /**
   * Of a room that depends on another: who is in that one now, as far as `by` may know. The service alone sees both in one order. Who is
   * not in the parent itself finds nobody there: that is the same as with a room that never was.
   */
  async parentOf(
    { parentDependent, parentRoom }: Pick<BaseRoomPolicy, "parentDependent" | "parentRoom">,
    by: string,
  ): Promise<((user: string) => boolean) | undefined> {
    if (!parentDependent) return undefined;
    const [uri] = parentRoom;
    const parent = uri === undefined ? undefined : await this.load(uri);
    const isIn = (user: string): boolean => (parent?.mimi?.participant(user)?.role ?? bannedRole) !== bannedRole;
    return (user) => isIn(by) && isIn(user);
  }

  suite(id: number): CipherSuite {
    const suite = this.#settings.suites(id);
    if (suite === undefined)
      throw new DeliveryError("invalid", { detail: "the cipher suite is none of the service's" });
    return suite;
  }
}

function policyOf(extensions: readonly Extension[], rooms: Room["rooms"]): BaseRoomPolicy {
  try {
    return readRules(extensions, rooms).data.base_room_policy;
  } catch (error) {
    if (error instanceof RoomError) throw new Refused("policy", error.code);
    throw error;
  }
}

/** @throws Refused "policy", with the code of the rule. */
export function keepingRules(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof RoomError) throw new Refused("policy", error.code);
    throw error;
  }
}

export function viewOf(room: string, { epoch, groupContext }: Observer): RoomView {
  return { room, epoch, extensions: groupContext.extensions };
}

/** How many leaves each device has. Of members that are no device there is no count. */
export function devicesOf({ members }: Observer): Map<string, number> {
  const devices = new Map<string, number>();
  for (const { credential } of members) {
    const device = deviceOf(credential);
    if (device !== undefined) devices.set(device, (devices.get(device) ?? 0) + 1);
  }
  return devices;
}
