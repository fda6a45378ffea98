/**
 * What happens in a group, as the application is told.
 */

import type { Bytes } from "../bytes/bytes.ts";
import type { Credential } from "../wire/credential.ts";
import type { Extension } from "../wire/extension.ts";
import type { Sender } from "../wire/framing.ts";
import type { Capabilities } from "../wire/leaf-node.ts";
import type { MediaType } from "../wire/media-type.ts";
import type { PreSharedKeyId } from "../wire/pre-shared-key.ts";
import type { CustomProposal, Proposal, ReInit } from "../wire/proposal.ts";

/** A leaf index: names a member within one epoch, and nothing beyond it. RFC 9420 section 5.3.3 */
export type LeafIndex = number;

/** A member of the group in the current epoch. */
export interface Member {
  readonly leafIndex: LeafIndex;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly encryptionKey: Uint8Array;
  readonly capabilities: Capabilities;
  readonly extensions: readonly Extension[];
}

/** A member whose leaf changed, with what it was. */
export interface UpdatedMember {
  readonly before: Member;
  readonly after: Member;
}

/** What a commit changes. RFC 9420 section 12.4 */
export interface CommitEvent {
  readonly kind: "commit";
  /** The committer: by its leaf in the new epoch. */
  readonly committer: Member;
  /** Whether the committer joined with this commit (section 12.4.3.2). */
  readonly external: boolean;
  /** The epoch that the commit begins. */
  readonly epoch: bigint;
  readonly added: readonly Member[];
  /** Everybody who is out, whoever asked for it. */
  readonly removed: readonly Member[];
  /** Those of `removed` who asked for it themselves, by a proposal such as self_remove: nobody put them out. */
  readonly left: readonly Member[];
  /**
   * Who proposed it, for a policy that asks more of a proposal than of the commit that carries it: for each of `added` and of
   * `removed`, in their order, and for a replaced context and a ReInit. The committer itself where it is in the commit by value.
   */
  readonly proposers: {
    readonly added: readonly Sender[];
    readonly removed: readonly Sender[];
    readonly context: Sender | undefined;
    readonly reinit: Sender | undefined;
  };
  /** Members with a new leaf: by an Update, or by the commit's path. */
  readonly updated: readonly UpdatedMember[];
  readonly psks: readonly PreSharedKeyId[];
  /** Whether the group context's extensions were replaced. */
  readonly contextChanged: boolean;
  /** The group context's extensions: the same list twice where they were not replaced. Read only. */
  readonly contextExtensions: { readonly before: readonly Extension[]; readonly after: readonly Extension[] };
  /** Set when the group ends with this commit, to be made anew. */
  readonly reinit: ReInit | undefined;
  /** Proposals of the application's own types, in the order of application, with who sent them. */
  readonly custom: readonly { readonly proposal: CustomProposal; readonly sender: Sender }[];
  readonly authenticatedData: Uint8Array;
}

/** An application message. */
export interface MessageEvent {
  readonly kind: "message";
  readonly sender: Member;
  readonly epoch: bigint;
  /** Its place among the sender's messages of this epoch, from 0 on: a gap is a message that has not come. */
  readonly generation: number;
  readonly plaintext: Bytes;
  /** What the plaintext is, in a group whose context says which media types its messages have. */
  readonly mediaType?: MediaType;
  readonly authenticatedData: Uint8Array;
}

/** A proposal, which waits for a commit. */
export interface ProposalEvent {
  readonly kind: "proposal";
  readonly sender: Sender;
  readonly proposal: Proposal;
  /** The ProposalRef. */
  readonly ref: Bytes;
  readonly authenticatedData: Uint8Array;
}

/**
 * This member is out, and the group's secrets are wiped; what is public of its last epoch can still be read. The new epoch
 * can't be confirmed by who is not in it: where the others have refused the commit, they go on with this member, who comes
 * back by an external commit or a Welcome.
 */
export interface RemovedEvent {
  readonly kind: "removed";
  /** Who sent the commit: `change.committer`. */
  readonly by: Sender;
  /** Who proposed it: the committer, another member, somebody outside, or this member, who asked to leave. */
  readonly proposedBy: Sender;
  /** The epoch that goes on without this member. */
  readonly epoch: bigint;
  /** All that the commit changes, as those see it who stay. */
  readonly change: CommitEvent;
}

/** A message of ours came back. A pending commit is applied by it, also one that was restored. */
export interface OwnEvent {
  readonly kind: "own";
  readonly what: "commit" | "proposal" | "message";
  /** The epoch in which it was sent. */
  readonly epoch: bigint;
  /** What the commit changes, where this has applied it: one that `apply` had applied before comes back without it. */
  readonly change?: CommitEvent;
  /** With `change`: the MLSMessage for the new members, where there are any. Now it may go out. */
  readonly welcome?: Bytes;
  /** With `change`: the GroupInfo of the new epoch, where one was made. */
  readonly groupInfo?: Bytes;
}

/** A message of an epoch that this member has not reached: keep it and try again later. */
export interface LaterEvent {
  readonly kind: "later";
  readonly epoch: bigint;
}

/** What `Group.receive` returns. */
export type GroupEvent = MessageEvent | ProposalEvent | CommitEvent | RemovedEvent | OwnEvent | LaterEvent;
