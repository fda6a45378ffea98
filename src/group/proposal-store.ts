/**
 * Proposals that wait for a commit, by their ProposalRef, and the private keys of our own Updates among them. RFC 9420
 * section 12.1
 */

import { encode } from "../codec/codec.ts";
import type { Limits } from "../codec/limits.ts";
import { encodingOf } from "../codec/retained.ts";
import { makeProposalRef } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import type { CommittedProposal, ProposalList } from "../rules/proposal-list.ts";
import { keyString } from "../tree/indexes.ts";
import type { NodePrivateKey } from "../tree/treekem.ts";
import type { Commit } from "../wire/commit.ts";
import { AuthenticatedContent, FramedContent } from "../wire/framing.ts";
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

/** What bounds them. */
export type ProposalLimits = Pick<Limits, "proposals" | "proposalBytes">;

/** The pending proposals of one epoch, in the order of arrival. */
export class ProposalStore {
  readonly #limits: ProposalLimits;
  readonly #proposals = new Map<string, StoredProposal>();
  #bytes = 0;

  constructor(limits: ProposalLimits) {
    this.#limits = limits;
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

  /** @throws CopseError "limit-exceeded" where another would be too many, or this one too much. */
  checkRoom(content?: FramedContent): void {
    const { proposals, proposalBytes } = this.#limits;
    if (this.#proposals.size >= proposals) throw new CopseError("limit-exceeded", { detail: "proposals" });
    const more = content === undefined ? 0 : sizeOf(content);
    if (this.#bytes + more > proposalBytes) throw new CopseError("limit-exceeded", { detail: "proposalBytes" });
  }

  /** Keep another: `checkRoom` has been asked, unless it comes from a snapshot, which may be of a wider limit. */
  add(proposal: StoredProposal): void {
    this.#proposals.set(keyString(proposal.ref), proposal);
    this.#bytes += sizeOf(proposal.authenticated.content);
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
    this.#bytes = 0;
  }
}

function sizeOf(content: FramedContent): number {
  return encodingOf(FramedContent, content).length;
}

/** The ProposalRef of a proposal: "the hash of the AuthenticatedContent object in which the proposal was sent". */
export function proposalRef(suite: CipherSuite, authenticated: AuthenticatedContent): Uint8Array {
  return makeProposalRef(suite, encode(AuthenticatedContent, authenticated));
}
