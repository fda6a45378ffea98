/**
 * What an application decides about its client.
 */

import type { Random } from "../crypto/provider.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Identity } from "../public-group/identity.ts";
import type { LeafOptions } from "../public-group/leaf.ts";
import type { Clock } from "../bytes/clock.ts";
import type { AuthenticationService, GroupOptions } from "../public-group/options/settings.ts";
import type { RoomAppDataOptions } from "../rooms/components.ts";
import type { Store } from "../storage/store.ts";
import type { LogKeys } from "../transparency/head.ts";
import type { Account } from "./account/account.ts";
import type { Timers } from "../bytes/timers.ts";
import type { ConsentPolicy } from "./people/consent-entries.ts";
import type { OpenFile } from "./files/options.ts";
import type { ReceiptChoice } from "./room/receipt-choice.ts";
import type { HistoryOptions } from "./history/options.ts";
import type { KeyPackageSupply } from "./key-packages.ts";

/** This device, as it signs and as others judge it. */
export interface ClientAccount {
  /** mimi://host/d/user/device */
  readonly device: string;
  readonly identity: Identity;
  /** Who may be whom: `accountAuthentication` of copse/accounts, or the application's own. */
  readonly authentication: AuthenticationService;
  /** What the device's leaves hold, such as the account's attestation. */
  readonly leaf?: LeafOptions;
}

/** What `Client.open` takes. */
export interface ClientOptions {
  /** `createAccount`'s, or who the application says that this device is. Default: the account that the store has. */
  readonly account?: ClientAccount | Account;
  /** This device's own. No other client may have it open. */
  readonly store: Store;
  readonly delivery: Delivery;
  /** What all clients of a room have in common. */
  readonly rooms?: RoomAppDataOptions;
  /** Group options beside those that the client decides. */
  readonly group?: Pick<GroupOptions, "padding" | "window" | "limits" | "lifetime" | "grease">;
  readonly keyPackages?: KeyPackageSupply;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Default: the platform's. None: nothing is done late before `tick` is called. */
  readonly timers?: Timers | "none";
  /**
   * How often this device gets new keys in each room, in milliseconds: between three and five quarters of it, as it falls. 0: never by itself, so
   * that `room.renew` does it. Default: seven days.
   */
  readonly renewEvery?: number;
  /**
   * After how many milliseconds another device of this user that was not there, with no message and no commit, is taken out of the rooms, so that what
   * is said today can't be read with its old keys. It is let in again when it is back. This device must have been online in at least every eighth of
   * that time, for half of it. 0: never. For accounts of copse. Default: ninety days.
   */
  readonly removeIdle?: number;
  /** Which receipts are sent, in rooms whose policy leaves it to users: `room.setReceipts` says otherwise of one. Default: both. */
  readonly receipts?: ReceiptChoice;
  /**
   * Whether what others have edited, taken back or let vanish, in rooms whose messages can be reported, stays in the store for six hours out
   * of sight, sealed, so that `room.report` can still report it. Never in rooms whose logging policy is "forbidden". Default true.
   */
  readonly keepOriginals?: boolean;
  /**
   * Keep the user's history at the service, encrypted for the user's devices, and let new ones restore it: of accounts of `createAccount`. All
   * devices have to have it. Default: none is kept.
   */
  readonly history?: HistoryOptions;
  /**
   * The keys of the service's log of accounts, which come with the application and not from the service: what the log says of this user and of
   * contacts is watched then, for users with accounts of copse. Default: no log is watched.
   */
  readonly transparency?: LogKeys;
  /** Who may bring this user into rooms, whatever the service lets through. Default: everybody who was not refused. */
  readonly consent?: ConsentPolicy;
  /** Finds the files again that were on their way when the process died: see `FileToSend.source`. */
  readonly openFile?: OpenFile;
  /** Whether to connect at once. Default true. */
  readonly online?: boolean;
}
