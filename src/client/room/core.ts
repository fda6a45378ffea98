/**
 * A room on this device: its state, its group, and its turns. What is done with it is in the files beside this one.
 */

import { accountsAgree } from "../../accounts/agreement.ts";
import { CopseError } from "../../errors.ts";
import { Group } from "../../group/group.ts";
import type { CommitEvent } from "../../public-group/events.ts";
import type { Capability } from "../../rooms/formats/capabilities.ts";
import type { Optionality } from "../../rooms/formats/parts.ts";
import type { MessageExpirationPolicy } from "../../rooms/formats/policies.ts";
import { Room } from "../../rooms/room.ts";
import type { StoreChange } from "../../storage/store.ts";
import { ClientError } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import { Outbox } from "../outbox/outbox.ts";
import type { Surroundings } from "../surroundings.ts";
import { Turns } from "../turns.ts";
import { expiryTime } from "../timeline/expiry.ts";
import { addUnread, type Unread } from "../timeline/unread.ts";
import { Alarms } from "./alarms.ts";
import { LogHashes } from "./log-hashes.ts";
import { GroupSlot, type Beside } from "./slot.ts";
import { putRoom, type RoomState } from "./state.ts";
import type { StateEvent } from "../../public-group/records/persist.ts";

/** What a step of a room brings beside what the group changes. */
export interface Outcome {
  readonly state?: Partial<RoomState>;
  readonly changes?: readonly StoreChange[];
  /** By how much what this user has not read becomes more or less. */
  readonly unread?: Unread | undefined;
  readonly events?: readonly ClientEvent[];
  readonly flush?: boolean;
  /** Whether it may be written with what comes next. */
  readonly keep?: boolean;
  /** Whether the group is over for this device, with all its records. */
  readonly forget?: boolean;
}

export class RoomCore {
  readonly id: string;
  readonly around: Surroundings;
  readonly slot: GroupSlot;
  readonly outbox: Outbox;
  readonly alarms: Alarms;
  readonly hashes: LogHashes = new LogHashes();
  #state: RoomState;
  /** Whether the store has it. */
  #isStored: boolean;
  #group: Group | undefined;
  #rules: Room | undefined;
  readonly #turns: Turns = new Turns();
  /** Whether a call follows the group as it is in memory: it stays there. */
  isPinned = false;
  /** What the service was told to be on this device's disk, since this client was opened. */
  acknowledged: bigint | undefined;
  /** The number of lost races for which this device has waited. */
  waited = 0;
  /** The epoch in which pending proposals were refused once. */
  refusedIn: bigint | undefined;
  /** The epoch in which the service was told that this device wants to leave. */
  askedToLeaveIn: bigint | undefined;
  /** An epoch that another has begun, which is to be confirmed. */
  toConfirm: bigint | undefined;
  /** The epoch that this device has confirmed: the service does not take it back any more. */
  confirmed: bigint | undefined;
  /** Whether the service has shown less of the log than this device has read in this group: it has gone back. */
  isShownLess = false;
  /** The code of what is wrong with the commit that this device is stuck at. */
  stuckFor: string | undefined;
  /** When this device has come back from outside last, and how long it waits before it does so again, in milliseconds. */
  rejoined: { readonly at: number; readonly wait: number } | undefined;
  /** Whether all leaves were looked at beside what is known of accounts now. */
  isLookedAt = false;
  /** When leaves that contradict it are taken out, in milliseconds since 1970. */
  takesOutAt: number | undefined;
  /** Until when new keys of this device's leaf wait for the messages behind them, in milliseconds since 1970. */
  renewsAt = 0;
  /** Whether changes go one by one, since one of them has spoilt the commit of all. */
  isOneByOne = false;

  constructor(around: Surroundings, id: string, state: RoomState, isStored = false) {
    this.around = around;
    this.id = id;
    this.slot = new GroupSlot(around.store, id);
    this.outbox = new Outbox(around.store, id);
    this.alarms = new Alarms(around.store, id);
    this.#state = state;
    this.#isStored = isStored;
  }

  get state(): RoomState {
    return this.#state;
  }

  /** One thing at a time: what is asked for here begins when all before it is over. */
  turn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#turns.take(work);
  }

  /** The options of this room's group, on every way into it. */
  groupOptions(): Surroundings["groupOptions"] & Pick<Parameters<typeof Group.restore>[0], "identity"> {
    return {
      ...this.around.groupOptions,
      identity: this.around.identity,
      persist: this.slot.persist,
      review: (change) => this.#review(change),
    };
  }

  /** The group, restored from the store where it is not here yet. @throws ClientError "room-left" where it is over */
  async group(): Promise<Group> {
    if (this.#group === undefined) {
      if (this.#state.status === "left") throw new ClientError("room-left");
      this.hold(await this.#restored());
    } else this.around.loaded.used(this);
    return this.#group!;
  }

  /** A healed device still reads by its old leaf what is of before, until it has joined the room anew. */
  async #restored(): Promise<Group> {
    const { former } = this.around.copies;
    const nextIdentity = former === undefined ? {} : { nextIdentity: former };
    try {
      return await Group.restore({ ...this.groupOptions(), ...nextIdentity, records: this.slot.records() });
    } catch (cause) {
      if (cause instanceof CopseError && cause.code === "snapshot-identity")
        throw new ClientError("room-behind", { cause });
      throw cause;
    }
  }

  /** The group, where it is in memory. */
  get loaded(): Group | undefined {
    return this.#group;
  }

  /** The room's rules, where its group is in memory. */
  get rules(): Room {
    if (this.#rules === undefined) throw new ClientError("room-unknown");
    return this.#rules;
  }

  /** Whether a user's role has a capability: nobody's, where the group is not in memory. */
  may(user: string, capability: Capability): boolean {
    return this.#rules?.mayDo(user, { kind: "can", capability }) ?? false;
  }

  /** The room's policy of messages that go, where its group is in memory. */
  get timers(): MessageExpirationPolicy | undefined {
    return this.#rules?.data.message_expiration_policy;
  }

  /** What the room says of receipts, where its group is in memory, and whether this user may send any. */
  get receiptPolicy():
    | {
        readonly delivered: Optionality;
        readonly read: Optionality;
        readonly devices: number;
        readonly maySend: boolean;
      }
    | undefined {
    if (this.#rules === undefined) return undefined;
    const policy = this.#rules.data.status_notification_policy;
    return {
      delivered: policy?.deliveryNotifications ?? "optional",
      read: policy?.readReceipts ?? "optional",
      devices: this.#group?.size ?? Infinity,
      maySend: this.may(this.around.user, "canSendMessage"),
    };
  }

  /** This is the group from now on. */
  hold(group: Group): void {
    this.#rules = this.rulesOf(group);
    this.#group = group;
    this.hashes.forget();
    this.isLookedAt = false;
    this.isShownLess = false;
    this.around.loaded.used(this);
  }

  /** The rules of a group. @throws RoomError where it is no room. */
  rulesOf({ groupContext, members }: Group): Room {
    return Room.open({ rooms: this.around.appData, groupContext, members });
  }

  /** Forget what is in memory: it is in the store. */
  release(): void {
    this.#group = undefined;
    this.#rules = undefined;
    this.outbox.forget();
    this.alarms.forget();
  }

  /** An operation of the group, with what comes of it, in one batch for each thing that the group stores. */
  async step<Result>(
    operation: (group: Group) => Promise<Result>,
    outcome: (event: StateEvent) => Outcome | Promise<Outcome>,
  ): Promise<Result> {
    const group = await this.group();
    return this.slot.step(
      () => operation(group),
      async (event) => this.beside(await outcome(event)),
    );
  }

  /** A batch of the client's own. */
  async write(outcome: Outcome): Promise<void> {
    const beside = this.beside(outcome);
    await this.slot.write(beside.changes, beside);
    beside.after?.();
  }

  /** An outcome as a part of a batch. */
  beside({ state: given, unread, changes = [], events = [], ...how }: Outcome): Beside {
    const counted = unread === undefined ? {} : { unread: addUnread(this.#state.unread, unread) };
    const state = given === undefined && unread === undefined ? undefined : { ...given, ...counted };
    const next = { ...this.#state, ...state };
    const told = this.around.events.adding(events);
    const puts = state === undefined ? [] : putRoom(this.id, this.#isStored ? this.#state : undefined, next);
    const marks = this.around.history?.marks(changes) ?? [];
    return {
      changes: [...changes, ...marks, ...told.changes, ...puts],
      ...how,
      after: () => {
        this.#state = next;
        this.#isStored ||= puts.length > 0;
        this.outbox.written(changes);
        this.alarms.written(changes);
        this.around.store.whenWritten(told.after);
        for (const change of changes) {
          const at = "put" in change ? expiryTime(change.put) : undefined;
          if (at !== undefined) this.around.expiring(at);
        }
      },
    };
  }

  /** The room's rules follow a commit that was applied. */
  follow(change: CommitEvent): void {
    this.#rules?.follow(change);
  }

  #review(change: CommitEvent): boolean {
    if (this.#rules === undefined) return true; // the first commit of a group that is being made
    // Two roots, or two keys of one number, are two people under one name: every member refuses the second.
    if (this.around.book !== undefined && !accountsAgree(this.#group?.members ?? [], change)) return false;
    return this.#rules.allows(change);
  }
}
