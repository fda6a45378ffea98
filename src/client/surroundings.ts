/**
 * What every part of a client shares: the store, the way to the service, the clock, and how groups are made.
 */

import type { Random } from "../crypto/provider.ts";
import type { Connection } from "../delivery/delivery.ts";
import type { Clock } from "../bytes/clock.ts";
import type { GroupOptions } from "../public-group/options/settings.ts";
import type { Identity } from "../public-group/identity.ts";
import type { LeafOptions } from "../public-group/leaf.ts";
import type { Watching } from "./idle/watching.ts";
import type { RoomAppData } from "../rooms/components.ts";
import type { StoreChange } from "../storage/store.ts";
import type { AccountBook } from "./account/book.ts";
import type { UserHistory } from "./history/user-history.ts";
import type { Copies } from "./healing/copies.ts";
import type { WriteBehind } from "./store/write-behind.ts";
import type { EventLog } from "./event-log.ts";
import type { ClientEvent } from "./events.ts";
import type { Unread } from "./timeline/unread.ts";
import type { ReceiptChoice } from "./room/receipt-choice.ts";
import type { LoadedRooms } from "./room/loaded.ts";

/** A message of a room as it was opened, or as this device has sent it. */
export interface OpenedMessage {
  readonly room: string;
  /** The device that sent it. */
  readonly device: string;
  readonly content: Uint8Array;
  /** Its place in the room's log. */
  readonly number: bigint;
  /** When the service accepted it, by its clock, in milliseconds since 1970. */
  readonly at: number;
}

/** What the timeline makes of something. */
export interface Folded {
  readonly changes: readonly StoreChange[];
  readonly events: readonly ClientEvent[];
  /** By how much what this user has not read becomes more or less. */
  readonly unread?: Unread;
  /** The place that the next entry takes. */
  readonly nextEntry: bigint;
}

/** What becomes of messages: the client's timeline, or the application's own. */
export interface Folding {
  /** A message of somebody, that was opened. */
  opened(message: OpenedMessage, nextEntry: bigint): Promise<Folded>;
  /**
   * A message of this device, that the service has accepted. `isEntry`: whether the entry is its own, and not one that it changes. `isEdited`:
   * whether its own entry says something else already.
   */
  accepted(
    message: OpenedMessage,
    entry: bigint,
  ): Promise<Omit<Folded, "nextEntry"> & { readonly isEntry: boolean; readonly isEdited: boolean }>;
  /** A message of this device that is none of the timeline's, at its place in the log. */
  own(message: OpenedMessage): Promise<Omit<Folded, "nextEntry">>;
  /** A message of this device that can't be sent. */
  failed(room: string, entry: bigint): Promise<Omit<Folded, "nextEntry">>;
}

export interface Surroundings {
  readonly store: WriteBehind;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  /** This device's URI, and its user's. */
  readonly device: string;
  readonly user: string;
  /** Another one after healing. */
  identity: Identity;
  /** What this device's leaves hold. */
  leaf: LeafOptions;
  /** Whether nothing may be encrypted from this store. */
  readonly copies: Copies;
  /** What is known of accounts, where users have some. */
  readonly book: AccountBook | undefined;
  /** The components of rooms. */
  readonly appData: RoomAppData;
  readonly folding: Folding;
  /** How long other devices of this user may be silent, and which were there since this one has looked last. */
  readonly idle: Watching;
  /** The rooms whose groups are in memory. */
  readonly loaded: LoadedRooms;
  /** What all groups have in common: no hook of a room is among them. */
  readonly groupOptions: GroupOptions;
  /** The way to the service, where there is one now. */
  connection(): Connection | undefined;
  /** A write's id: 16 random bytes. */
  writeId(): Uint8Array;
  /** Whether what others have edited, taken back or let vanish stays a while, to be reported. */
  readonly keepOriginals: boolean;
  /** Where this device keeps the encrypted history of its user. */
  readonly history: UserHistory | undefined;
  /** Where the timeline of a room begins that this device comes into. */
  readonly firstPlace: bigint;
  /**
   * Whether rooms may be the user's that this device does not know: it came by the recovery code, or a device was taken off the list, which may be in
   * rooms where this one never was.
   */
  isRecovered: boolean;
  /** Which receipts this user wants sent, where a room says nothing else. */
  readonly receipts: ReceiptChoice;
  /** Whether a room is one of the user's own devices. */
  isSelf(room: string): boolean;
  /** Send the receipts that wait, soon. */
  report(): void;
  /** Whether this user has other devices, which are told what was read here. */
  isSharing: boolean;
  /** Tell them soon, and do the client's other chores. */
  share(): void;
  /** Users whose lists of devices this device should look at again. */
  met(users: Iterable<string>): void;
  /** A message goes at this time, in milliseconds since 1970. */
  expiring(at: number): void;
  /** Look at a room again after so many milliseconds. */
  later(room: string, delay: number): void;
  /** The service does not answer: connect again. */
  lost(): void;
  /** The store failed, and nobody knows what it holds. */
  fail(cause: unknown): void;
}
