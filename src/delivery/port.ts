/**
 * What the core of a delivery service asks of a database. Each operation is one transaction, within one room, one device's queue or
 * one user: all of it is written, or none, and whoever compares before it writes does both at once. So the same core runs over memory
 * and over SQL, in one process and in many.
 *
 * Every write of a client carries `Once`: what was written is answered again, and other bytes under the same id are "taken".
 */

/** Who writes, under which id, and the SHA-256 of all that it says. An id is its device's own: nobody takes another's. */
export interface Once {
  readonly device: string;
  /** In hex. */
  readonly id: string;
  /** In hex. */
  readonly digest: string;
}

/** What became of a write: "known" was written before, "taken" is the id of another. */
export type Written<T> = { readonly kind: "done"; readonly value: T } | WrittenBefore<T>;
/** What an id was used for: "known" is the same write, which is answered as it was, "taken" another one. */
export type WrittenBefore<T> = { readonly kind: "known"; readonly value: T } | { readonly kind: "taken" };

/** The database. */
export interface DeliveryPort {
  readonly rooms: RoomsPort;
  readonly devices: DevicesPort;
  readonly users: UsersPort;
  readonly histories: HistoriesPort;
  readonly blobs: BlobsPort;
}

// Rooms

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
  | { readonly kind: "accepted"; readonly number: bigint; readonly at: number }
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

/** What is old, in milliseconds since 1970: what was before these times goes. */
export interface Ages {
  /** Items that not every device has acknowledged. */
  readonly items: number;
  /** Ids of writes, and answers to claims. */
  readonly ids: number;
  readonly welcomes: number;
  readonly queues: number;
  readonly blobs: number;
  readonly now: number;
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
  /** The devices that are members now. */
  devices(room: string): Promise<readonly string[]>;
  /** Rooms of a device, with the number of the last item that it may read, where it has not acknowledged that. */
  changed(device: string): Promise<readonly { readonly room: string; readonly head: bigint }[]>;
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

// Devices

/** A device, as its last sign-in has set it. */
export interface DeviceRow {
  readonly device: string;
  readonly user: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  /** Whether its user's statements list it. */
  readonly listed: boolean;
  readonly incarnation: bigint;
  /** Of the sign-in that set it, in hex. */
  readonly incarnationId: string;
}

/** How many devices a user has that are listed, and that are not; when this one comes, and before when others that are not may go. */
export interface OpenLimits {
  readonly most: number;
  readonly at: number;
  readonly since: number;
}

/** What a device's queue holds. A Welcome itself stays in its room. */
export type QueuedContent =
  | { readonly kind: "welcome"; readonly room: string; readonly number: bigint }
  | {
      readonly kind: "consent";
      readonly from: string;
      readonly operation: "request" | "cancel" | "grant" | "revoke";
      readonly room: string | undefined;
    }
  | { readonly kind: "parcel"; readonly from: string; readonly topic: string; readonly bytes: Uint8Array };

/** An item of a device's queue. Its number is consecutive for the device; its time is in milliseconds since 1970. */
export interface QueuedRow {
  readonly number: bigint;
  readonly at: number;
  readonly content: QueuedContent;
}

/** Something for a device's queue. */
export interface Enqueue {
  readonly device: string;
  readonly once: Once;
  readonly at: number;
  readonly content: QueuedContent;
  /** Of a Welcome: the user who has added the device. */
  readonly adder?: string;
  /**
   * "full" where it would be more: items and bytes of the queue, and items of this sender; of Welcomes, which are counted by themselves, all
   * and those of this adder.
   */
  readonly limits: {
    readonly items: number;
    readonly bytes: number;
    readonly ofOne: number;
    readonly welcomes: number;
    readonly welcomesOfOne: number;
  };
}

/** A key package that waits to be claimed. */
export interface KeyPackageRow {
  /** The KeyPackageRef, in hex. */
  readonly ref: string;
  readonly cipherSuite: number;
  /** The MLSMessage. */
  readonly keyPackage: Uint8Array;
  /** In milliseconds since 1970. */
  readonly notAfter: number;
}

/** Key packages that a device publishes, in one write. */
export interface KeyPackageStock {
  readonly device: string;
  readonly once: Once;
  readonly keyPackages: readonly KeyPackageRow[];
  readonly lastResort: KeyPackageRow | undefined;
  readonly replace: boolean;
  /** "full" where there would be more of a cipher suite. */
  readonly most: number;
  readonly at: number;
}

/** Devices: who has signed in, what waits for them, and their key packages. */
export interface DevicesPort {
  /** A device; undefined where it has never signed in. */
  row(device: string): Promise<DeviceRow | undefined>;
  /** Devices of a user, as far as they have ever signed in. */
  ofUser(user: string): Promise<readonly DeviceRow[]>;
  /**
   * Sign in: compare the incarnation with `known` and set that of the row, with the rest of it. A sign-in whose answer was lost comes
   * again with the same id: it is known until `used` was said of it. "full" where the user would have more devices that are listed, or
   * that are not: of those, the oldest is forgotten then, if it has come before `limits.since`. "ended" where the user is no more.
   */
  open(row: DeviceRow, known: bigint, limits: OpenLimits): Promise<"opened" | "incarnation" | "full" | "ended">;
  /** Something was done in this incarnation. */
  used(device: string, incarnation: bigint): Promise<void>;
  /** Whether the device's user lists it, from now on. Nothing happens where the device is not known. */
  list(device: string, listed: boolean): Promise<void>;
  /** Put something at the end of a device's queue: its number there. */
  enqueue(item: Enqueue): Promise<Written<bigint> | { readonly kind: "full" }>;
  /** Items with greater numbers, in order: at most `limit`, and no more behind the one with which they are as many bytes. */
  queue(device: string, after: bigint, limit: number, bytes: number): Promise<readonly QueuedRow[]>;
  /** What is gone with it. */
  acknowledge(device: string, through: bigint): Promise<readonly QueuedRow[]>;
  /** What a user and its devices have put into a device's queue goes, but for Welcomes. */
  dropFrom(device: string, user: string): Promise<void>;
  /** Add to a device's key packages, or replace them. A last resort replaces that of its cipher suite. */
  stock(stock: KeyPackageStock): Promise<Written<undefined> | { readonly kind: "full" }>;
  /** How many key packages of a cipher suite are left and not expired at `now`, without the last resort. */
  count(device: string, cipherSuite: number, now: number): Promise<number>;
  /** The next key package, which nobody else gets, or the last resort: the same again for the same `once`. */
  claim(device: string, cipherSuite: number, once: Once, now: number): Promise<Written<Uint8Array | undefined>>;
  /** Queued items, ids and key packages that are too old go. */
  collect(ages: Ages): Promise<void>;
}

// Users

/** What one user lets another do, in general (room "") or for one room. */
export interface ConsentRow {
  readonly granted: boolean;
  readonly requested: boolean;
  /** Taken back, or never to be given. */
  readonly refused: boolean;
}

/** A write about a user. */
export interface UserWrite {
  readonly once: Once;
  readonly at: number;
  /** The most consents, or blocked users, that one user has. */
  readonly most: number;
}

/** What became of it; of a consent that was set, with what it was before, also where it is said again. */
export type UserWritten =
  { readonly kind: "done"; readonly before: ConsentRow } | { readonly kind: "known" | "taken" | "full" };

/** Users: the statements about their keys, and whom they let write to them. */
export interface UsersPort {
  /** The number of the last statement about a user, and its bytes. */
  lastStatement(user: string): Promise<{ readonly number: bigint; readonly statement: Uint8Array } | undefined>;
  /** Statements from this number on, in order: at most `limit`, and no more behind the one with which they are as many bytes. */
  statements(
    user: string,
    from: bigint,
    limit: number,
    bytes: number,
  ): Promise<readonly { readonly number: bigint; readonly statement: Uint8Array }[]>;
  /** "number" where the last one's number is not one less, "full" where all would be more bytes than `most`. */
  addStatement(user: string, number: bigint, statement: Uint8Array, most: number): Promise<"added" | "number" | "full">;
  /** Statements that are in no log of accounts yet: at most so many, of each user in their order and from the first such one. */
  unlogged(
    limit: number,
  ): Promise<readonly { readonly user: string; readonly number: bigint; readonly statement: Uint8Array }[]>;
  /** A statement is in the log. */
  logged(user: string, number: bigint): Promise<void>;
  /** Count a room that the user begins: "full" where it would have begun more than `most`, that are not forgotten. */
  beginRoom(user: string, room: string, at: number, most: number): Promise<"counted" | "known" | "full">;
  /** The room was not begun after all. */
  dropRoom(user: string, room: string): Promise<void>;
  /** What `user` lets `from` do, in general (room "") or for one room; undefined where nothing was said. */
  consent(user: string, from: string, room: string): Promise<ConsentRow | undefined>;
  /**
   * Of what `user` lets `from` do. "known" where it was so already, by another write: what was said under this id is "done"
   * again. "full" where there would be more.
   */
  setConsent(
    user: string,
    from: string,
    room: string,
    change: Partial<ConsentRow>,
    write: UserWrite,
  ): Promise<UserWritten>;
  /** `user` blocks `other`, or no longer: what `other` has asked before is forgotten. "full" where more would be blocked. */
  block(user: string, other: string, blocked: boolean, write: UserWrite): Promise<UserWritten>;
  /**
   * The user is no more, for good: nothing of it is kept but its name. Its devices, which are forgotten, and again where it was ended before
   * and they were not all emptied.
   */
  end(user: string): Promise<readonly string[]>;
  /** Whether `user` has blocked `other`. */
  isBlocked(user: string, other: string): Promise<boolean>;
  /** Keep a report: "known" where the same one is there, "full" where all of the user would be more bytes than `most`. */
  addReport(report: NewReport, once: Once, most: number): Promise<"added" | "known" | "taken" | "full">;
  /** Reports, the oldest first: at most so many. */
  reports(limit: number): Promise<readonly ReportRow[]>;
  /** Nobody needs it any more. */
  dropReport(user: string, key: string): Promise<void>;
  /** Ids of writes that are too old go, and rooms that were begun before the oldest items. */
  collect(ages: Ages): Promise<void>;
}

/** A report of messages. */
export interface NewReport {
  readonly user: string;
  readonly room: string;
  readonly at: number;
  readonly bytes: Uint8Array;
}
export interface ReportRow extends NewReport {
  /** By which it is dropped: the user's own. */
  readonly key: string;
}

// Histories

/** Records of a user's history, one behind the other in one chain. */
export interface HistoryWrite {
  readonly user: string;
  /** In hex. */
  readonly chain: string;
  /** Of the first one. */
  readonly position: bigint;
  readonly records: readonly Uint8Array[];
  /** "full" where records and edges of the user would be more bytes than this. */
  readonly most: number;
}

/** The edge of an epoch of a user's history. */
export interface HistoryEdgeWrite {
  readonly user: string;
  readonly epoch: bigint;
  readonly edge: Uint8Array;
  /** As of records. */
  readonly most: number;
}

/** "fork": something else stands there, and nothing was written. */
export type HistoryWritten = "kept" | "fork" | "full";

/** Histories: what users keep encrypted, which nobody but their devices reads. It goes with the user. */
export interface HistoriesPort {
  /** All of them, or none. What stands there already is not written again. "full" also where the user is no more. */
  put(write: HistoryWrite): Promise<HistoryWritten>;
  /** Records of a chain below a position, the last first: at most `limit`, and no more behind the one with which they are as many bytes. */
  read(user: string, chain: string, below: bigint, limit: number, bytes: number): Promise<readonly Uint8Array[]>;
  /** Keep the edge of an epoch, of which there is one. "full" also where the user is no more. */
  putEdge(write: HistoryEdgeWrite): Promise<HistoryWritten>;
  /** The edge of an epoch, or undefined. */
  edge(user: string, epoch: bigint): Promise<Uint8Array | undefined>;
}

// Blobs

/** A part for a blob. Bytes that are there already stay as they are. */
export interface BlobAppend {
  /** In hex. */
  readonly blob: string;
  readonly owner: string;
  readonly size: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly at: number;
  /** The most that the owner may have: in bytes, and blobs. */
  readonly quota: number;
  readonly most: number;
}

/** Blobs: encrypted files, each with an owner. */
export interface BlobsPort {
  /**
   * "taken" where another's or of another size, "gap" where it begins behind what is there, "full" beyond the quota. Nothing is kept of a
   * blob before its first byte.
   */
  append(
    part: BlobAppend,
  ): Promise<{ readonly kind: "received"; readonly received: number } | { readonly kind: "taken" | "gap" | "full" }>;
  /** Of a blob that is complete. */
  read(blob: string, offset: number, length: number): Promise<Uint8Array | undefined>;
  /** Blobs to which nothing was added for too long go, complete or not. */
  collect(ages: Ages): Promise<void>;
}
