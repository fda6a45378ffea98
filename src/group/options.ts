/**
 * What a group is made of: the options of every way into one that needs no other group at hand. RFC 9420 sections 11,
 * 11.2, 11.3, 12.4.3.2.
 */

import type { Extension } from "../wire/extension.ts";
import type { CustomChoice, PskChoice } from "../public-group/proposals/changes.ts";
import type { LeafIndex, Member } from "../public-group/events.ts";
import type { GroupInfoContents } from "./sending/make-group-info.ts";
import type { Identity } from "../public-group/identity.ts";
import type { LeafOptions } from "../public-group/leaf.ts";
import type { StoredRecords } from "../public-group/records/collected.ts";
import type { GroupInfoRequirements } from "../public-group/requirements.ts";
import type { GroupOptions } from "../public-group/options/settings.ts";

/** Options of `Group.create`. */
export interface CreateOptions extends GroupOptions {
  readonly identity: Identity;
  /** Default: KDF.Nh random bytes (section 11). */
  readonly groupId?: Uint8Array;
  /** Extensions of the group context. */
  readonly extensions?: readonly Extension[];
  /** The creator's leaf. */
  readonly leaf?: LeafOptions;
}

/** Options of `Group.joinExternally`. */
export interface JoinExternallyOptions extends GroupOptions {
  readonly identity: Identity;
  /** The MLSMessage with a GroupInfo that has an external_pub. */
  readonly groupInfo: Uint8Array;
  readonly ratchetTree?: Uint8Array;
  /**
   * The leaf of an old appearance of this client, which the join removes (resync, section 12.4.3.2), where it does not leave by
   * one of the `proposals`; or how to find it among the GroupInfo's members, once everything about them has been checked.
   */
  readonly replace?: LeafIndex | ((members: Iterable<Member>) => LeafIndex | undefined);
  /** What the GroupInfo must lead to, as only this client knows it: checked before anything is made of it. */
  readonly require?: GroupInfoRequirements;
  /** Pre-shared keys to join with. */
  readonly inject?: readonly PskChoice[];
  /**
   * Proposals of the GroupInfo's epoch that the commit refers to, as PublicMessages: of custom types that may be in an
   * external commit, as self_remove. One that is not valid is left out, and said in `leftOut`. Everything else that was
   * proposed ends with the epoch.
   */
  readonly proposals?: readonly Uint8Array[];
  /** Proposals of custom types that may be in an external commit, which the commit holds by value. */
  readonly custom?: readonly CustomChoice[];
  /** The new member's leaf. */
  readonly leaf?: LeafOptions;
  readonly authenticatedData?: Uint8Array;
}

/** Options of `Group.restore`. */
export interface RestoreOptions extends GroupOptions {
  readonly identity: Identity;
  /** A snapshot of `Group.snapshot`, of this version or an earlier one. */
  readonly snapshot?: Uint8Array;
  /** In its place: all records that `persist` has put and not deleted, in any order. */
  readonly records?: StoredRecords;
  /** A pending commit from `Pending.toBytes`, where the snapshot is older than it. */
  readonly pending?: Uint8Array;
  /**
   * The identity that a pending Update or commit of ours changes to; several where several were made with new ones. Where the
   * store is ahead of what you know, it may be in one of these already: `group.identity` says which it is.
   */
  readonly nextIdentity?: Identity | readonly Identity[];
  /**
   * Generations to give up, where messages may have been sent after the snapshot was taken: at most what others follow,
   * `window.generationGap`. Default 0.
   */
  readonly skip?: number;
}

/** Options of `reinitialize` and `branch`. */
export interface LinkOptions {
  /** The identity in the new group, of its cipher suite. Default: as in this one. */
  readonly identity?: Identity;
  /** A fresh key package of every other member of the new group, for its cipher suite. */
  readonly keyPackages: readonly Uint8Array[];
  /** The new group's id. Default: random. Of a reinitialized group, the ReInit says it. */
  readonly groupId?: Uint8Array;
  /** The new group's extensions. Of a reinitialized group, the ReInit says them. */
  readonly extensions?: readonly Extension[];
  /** What the Welcome's GroupInfo carries. Default: the ratchet tree. */
  readonly welcome?: GroupInfoContents;
  /** Default: this group's. */
  readonly options?: GroupOptions;
}
