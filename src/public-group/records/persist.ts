/**
 * How an application stores a group as it changes: the write sets, what each belongs to, and how it says that nothing was
 * written.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import type { Awaitable } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import type { CommitEvent, GroupEvent } from "../events.ts";

/**
 * What changes in the records of one group: all of it is written, or none. The names are the group's own; where several
 * groups share a store, put something of each before them.
 */
export interface StateChanges {
  readonly groupId: Uint8Array;
  /**
   * Whether these are all records of the group, as where it begins: delete whatever the store has of a group of this id, as of
   * an earlier time in it, or from before a snapshot was restored.
   */
  readonly whole: boolean;
  /** Records to write, new or in place of those of the same name. Secret: whoever reads them is the member. */
  readonly puts: ReadonlyMap<string, Uint8Array>;
  /** Names of records to delete. Those of `puts` are not among them. */
  readonly deletes: readonly string[];
}

/** What a write set belongs to: what it brings goes into the same transaction. */
export type StateEvent =
  /** A new group: `Group.create`, and `branch` and `reinitialize` for the group that they make. */
  | { readonly kind: "created" }
  /** A group that was joined: by the key package of this KeyPackageRef, whose bundle goes now unless it is a last resort. */
  | { readonly kind: "joined"; readonly keyPackage: Bytes; readonly lastResort: boolean }
  /** A group that was joined by an external commit. */
  | { readonly kind: "joined-externally" }
  /** A group that was restored from a snapshot: all its records. */
  | { readonly kind: "restored" }
  /** A message was made, and has not left yet. */
  | { readonly kind: "sealed"; readonly message: Bytes }
  /** A proposal was made, and has not left yet. */
  | { readonly kind: "proposed"; readonly message: Bytes; readonly ref: Bytes }
  /** A commit was made, and has not left yet. Its messages are among the records, too, until it is applied or given up. */
  | {
      readonly kind: "committed";
      readonly commit: Bytes;
      readonly welcome?: Bytes;
      readonly groupInfo?: Bytes;
      readonly change: CommitEvent;
    }
  /** A commit of ours was applied. */
  | { readonly kind: "applied"; readonly change: CommitEvent; readonly welcome?: Bytes }
  /** A commit of ours was given up. It stays given up also where this is not written. */
  | { readonly kind: "dropped" }
  /** A message was taken in: what `receive` is about to return. */
  | { readonly kind: "received"; readonly event: GroupEvent }
  /** A proposal that waited for a commit was forgotten. */
  | { readonly kind: "forgotten"; readonly ref: Bytes }
  /** A secret was exported to a component. It is given once: where it is not used at once, it belongs into this transaction. */
  | { readonly kind: "exported"; readonly componentId: number; readonly secret: Bytes }
  /** What had grown too old was forgotten. */
  | { readonly kind: "expired" }
  /** The group was wiped: its secrets go. */
  | { readonly kind: "wiped" }
  /** An observer began to follow the group. What it takes in afterwards is "received". */
  | { readonly kind: "followed" }
  /** An observer has gone from this epoch back to the one before it. */
  | { readonly kind: "rolled-back"; readonly epoch: bigint }
  /** An observer was told that the members have confirmed this epoch. */
  | { readonly kind: "confirmed"; readonly epoch: bigint }
  /** An observer was told that the group has moved on out of its sight. */
  | { readonly kind: "stopped" }
  /** An observer began again from a newer GroupInfo. */
  | { readonly kind: "restarted" };

/**
 * Stores what an operation changes, before its result leaves. A throw means that nobody knows what was written, as after a
 * lost answer to a COMMIT: the group then refuses everything until it is restored from the store. Where nothing was written
 * for certain, throw a `NotWrittenError`: the group goes on as if the operation had never begun.
 */
export type Persist = (changes: StateChanges, event: StateEvent) => Awaitable<void>;

/** What changes in the records of a client's key packages: all of it is written, or none. */
export interface KeyPackageChanges {
  /** Records to write: of a key package the bytes that `restoreKeyPackage` takes. Secret. */
  readonly puts: ReadonlyMap<string, Uint8Array>;
  readonly deletes: readonly string[];
}

/** What a write set of key packages belongs to. A join that spends one says so in its own: `StateEvent` "joined". */
export type KeyPackageEvent =
  /** A key package was made, and has not left yet. */
  | {
      readonly kind: "key-package-made";
      readonly keyPackage: Bytes;
      readonly ref: Bytes;
      readonly lastResort: boolean;
    }
  /** A key package was wiped. */
  | { readonly kind: "key-package-wiped"; readonly ref: Bytes };

/** Stores key packages as `Persist` stores a group: before they leave, and with the same two ways to fail. */
export type PersistKeyPackage = (changes: KeyPackageChanges, event: KeyPackageEvent) => Awaitable<void>;

const notWritten = "NotWrittenError";

/** Thrown by a `persist` hook that has written nothing, for certain. */
export class NotWrittenError extends Error {
  constructor(message = "nothing was written", options?: ErrorOptions) {
    super(message, options);
    this.name = notWritten;
  }
}

/** By its name: there may be two copies of this library. */
function isNotWritten(error: unknown): boolean {
  return error instanceof Error && error.name === notWritten;
}

/**
 * The error of a write that failed: "state-not-written" where nothing was written, "state-unknown" where nobody knows.
 */
export function writeError(cause: unknown): CopseError {
  return new CopseError(isNotWritten(cause) ? "state-not-written" : "state-unknown", { cause });
}
