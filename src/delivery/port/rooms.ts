/**
 * What is asked of a database about rooms.
 */

import type { Ages, Once, Written } from "./writes.ts";

/** What is known of a room at once. */
export interface RoomRow {
  readonly room: string;
  readonly groupId: Uint8Array;
  readonly cipherSuite: number;
  readonly epoch: bigint;
  /** When the epoch began, and by which item: 0 for the one that the room began with. */
  readonly epochAt: number;
  readonly epochHead: bigint;
  /** The number of the last item. */
  readonly head: bigint;
  /** Items up to here are gone. */
  readonly goneThrough: bigint;
  /** One more with every change of what is followed: it is compared before another is written. */
  readonly revision: bigint;
  /** The epoch can still be rolled back. */
  readonly unconfirmed: Unconfirmed | undefined;
}

/** What is known of the last commit until a second member has confirmed it. */
export interface Unconfirmed {
  readonly committer: string;
  /** Devices that have come with it: they were not in the epoch that it would go back to. */
  readonly joined: readonly string[];
  readonly complaints: readonly Complainer[];
}

/** A member that can't follow a commit. */
export interface Complainer {
  readonly device: string;
  readonly code: string;
}

/** The records of an observer that change: `StateChanges` of the engine. */
export interface RecordChanges {
  readonly whole: boolean;
  readonly puts: ReadonlyMap<string, Uint8Array>;
  readonly deletes: readonly string[];
}

/** From where to where a device may read. */
export interface Span {
  /** Behind this number: the commit that added it. */
  readonly after: bigint;
  /** With this number: the commit that removed it. Undefined for a member. */
  readonly through: bigint | undefined;
}

/** The members of a room in a revision: they are the same for as long as it is. */
export interface RoomDevices {
  readonly revision: bigint;
  readonly devices: readonly string[];
}

/** A device of a room, as it is or was. */
export interface MemberRow {
  readonly spans: readonly Span[];
  readonly acknowledged: bigint;
}

/** A room as it begins. */
export interface RoomStart {
  readonly room: string;
  readonly once: Once;
  readonly groupId: Uint8Array;
  readonly cipherSuite: number;
  readonly epoch: bigint;
  readonly device: string;
  readonly groupInfo: Uint8Array;
  readonly records: RecordChanges;
  readonly at: number;
}

/** An item for the end of a room's log, with all that changes with it. */
export interface Append {
  readonly room: string;
  readonly once: Once;
  readonly message: Uint8Array;
  readonly at: number;
  /** "log-full" where all messages of the log would be more bytes than this. */
  readonly mostBytes: number;
  readonly change: AppendedMessage | AppendedProposal | AppendedCommit;
}

/** Taken where `once.device` is a member, and the room is in this epoch, or in the one behind it that began after `since`. */
export interface AppendedMessage {
  readonly kind: "message";
  /** What is kept beside it. */
  readonly stamp: Uint8Array | undefined;
  readonly epoch: bigint;
  readonly since: number;
  /** The room's rules were looked at in this revision: it is "moved" in another. Without it, any will do. */
  readonly revision?: bigint;
}

/** Taken where the room is of this revision. */
export interface AppendedProposal {
  readonly kind: "proposal";
  readonly revision: bigint;
  readonly records: RecordChanges;
}

/** Taken where the room is of this revision. */
export interface AppendedCommit {
  readonly kind: "commit";
  readonly revision: bigint;
  readonly records: RecordChanges;
  /** The epoch that it begins. */
  readonly epoch: bigint;
  readonly groupInfo: Uint8Array;
  readonly committer: string;
  /** Devices that are members from now on, and those that are no longer. */
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** For devices of `joined`. */
  readonly welcomes: readonly { readonly device: string; readonly welcome: Uint8Array }[];
  /** The new epoch's, where there are Welcomes. */
  readonly ratchetTree: Uint8Array | undefined;
  /** "welcomes-full" where Welcomes and trees that wait in the room would be more bytes than this. */
  readonly mostWelcomeBytes: number;
}

/** "taken": the id of another write; "moved": another revision; "epoch": another epoch, or the one before for too long. */
export type Appended =
  /** Of a message: the revision in which it was accepted, and whose members it is for. Without it, they are looked for. */
  | { readonly kind: "accepted"; readonly number: bigint; readonly at: number; readonly revision?: bigint }
  | AppendedBefore
  | { readonly kind: "no-room" | "not-member" | "epoch" | "moved" | "log-full" | "welcomes-full" };

/** "gone": it was accepted, and was taken back with its epoch. */
export type AppendedBefore =
  { readonly kind: "known"; readonly number: bigint; readonly at: number } | { readonly kind: "taken" | "gone" };

/** An item of a room's log. */
export interface ItemRow {
  readonly number: bigint;
  readonly at: number;
  readonly message: Uint8Array;
  /** Of an item without a message: what was taken back, itself or an earlier commit, and the epoch that goes on. */
  readonly takesBack: { readonly number: bigint; readonly epoch: bigint } | undefined;
  readonly stamp: Uint8Array | undefined;
}

/** A Welcome that waits in its room: to be carried over to its device, or to be taken by it. */
export interface WelcomeRow {
  /** That of the commit. */
  readonly number: bigint;
  readonly device: string;
  readonly committer: string;
  readonly welcome: Uint8Array;
  readonly at: number;
}

/** Which items to give. */
export interface ItemRange {
  readonly room: string;
  readonly spans: readonly Span[];
  /** Those with greater numbers. */
  readonly after: bigint;
  readonly limit: number;
  /** No more behind the one with which they are as many bytes. */
  readonly bytes: number;
}

/** Rooms: their logs, their members, and the observers that follow their groups. */
export interface RoomsPort {
  /** What is known of a room; undefined where there is none of that name. */
  row(room: string): Promise<RoomRow | undefined>;
  /** "exists" where there is a room of that name already. */
  create(start: RoomStart): Promise<Written<undefined> | { readonly kind: "exists" }>;
  /** The row and all records of the observer, of one moment. */
  followed(
    room: string,
  ): Promise<{ readonly row: RoomRow; readonly records: readonly (readonly [string, Uint8Array])[] } | undefined>;
  /** The current epoch's GroupInfo, of one moment with the row. */
  groupInfo(room: string): Promise<{ readonly row: RoomRow; readonly groupInfo: Uint8Array } | undefined>;
  /** What was answered to a publication before. */
  written(room: string, once: Once): Promise<AppendedBefore | undefined>;
  /** Put an item at the end of the room's log, with all that changes with it, or say why not. */
  append(append: Append): Promise<Appended>;
  /** A device that is or was in the room; undefined where it never was. */
  member(room: string, device: string): Promise<MemberRow | undefined>;
  /** The devices that are members now. Undefined where nobody is. */
  devices(room: string): Promise<RoomDevices | undefined>;
  /**
   * Rooms of a device, with the number of the last item that it may read, where it has not acknowledged that.
   *
   * @param all Also those where it has, and is a member now. Default false.
   */
  changed(device: string, all?: boolean): Promise<readonly { readonly room: string; readonly head: bigint }[]>;
  /** Items that these spans hold, in order. */
  items(range: ItemRange): Promise<readonly ItemRow[]>;
  /** The greater of what it has acknowledged and this. */
  acknowledge(room: string, device: string, through: bigint): Promise<void>;
  /** The epoch can't be rolled back any more. False for another revision. */
  confirm(room: string, revision: bigint, records: RecordChanges): Promise<boolean>;
  /** Another member that can't follow. False for another revision. */
  complain(room: string, revision: bigint, complainer: Complainer): Promise<boolean>;
  /**
   * The last commit never was: it and what was said behind it in its epoch are taken back, each in its place, its Welcomes are gone,
   * its members are again as they were, and so is the GroupInfo. An item that says so is at the end of the log. Undefined for another
   * revision.
   */
  rollBack(room: string, revision: bigint, records: RecordChanges, at: number): Promise<bigint | undefined>;
  /** Welcomes that were not carried over yet, in order. */
  outbox(room: string): Promise<readonly WelcomeRow[]>;
  /** A Welcome is in its device's queue: it is not in the outbox any more. */
  relayed(room: string, number: bigint, device: string): Promise<void>;
  /** A Welcome that a device has not taken yet, with the tree of its epoch. */
  welcome(
    room: string,
    number: bigint,
    device: string,
  ): Promise<{ readonly welcome: Uint8Array; readonly ratchetTree: Uint8Array } | undefined>;
  /** The device has it: the tree goes with the last. */
  taken(room: string, number: bigint, device: string): Promise<void>;
  /** Items that every entitled device has acknowledged, and whatever is older than these times. */
  collect(room: string, ages: Ages): Promise<void>;
  /** So many rooms, in an order that stays, behind one of a name. */
  names(after: string, limit: number): Promise<readonly string[]>;
}
