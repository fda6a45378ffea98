/**
 * Proposals that wait for a commit, by their ProposalRef. RFC 9420 section 12.1
 */

import { decode, encode } from "../../codec/codec.ts";
import { unlimited, type Limits } from "../../codec/limits.ts";
import type { ReadOptions } from "../../codec/reader.ts";
import { makeProposalRef } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { checkIsKnown } from "../../rules/proposal-list.ts";
import type { CommittedProposal, ProposalList } from "../../rules/proposal-list.ts";
import { keyString } from "../../tree/indexes.ts";
import type { Commit } from "../../wire/commit.ts";
import { AuthenticatedContent } from "../../wire/framing.ts";
import type { Sender } from "../../wire/framing.ts";

/** A proposal that waits for a commit. */
export interface PendingProposal extends CommittedProposal {
  /** The ProposalRef. */
  readonly ref: Uint8Array;
}

/** A proposal as it was received: everything about it but the tree around it has been checked. */
export interface StoredProposal extends PendingProposal {
  readonly authenticated: AuthenticatedContent;
  /** Its encoding: all the bytes that are kept of it. */
  readonly encoded: Uint8Array;
}

/** What the application may see of it. */
export function pendingProposal({ proposal, sender, ref }: StoredProposal): PendingProposal {
  return { proposal, sender, ref: ref.slice() };
}

/** What bounds them. */
export type ProposalLimits = Pick<Limits, "proposals" | "proposalBytes">;

/** Where proposals come from. Nobody can tell one newcomer from another, so they are one origin together. */
type Origin = "members" | "external senders" | "newcomers";

interface Amount {
  readonly count: number;
  readonly bytes: number;
}

/** A proposal with its number: 0 for the first of an epoch, and one more for each. */
export interface NumberedProposal extends StoredProposal {
  readonly number: number;
}

/** The pending proposals of one epoch, in the order of arrival. It never changes: with another proposal it is another. */
export class ProposalStore {
  readonly #limits: ProposalLimits;
  readonly #proposals = new Map<string, NumberedProposal>();
  /** What each kind of sender has here, and what each sender has. */
  readonly #amounts = new Map<string, Amount>();
  #next = 0;

  constructor(limits: ProposalLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#proposals.size;
  }

  /** Every proposal, oldest first. */
  values(): Iterable<NumberedProposal> {
    return this.#proposals.values();
  }

  has(ref: Uint8Array): boolean {
    return this.#proposals.has(keyString(ref));
  }

  /**
   * Whether there is room for another of this sender. Members, external senders and newcomers have the limits each to
   * themselves, so that nobody outside can take a member's place. A member or an external sender may fill of its kind's
   * room only as much as it leaves to the others, so that no one of them can take all of it.
   *
   * @throws CopseError "limit-exceeded".
   */
  checkRoom(sender: Sender, size: number): void {
    const { proposals, proposalBytes } = this.#limits;
    const all = this.#amount(originOf(sender));
    const freeCount = proposals - all.count - 1;
    const freeBytes = proposalBytes - all.bytes - size;
    const isShared = sender.type !== "new_member_proposal";
    const own = this.#amount(senderString(sender));
    if (freeCount < 0 || (isShared && own.count >= alwaysTaken && own.count + 1 > freeCount)) {
      throw new CopseError("limit-exceeded", { limit: "proposals" });
    }
    if (freeBytes < 0 || (isShared && own.bytes + size > freeBytes)) {
      throw new CopseError("limit-exceeded", { limit: "proposalBytes" });
    }
  }

  /**
   * With another: `checkRoom` has been asked, unless it comes from what was stored, which may be of a wider limit and has its
   * number already. A proposal that is here is not another: whoever signs the same twice, as Ed25519 does to the byte, has made
   * one proposal with one reference.
   */
  with(proposal: StoredProposal, number: number = this.#next): ProposalStore {
    return this.has(proposal.ref) ? this : this.#copy().#with(proposal, number);
  }

  #with(proposal: StoredProposal, number: number): this {
    this.#next = number + 1;
    const { sender, encoded } = proposal;
    this.#proposals.set(keyString(proposal.ref), { ...proposal, number });
    for (const name of [originOf(sender), senderString(sender)]) {
      const { count, bytes } = this.#amount(name);
      this.#amounts.set(name, { count: count + 1, bytes: bytes + encoded.length });
    }
    return this;
  }

  /** Without one of them, whose number no other is given. */
  without(ref: Uint8Array): ProposalStore {
    const without = this.find(ref);
    const store = this.#empty();
    for (const proposal of this.values()) if (proposal !== without) store.#with(proposal, proposal.number);
    store.#next = this.#next;
    return store;
  }

  /** Without any: proposals end with their epoch. */
  emptied(): ProposalStore {
    return this.size === 0 ? this : this.#empty();
  }

  #empty(): ProposalStore {
    return new ProposalStore(this.#limits);
  }

  #copy(): ProposalStore {
    const store = this.#empty();
    for (const [key, proposal] of this.#proposals) store.#proposals.set(key, proposal);
    for (const [name, amount] of this.#amounts) store.#amounts.set(name, amount);
    return store;
  }

  #amount(name: string): Amount {
    return this.#amounts.get(name) ?? nothing;
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
      checkIsKnown(stored, entry.reference);
      return { proposal: stored.proposal, sender: stored.sender, ref: stored.ref };
    });
  }

  find(ref: Uint8Array): NumberedProposal | undefined {
    return ref.length > 64 ? undefined : this.#proposals.get(keyString(ref));
  }
}

/** So many of each sender are taken as long as there is any room: an Update, say, and something beside it. */
const alwaysTaken = 2;

const nothing: Amount = { count: 0, bytes: 0 };

/** What kind of sender a proposal is from: the lower the rank, the more its word counts in the group. */
export function rankOf(sender: Sender): number {
  return sender.type === "member" ? 0 : sender.type === "external" ? 1 : 2;
}

function originOf(sender: Sender): Origin {
  return (["members", "external senders", "newcomers"] as const)[rankOf(sender)] ?? "newcomers";
}

function senderString(sender: Sender): string {
  if (sender.type === "member") return `member ${String(sender.leafIndex)}`;
  return sender.type === "external" ? `external ${String(sender.senderIndex)}` : sender.type;
}

/**
 * A proposal as it is kept: over a copy of its own encoding. What it came in, a message with padding around it or a
 * snapshot, is not kept alive by it.
 */
export function storedProposal(
  encoded: Uint8Array,
  ref: Uint8Array,
  reading: Pick<ReadOptions, "proposals">,
): StoredProposal {
  const authenticated = decode(AuthenticatedContent, encoded, { ...reading, limits: unlimited });
  const { sender, content } = authenticated.content;
  if (content.type !== "proposal") throw new TypeError("not a proposal");
  return { proposal: content.proposal, sender, ref, authenticated, encoded };
}

/** The ProposalRef of a proposal: "the hash of the AuthenticatedContent object in which the proposal was sent". */
export function proposalRef(suite: CipherSuite, authenticated: AuthenticatedContent): Uint8Array {
  return makeProposalRef(suite, encode(AuthenticatedContent, authenticated));
}
