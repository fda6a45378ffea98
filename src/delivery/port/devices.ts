/**
 * What is asked of a database about devices: their openings, queues and key packages.
 */

import type { Ages, Once, Written } from "./writes.ts";

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
  /**
   * Whether the device's user lists it, from now on, as the statement of this number says. Nothing happens where the device is not known, or where the
   * user has a later statement: whoever has published that says what it says.
   */
  list(device: string, listed: boolean, statement: bigint): Promise<void>;
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
