/**
 * A commit of ours that waits for the delivery service's word. RFC 9420 section 14.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import type { ProposalList } from "../../rules/proposal-list.ts";
import type { CommitPurpose } from "../../rules/proposal.ts";
import type { AuthenticatedContent } from "../../wire/framing.ts";
import type { Epoch } from "./epoch.ts";
import type { CommitEvent } from "../../public-group/events.ts";
import type { Identity } from "../../public-group/identity.ts";
import type { PendingProposal } from "../../public-group/proposals/proposal-store.ts";

/**
 * A commit that has been made and not yet applied. The epoch has not changed: publish `commit`, and apply it when it was
 * chosen. "The Welcome message corresponding to a Commit MUST NOT be delivered to a new joiner until it's clear that the
 * Commit has been accepted" (section 14).
 */
export interface Pending {
  /** The MLSMessage for the group. */
  readonly commit: Bytes;
  /** The MLSMessage for the new members, where there are any: send it after the commit was chosen. */
  readonly welcome?: Bytes;
  /** A GroupInfo of the new epoch for external joins, where it was asked for. */
  readonly groupInfo?: Bytes;
  /** What the commit changes. */
  readonly change: CommitEvent;
  /**
   * Pending proposals that the commit does not hold: the list would not be valid with them, or the caller left them
   * out.
   */
  readonly leftOut: readonly PendingProposal[];
  /** The ratchet tree of the new epoch as `ratchet_tree` lists it, for a Welcome that does not hold it (section 12.4.3.3). */
  ratchetTree(): Bytes;
  /** All of it, secrets included, to be stored until it is applied or dropped: see `Group.restore`. */
  toBytes(): Bytes;
  /**
   * Give the commit up: at once where nothing else is under way, else in its turn. Its secrets are wiped, and nothing
   * of it is left. Where `persist` fails and has written nothing, the next write deletes it: until then a restored
   * group still has it.
   */
  drop(): void;
}

/** What the group knows of its pending commit. */
export interface PendingCommit {
  readonly message: Uint8Array;
  readonly welcome: Uint8Array | undefined;
  readonly groupInfo: Uint8Array | undefined;
  readonly authenticated: AuthenticatedContent;
  readonly list: ProposalList;
  readonly purpose: CommitPurpose;
  readonly next: Epoch;
  readonly change: CommitEvent;
  /** The identity that the new leaf presents. */
  readonly identity: Identity;
}

/** The messages of a pending commit, in copies. */
export function messagesOf({
  message,
  welcome,
  groupInfo,
}: PendingCommit): Pick<Pending, "commit" | "welcome" | "groupInfo"> {
  return {
    commit: message.slice(),
    ...(welcome !== undefined && { welcome: welcome.slice() }),
    ...(groupInfo !== undefined && { groupInfo: groupInfo.slice() }),
  };
}
