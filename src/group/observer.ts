/**
 * An observer: follows a group of public handshakes without any of its secrets, as a delivery service may. RFC 9420
 * section 6; RFC 9750 section 5.2.
 *
 * It checks what a member checks, but for three things that only members can: membership tags, confirmation tags, and
 * path secrets. So a commit that it accepts may still be refused by the members: the last epoch can be rolled back until
 * they have confirmed it.
 */

import { copyBytes } from "../bytes/copy.ts";
import { checkUint } from "../bytes/numbers.ts";
import { decode, encode } from "../codec/codec.ts";
import { encodingOf } from "../codec/retained.ts";
import { makeProposalRef } from "../crypto/labels.ts";
import type { Awaitable, CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import { checkGroupId, confirmationTagOf } from "../rules/commit.ts";
import { RatchetTree } from "../tree/ratchet-tree.ts";
import type { Commit } from "../wire/commit.ts";
import { AuthenticatedContent, type ContentType } from "../wire/framing.ts";
import { GroupContext } from "../wire/group-context.ts";
import { decodeMessage } from "../wire/message.ts";
import { Proposal } from "../wire/proposal.ts";
import type { PublicMessage } from "../wire/public-message.ts";
import { RatchetTreeNodes } from "../wire/ratchet-tree.ts";
import { commitEvent, nextPublicEpoch, planCommit } from "./commit-plan.ts";
import type { PublicEpoch } from "./public-epoch.ts";
import type { CommitEvent, LaterEvent, LeafIndex, Member, ProposalEvent } from "./events.ts";
import { checkPublicSignature, handshakeFor } from "./gate.ts";
import { epochFromGroupInfo } from "./group-info.ts";
import { memberAt, membersOf } from "./member.ts";
import { ProposalStore, storedProposal } from "./proposal-store.ts";
import type { Queue } from "./queue.ts";
import { settle, type GroupOptions, type Settings } from "./settings.ts";
import { unwrap, wrap } from "./records/envelope.ts";
import { asStoredObserver, observerVersion, type StoredObserver } from "./records/stored-observer.ts";
import { storedReading } from "./records/values.ts";
import { checkProposal } from "./validate.ts";

/** Options of `Observer.follow`. */
export interface FollowOptions extends GroupOptions {
  readonly suite: CipherSuite;
  /** The MLSMessage with a signed GroupInfo to begin from. */
  readonly groupInfo: Uint8Array;
  /** The ratchet tree, where the GroupInfo does not hold it. */
  readonly ratchetTree?: Uint8Array;
}

/** A private message, of which an observer sees the envelope. */
export interface EnvelopeEvent {
  readonly kind: "envelope";
  readonly contentType: ContentType;
  readonly epoch: bigint;
}

/** What `Observer.receive` returns. */
export type ObserverEvent = ProposalEvent | CommitEvent | LaterEvent | EnvelopeEvent;

/** Follows a group from outside. */
export class Observer {
  readonly #settings: Settings;
  readonly #queue: Queue;
  #epoch: PublicEpoch;
  #proposals: ProposalStore;
  /** The epoch before, and its proposals, until the current one is confirmed. */
  #before: { readonly epoch: PublicEpoch; readonly proposals: ProposalStore } | undefined;
  #stopped = false;

  private constructor(settings: Settings, epoch: PublicEpoch) {
    this.#settings = settings;
    this.#queue = settings.queue;
    this.#epoch = epoch;
    this.#proposals = new ProposalStore(settings.limits);
  }

  /**
   * Begin from a signed GroupInfo.
   *
   * @throws CopseError of the rule that the GroupInfo or its tree breaks.
   */
  static async follow(options: FollowOptions): Promise<Observer> {
    const settings = settle(options);
    const { epoch } = await epochFromGroupInfo(options.suite, options.groupInfo, options.ratchetTree, settings);
    return new Observer(settings, epoch);
  }

  /**
   * An observer from its snapshot.
   *
   * @throws CopseError "snapshot-damaged", "snapshot-version", "snapshot-identity".
   */
  static restore(options: GroupOptions & { readonly suite: CipherSuite; readonly snapshot: Uint8Array }): Observer {
    const settings = settle(options);
    const stored = asStoredObserver(unwrap("observer", observerVersion, options.snapshot).value);
    if (stored.suite !== options.suite.id) throw new CopseError("snapshot-identity");
    try {
      return Observer.#restore(stored, options.suite, settings);
    } catch (cause) {
      throw new CopseError("snapshot-damaged", { cause });
    }
  }

  static #restore(stored: StoredObserver, suite: CipherSuite, settings: Settings): Observer {
    const reading = { ...settings.reading, ...storedReading };
    const { authentication } = settings;
    const nodes = decode(RatchetTreeNodes, stored.tree, reading);
    const reinit = stored.reinit === null ? undefined : decode(Proposal, stored.reinit, reading);
    if (reinit !== undefined && reinit.type !== "reinit") throw new CopseError("snapshot-damaged");
    const observer = new Observer(settings, {
      suite,
      context: decode(GroupContext, stored.context, reading),
      tree: RatchetTree.fromNodes(suite, nodes, authentication.clientKey?.bind(authentication)),
      interimTranscriptHash: stored.interimTranscriptHash,
      confirmationTag: stored.confirmationTag,
      reinit,
    });
    observer.#stopped = stored.stopped;
    for (const bytes of stored.proposals) {
      observer.#proposals = observer.#proposals.with(storedProposal(bytes, makeProposalRef(suite, bytes), reading));
    }
    return observer;
  }

  /** The group's id. */
  get id(): Uint8Array {
    return this.#epoch.context.groupId.slice();
  }

  /** The number of the current epoch. */
  get epoch(): bigint {
    return this.#epoch.context.epoch;
  }

  /** The group context. Read only. RFC 9420 section 8.1 */
  get groupContext(): GroupContext {
    return this.#epoch.context;
  }

  /** The number of members. */
  get size(): number {
    return this.#epoch.tree.size;
  }

  /** All members, by leaf index. */
  get members(): Iterable<Member> {
    return membersOf(this.#epoch.tree);
  }

  /** The member at a leaf index, or undefined where there is none. */
  member(leafIndex: LeafIndex): Member | undefined {
    checkUint("leafIndex", leafIndex, 32);
    return memberAt(this.#epoch.tree, leafIndex);
  }

  /**
   * Whether it has stopped following, because the application said so. (A snapshot of 0.1.0 may say so after any private
   * commit, forged ones included.)
   */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** The ratchet tree as `ratchet_tree` lists it. RFC 9420 section 12.4.3.3 */
  ratchetTree(): Uint8Array {
    return encode(RatchetTreeNodes, this.#epoch.tree.toNodes());
  }

  /**
   * Take in an MLSMessage of this group. All or nothing, as for a member.
   *
   * A private handshake changes nothing: it can't be read, and anybody can have made it. Where the application knows from
   * elsewhere that it was chosen, `stop` says so; where public handshakes are later from then on, a newer GroupInfo tells.
   *
   * @throws CopseError "private-handshake" for a private proposal or commit, "handshake-policy" where `acceptHandshake`
   * refuses them anyway; every public one after `stop`. Else of the rule that the message breaks, as far as it can be seen.
   */
  receive(message: Uint8Array): Promise<ObserverEvent> {
    if (!(message instanceof Uint8Array)) return Promise.reject(new TypeError("a message is a Uint8Array"));
    const copy = copyBytes(message);
    return this.#queue.run(() => this.#receive(copy));
  }

  /**
   * The members have confirmed an epoch: it can't be rolled back any more. At once where nothing else is under way, else in
   * its turn; an epoch that has begun since then is not confirmed by it.
   *
   * @param epoch Default: the current one, as it is when this is called.
   */
  confirm(epoch: bigint = this.epoch): Awaitable<void> {
    return this.#queue.runNow(() => {
      if (this.epoch <= epoch) this.#before = undefined;
    });
  }

  /**
   * The members have refused the commit that began an epoch: go back to the one before it. At once where nothing else is
   * under way, else in its turn.
   *
   * @param epoch Default: the current one, as it is when this is called.
   * @throws CopseError "epoch-unavailable" where there is none to go back to, or another epoch has begun since then.
   */
  rollback(epoch: bigint = this.epoch): Awaitable<void> {
    return this.#queue.runNow(() => {
      if (this.#before === undefined || this.epoch !== epoch) throw new CopseError("epoch-unavailable");
      this.#epoch = this.#before.epoch;
      this.#proposals = this.#before.proposals;
      this.#before = undefined;
    });
  }

  /**
   * The application knows that a private commit was chosen, from the members or because it has chosen it itself: the group
   * has moved on out of sight. Public handshakes are refused until `restart`.
   */
  stop(): Awaitable<void> {
    return this.#queue.runNow(() => {
      this.#stopped = true;
    });
  }

  /**
   * Begin again from a newer GroupInfo of the same group, after a private commit for example.
   *
   * @throws CopseError of the rule that the GroupInfo or its tree breaks; "wrong-group", "wrong-epoch" where it is older.
   */
  restart(groupInfo: Uint8Array, ratchetTree?: Uint8Array): Promise<void> {
    return this.#queue.run(async () => {
      const { epoch } = await epochFromGroupInfo(this.#epoch.suite, groupInfo, ratchetTree, this.#settings);
      checkGroupId(epoch.context, this.#epoch.context);
      if (epoch.context.epoch < this.epoch) throw new CopseError("wrong-epoch");
      this.#epoch = epoch;
      this.#proposals = new ProposalStore(this.#settings.limits);
      this.#before = undefined;
      this.#stopped = false;
    });
  }

  /** Everything as bytes, but for the epoch that could be rolled back to. */
  snapshot(): Uint8Array {
    const { suite, context, tree, interimTranscriptHash, confirmationTag, reinit } = this.#epoch;
    const stored: StoredObserver = {
      suite: suite.id,
      context: encodingOf(GroupContext, context),
      tree: encode(RatchetTreeNodes, tree.toNodes()),
      interimTranscriptHash,
      confirmationTag,
      reinit: reinit === undefined ? null : encode(Proposal, reinit),
      proposals: Array.from(this.#proposals.values(), ({ encoded }) => encoded),
      stopped: this.#stopped,
    };
    return wrap("observer", observerVersion, stored);
  }

  async #receive(bytes: Uint8Array): Promise<ObserverEvent> {
    const message = decodeMessage(bytes, this.#settings.reading);
    if (message.wireFormat === "mls_private_message") {
      const { epoch, contentType } = message.privateMessage;
      checkGroupId(message.privateMessage, this.#epoch.context);
      if (contentType === "application") return { kind: "envelope", contentType, epoch };
      if (this.#settings.acceptHandshake === "public") throw new CopseError("handshake-policy");
      throw new CopseError("private-handshake");
    }
    if (message.wireFormat !== "mls_public_message") throw new CopseError("not-a-group-message");
    return this.#receivePublic(message.publicMessage);
  }

  async #receivePublic({ content, auth }: PublicMessage): Promise<ObserverEvent> {
    if (this.#stopped) throw new CopseError("private-handshake");
    const handshake = handshakeFor(content, this.#epoch.context, this.#settings);
    if ("kind" in handshake) return handshake;
    if (this.#epoch.reinit !== undefined) throw new CopseError("group-reinitialized", { rule: "section 12.4.2" });
    const authenticated: AuthenticatedContent = { wireFormat: "mls_public_message", content, auth };
    await checkPublicSignature(this.#epoch, authenticated, this.#settings);
    return handshake.type === "proposal"
      ? this.#receiveProposal(authenticated, handshake.proposal)
      : this.#receiveCommit(authenticated, handshake.commit);
  }

  async #receiveProposal(authenticated: AuthenticatedContent, proposal: Proposal): Promise<ProposalEvent> {
    const { sender, authenticatedData } = authenticated.content;
    const encoded = encode(AuthenticatedContent, authenticated);
    const ref = makeProposalRef(this.#epoch.suite, encoded);
    let stored = this.#proposals.find(ref);
    if (stored === undefined) {
      this.#proposals.checkRoom(sender, encoded.length);
      const place = {
        epoch: this.#epoch,
        settings: this.#settings,
        purpose: "ordinary",
        direction: "receiving",
      } as const;
      await checkProposal(proposal, sender, place);
      stored = storedProposal(encoded, ref, this.#settings.reading);
      this.#proposals = this.#proposals.with(stored);
    }
    return {
      kind: "proposal",
      sender,
      proposal: stored.proposal,
      ref: ref.slice(),
      authenticatedData: authenticatedData.slice(),
    };
  }

  async #receiveCommit(authenticated: AuthenticatedContent, commit: Commit): Promise<CommitEvent> {
    const { sender } = authenticated.content;
    const epoch = this.#epoch;
    const tag = confirmationTagOf(epoch.suite, authenticated.auth);
    const list = this.#proposals.resolve(commit, sender);
    const plan = await planCommit(epoch, { commit, list, sender }, this.#settings);
    const change = commitEvent(epoch.tree, { ...plan, hasPath: plan.path !== undefined }, authenticated.content);
    const { review } = this.#settings;
    if (review !== undefined && !(await review(change))) throw new CopseError("commit-refused");
    const next = nextPublicEpoch(epoch, plan, authenticated, tag);
    epoch.tree.settle(next.tree);
    this.#before = { epoch, proposals: this.#proposals };
    this.#epoch = next;
    this.#proposals = new ProposalStore(this.#settings.limits);
    return change;
  }
}
