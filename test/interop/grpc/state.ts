/**
 * A state: one member of one group, through all of its epochs under one number.
 */

import { bytesEqual } from "../../../src/bytes/compare.ts";
import { hex } from "../../../src/bytes/text.ts";
import type { Change } from "../../../src/public-group/proposals/changes.ts";
import type { CommitEvent, Member } from "../../../src/public-group/events.ts";
import type { Group } from "../../../src/group/group.ts";
import type { LocalIdentity } from "../../../src/public-group/identity.ts";
import { Queue } from "../../../src/public-group/turns/queue.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { status } from "@grpc/grpc-js";
import type { PskStore } from "./memory.ts";
import { Refusal, refuse, refuseNow } from "./status.ts";

/** What a state is made of. */
export interface StateParts {
  readonly group: Group;
  readonly identity: LocalIdentity;
  readonly psks: PskStore;
  readonly options: GroupOptions;
}

export class State implements StateParts {
  readonly group: Group;
  readonly identity: LocalIdentity;
  readonly psks: PskStore;
  readonly options: GroupOptions;
  readonly #queue = new Queue();
  /** The ProposalRefs of this epoch's proposals, by the message that brought them. */
  readonly #refs = new Map<string, Uint8Array>();

  constructor({ group, identity, psks, options }: StateParts) {
    this.group = group;
    this.identity = identity;
    this.psks = psks;
    this.options = options;
  }

  /** What an RPC does to the state, after all that was asked before it. */
  turn<T>(operation: () => Promise<T>): Promise<T> {
    return this.#queue.run(operation);
  }

  /** The member's epoch authenticator; empty where a commit has removed it. */
  get epochAuthenticator(): Uint8Array {
    return this.group.isGone ? new Uint8Array(0) : this.group.epochAuthenticator;
  }

  async propose(change: Change): Promise<Uint8Array> {
    const message = await this.group.propose(change);
    const made = this.group.pendingProposals.at(-1);
    if (made !== undefined) this.#refs.set(hex(message), made.ref);
    return message;
  }

  /** Take in proposals that may have been seen before, our own among them: their ProposalRefs. */
  async receiveProposals(messages: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const refs: Uint8Array[] = [];
    for (const message of messages) refs.push(await this.#receiveProposal(message));
    return refs;
  }

  async #receiveProposal(message: Uint8Array): Promise<Uint8Array> {
    const known = this.#refs.get(hex(message));
    if (known !== undefined) return known;
    if (this.group.inspect(message).contentType !== "proposal") refuse("not a proposal");
    const event = await this.group.receive(message);
    if (event.kind !== "proposal") refuseNow("wrong-epoch");
    this.#refs.set(hex(message), event.ref);
    return event.ref;
  }

  /** Take in a commit, our own pending one too. What it changed, where it is another's and we are still there. */
  async receiveCommit(message: Uint8Array): Promise<CommitEvent | undefined> {
    const own = this.group.pendingCommit;
    if (own !== undefined && bytesEqual(own.commit, message)) return this.applyPending();
    if (this.group.inspect(message).contentType !== "commit") refuse("not a commit");
    const event = await this.group.receive(message);
    if (event.kind !== "commit" && event.kind !== "removed") refuseNow("wrong-epoch");
    this.#refs.clear();
    return event.kind === "commit" ? event : undefined;
  }

  /** Enter the epoch of our own commit. */
  async applyPending(): Promise<CommitEvent> {
    const pending = this.group.pendingCommit;
    if (pending === undefined) refuseNow("pending-stale");
    await this.group.apply(pending);
    this.#refs.clear();
    return pending.change;
  }

  end(): void {
    this.group.wipe();
    this.identity.privateKey.wipe();
    this.psks.wipe();
  }
}

/** The first member whose basic credential is this. @throws Refusal NOT_FOUND */
export function findMember(members: Iterable<Member>, name: Uint8Array): Member {
  for (const member of members) {
    const { credential } = member;
    if (credential.type === "basic" && "identity" in credential && bytesEqual(credential.identity, name)) return member;
  }
  throw new Refusal(status.NOT_FOUND, "no such member");
}
