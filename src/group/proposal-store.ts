/**
 * Proposals that wait for a commit, by their ProposalRef, and the private keys of our own Updates among them. RFC 9420
 * section 12.1
 */

import { encode } from "../codec/codec.ts";
import { makeProposalRef } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import type { CommittedProposal, ProposalList } from "../rules/proposal-list.ts";
import { keyString } from "../tree/indexes.ts";
import type { NodePrivateKey } from "../tree/treekem.ts";
import type { Commit } from "../wire/commit.ts";
import { AuthenticatedContent } from "../wire/framing.ts";
import type { Sender } from "../wire/framing.ts";
import type { Identity } from "./identity.ts";

/** A proposal that waits for a commit. */
export interface PendingProposal extends CommittedProposal {
  /** The ProposalRef. */
  readonly ref: Uint8Array;
}

/** A proposal as it was received: everything about it but the tree around it has been checked. */
export interface StoredProposal extends PendingProposal {
  readonly authenticated: AuthenticatedContent;
  /** The private half of an Update of ours. */
  readonly own?: OwnUpdate;
}

/** What an Update of ours makes of us once it is committed. */
export interface OwnUpdate {
  readonly privateKey: NodePrivateKey;
  /** The identity that the new leaf presents. */
  readonly identity: Identity;
}

/** What the application may see of it: the key of an Update of ours is not among it. */
export function pendingProposal({ proposal, sender, ref }: StoredProposal): PendingProposal {
  return { proposal, sender, ref: ref.slice() };
}

/** The pending proposals of one epoch, in the order of arrival. */
export class ProposalStore {
  readonly #limit: number;
  readonly #proposals = new Map<string, StoredProposal>();

  /** @param limit the most proposals that are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#proposals.size;
  }

  /** Every proposal, oldest first. */
  values(): Iterable<StoredProposal> {
    return this.#proposals.values();
  }

  has(ref: Uint8Array): boolean {
    return this.#proposals.has(keyString(ref));
  }

  /** @throws CopseError "limit-exceeded" where another would be too many. */
  checkRoom(): void {
    if (this.#proposals.size >= this.#limit) throw new CopseError("limit-exceeded", { detail: "proposals" });
  }

  /** Keep another: `checkRoom` has been asked, unless it comes from a snapshot, which may be of a wider limit. */
  add(proposal: StoredProposal): void {
    this.#proposals.set(keyString(proposal.ref), proposal);
  }

  /**
   * The proposals of a commit, by value and by reference. RFC 9420 section 12.4
   *
   * @throws CopseError "proposal-not-found".
   */
  resolve(commit: Commit, committer: Sender): ProposalList {
    return commit.proposals.map((entry): CommittedProposal => {
      if (entry.type === "proposal") return { proposal: entry.proposal, sender: committer };
      const stored = this.find(entry.reference);
      if (stored === undefined) throw new CopseError("proposal-not-found", { rule: "section 12.4" });
      return { proposal: stored.proposal, sender: stored.sender, ref: stored.ref };
    });
  }

  find(ref: Uint8Array): StoredProposal | undefined {
    return ref.length > 64 ? undefined : this.#proposals.get(keyString(ref));
  }

  /** Forget everything, the keys of our Updates included: proposals end with their epoch. */
  clear(): void {
    for (const { own } of this.#proposals.values()) own?.privateKey.wipe();
    this.#proposals.clear();
  }
}

/** The ProposalRef of a proposal: "the hash of the AuthenticatedContent object in which the proposal was sent". */
export function proposalRef(suite: CipherSuite, authenticated: AuthenticatedContent): Uint8Array {
  return makeProposalRef(suite, encode(AuthenticatedContent, authenticated));
}
