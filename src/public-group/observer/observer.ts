/**
 * An observer: follows a group of public handshakes without any of its secrets, as a delivery service may. RFC 9420
 * section 6; RFC 9750 section 5.2.
 *
 * It checks what a member checks, but for three things that only members can: membership tags, confirmation tags, and
 * path secrets. So a commit that it accepts may still be refused by the members: the last epoch can be rolled back until
 * they have confirmed it.
 */

import "../explained.ts";
import type { Bytes } from "../../bytes/bytes.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { checkUint } from "../../bytes/numbers.ts";
import { bytes, options as optionsOf, uint64, type Shape } from "../../bytes/takes.ts";
import { encode } from "../../codec/codec.ts";
import { makeProposalRef } from "../../crypto/labels.ts";
import type { Awaitable, CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { checkGroupId, confirmationTagOf } from "../../rules/commit.ts";
import { checkNotReinitialized } from "../../rules/linking.ts";
import { askRules } from "../../rules/registry.ts";
import type { Commit } from "../../wire/commit.ts";
import { AuthenticatedContent, type ContentType } from "../../wire/framing.ts";
import type { GroupContext } from "../../wire/group-context.ts";
import { decodeMessage } from "../../wire/message.ts";
import type { Proposal } from "../../wire/proposal.ts";
import type { PublicMessage } from "../../wire/public-message.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { commitEvent, nextPublicEpoch, planCommit } from "../plan.ts";
import type { CommitEvent, LaterEvent, LeafIndex, Member, ProposalEvent } from "../events.ts";
import { checkPublicSignature, handshakeFor } from "../gate.ts";
import type { Followed } from "./followed.ts";
import { epochFromGroupInfo } from "../group-info.ts";
import { memberAt, membersOf } from "../member.ts";
import { messagesForJoiners } from "../proposals/for-joiners.ts";
import { ProposalStore, storedProposal } from "../proposals/proposal-store.ts";
import type { Queue } from "../turns/queue.ts";
import type { GroupOptions, Settings } from "../options/settings.ts";
import { settingsOf } from "../options/settings-of.ts";
import { ObserverLedger } from "./ledger.ts";
import { readFollowed, restoreFollowed } from "./read.ts";
import { followedToBytes, readFollowedBytes } from "./snapshot.ts";
import type { StateEvent } from "../records/persist.ts";
import { collect, type StoredRecords } from "../records/collected.ts";
import { checkProposal } from "../validate.ts";
import { groupShape, records as someRecords, suite as aSuite } from "../options/takes.ts";

/** Options of `Observer.follow`. */
export interface FollowOptions extends GroupOptions {
  readonly suite: CipherSuite;
  /** The MLSMessage with a signed GroupInfo to begin from. */
  readonly groupInfo: Uint8Array;
  /** The ratchet tree, where the GroupInfo does not hold it. */
  readonly ratchetTree?: Uint8Array;
}

/** Options of `Observer.restore` from a snapshot. */
export interface ObserverSnapshotOptions extends GroupOptions {
  readonly suite: CipherSuite;
  /** A snapshot of `Observer.snapshot`, of this version or an earlier one. */
  readonly snapshot: Uint8Array;
}

/** Options of `Observer.restore` from a store. */
export interface ObserverRecordsOptions extends GroupOptions {
  readonly suite: CipherSuite;
  /** All records that `persist` has put and not deleted, in any order. */
  readonly records: StoredRecords;
}

/** A private message, of which an observer sees the envelope. */
export interface EnvelopeEvent {
  readonly kind: "envelope";
  readonly contentType: ContentType;
  readonly epoch: bigint;
}

/** What `Observer.receive` returns. */
export type ObserverEvent = ProposalEvent | CommitEvent | LaterEvent | EnvelopeEvent;

/** Applications share one object among the ways to an observer: what the other takes is no mistake. */
const shape: Shape<FollowOptions & ObserverSnapshotOptions & ObserverRecordsOptions> = {
  ...groupShape,
  suite: aSuite,
  groupInfo: bytes,
  ratchetTree: bytes,
  snapshot: bytes,
  records: someRecords,
};
const follow = optionsOf(shape, "authentication", "suite", "groupInfo");
const restore = optionsOf(shape, "authentication", "suite");

/** Follows a group from outside. */
export class Observer {
  readonly #settings: Settings;
  readonly #queue: Queue;
  readonly #ledger: ObserverLedger | undefined;
  #held: Followed;

  private constructor(settings: Settings, held: Followed, ledger: ObserverLedger | undefined) {
    this.#settings = settings;
    this.#queue = settings.queue;
    this.#held = held;
    this.#ledger = ledger;
  }

  /**
   * Begin from a signed GroupInfo.
   *
   *     const observer = await Observer.follow({ suite, groupInfo, authentication });
   *
   * @throws CopseError of the rule that the GroupInfo or its tree breaks.
   */
  static async follow(options: FollowOptions): Promise<Observer> {
    follow("Observer.follow", options);
    const settings = settingsOf(options);
    const { persist, limits } = settings;
    const { epoch } = await epochFromGroupInfo(options.suite, options.groupInfo, options.ratchetTree, settings);
    const held: Followed = { epoch, proposals: new ProposalStore(limits), before: undefined, stopped: false };
    const ledger = persist && new ObserverLedger(persist);
    await ledger?.write(held, { kind: "followed" });
    return new Observer(settings, held, ledger);
  }

  /**
   * An observer from what was stored: at once from its snapshot, or from the records that the `persist` hook was given. With
   * a snapshot, `persist` is given everything with the next operation: keep the snapshot until then.
   *
   *     const observer = await Observer.restore({ suite, records: store.range("group 7 "), persist, authentication });
   *
   * @throws CopseError "snapshot-damaged", "snapshot-version", "snapshot-identity".
   */
  static restore(options: ObserverSnapshotOptions): Observer;
  static restore(options: ObserverRecordsOptions): Promise<Observer>;
  static restore(options: GroupOptions & (ObserverSnapshotOptions | ObserverRecordsOptions)): Awaitable<Observer> {
    restore("Observer.restore", options);
    const { suite, snapshot, records } = options as FollowOptions &
      Partial<ObserverSnapshotOptions & ObserverRecordsOptions>;
    if ((snapshot === undefined) === (records === undefined)) {
      throw new TypeError("Observer.restore takes either a snapshot or records");
    }
    const settings = settingsOf(options);
    const { persist } = settings;
    if (snapshot !== undefined) {
      const held = restoreFollowed(readFollowedBytes(snapshot), suite, settings);
      return new Observer(settings, held, persist && new ObserverLedger(persist));
    }
    return collect(records ?? []).then((all) => {
      const held = restoreFollowed(readFollowed(all), suite, settings);
      return new Observer(settings, held, persist && new ObserverLedger(persist, held));
    });
  }

  /** The group's id. */
  get id(): Bytes {
    return this.#held.epoch.context.groupId.slice();
  }

  /** The number of the current epoch. */
  get epoch(): bigint {
    return this.#held.epoch.context.epoch;
  }

  /** The group context. Read only. RFC 9420 section 8.1 */
  get groupContext(): GroupContext {
    return this.#held.epoch.context;
  }

  /** The number of members. */
  get size(): number {
    return this.#held.epoch.tree.size;
  }

  /** All members, by leaf index. */
  get members(): Iterable<Member> {
    return membersOf(this.#held.epoch.tree);
  }

  /**
   * The member at a leaf index, or undefined where there is none.
   *
   *     const credential = observer.member(leafIndex)?.credential;
   */
  member(leafIndex: LeafIndex): Member | undefined {
    checkUint("leafIndex", leafIndex, 32);
    return memberAt(this.#held.epoch.tree, leafIndex);
  }

  /** Pending proposals that an external commit may refer to, as self_remove: for who joins from outside, beside a GroupInfo. */
  get proposalsForJoiners(): readonly Bytes[] {
    return messagesForJoiners(this.#held.proposals, this.#settings.registry);
  }

  /**
   * Whether it has stopped following, because the application said so. (A snapshot of 0.1.0 may say so after any private
   * commit, forged ones included.)
   */
  get isStopped(): boolean {
    return this.#held.stopped;
  }

  /**
   * The ratchet tree as `ratchet_tree` lists it. RFC 9420 section 12.4.3.3
   *
   *     await publish(observer.ratchetTree()); // for Group.join, where the Welcome holds none
   */
  ratchetTree(): Bytes {
    return encode(RatchetTreeNodes, this.#held.epoch.tree.toNodes());
  }

  /**
   * Take in an MLSMessage of this group. All or nothing, as for a member.
   *
   *     const event = await observer.receive(message);
   *     if (event.kind === "commit") for (const { credential } of event.added) show(credential);
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
    return this.#queue.run(async () => {
      this.#ledger?.check();
      return this.#receive(copy);
    });
  }

  /**
   * The members have confirmed an epoch: it can't be rolled back any more. At once where nothing else is under way and
   * nothing is stored, else in its turn; an epoch that has begun since then is not confirmed by it.
   *
   *     await observer.confirm(2n); // a member has sent something in epoch 2
   *
   * @param epoch Default: the current one, as it is when this is called.
   */
  confirm(epoch: bigint = this.epoch): Awaitable<void> {
    uint64("epoch", epoch);
    return this.#now(() => {
      if (this.epoch > epoch || this.#held.before === undefined) return;
      return this.#take({ before: undefined }, { kind: "confirmed", epoch: this.epoch });
    });
  }

  /**
   * The members have refused the commit that began an epoch: go back to the one before it. At once where nothing else is
   * under way and nothing is stored, else in its turn.
   *
   *     await observer.rollback(2n); // nobody could follow the commit that began epoch 2
   *
   * @param epoch Default: the current one, as it is when this is called.
   * @throws CopseError "epoch-unavailable" where there is none to go back to, or another epoch has begun since then.
   */
  rollback(epoch: bigint = this.epoch): Awaitable<void> {
    uint64("epoch", epoch);
    return this.#now(() => {
      const { before } = this.#held;
      if (before === undefined || this.epoch !== epoch) throw new CopseError("epoch-unavailable");
      return this.#take({ ...before, before: undefined }, { kind: "rolled-back", epoch });
    });
  }

  /**
   * The application knows that a private commit was chosen, from the members or because it has chosen it itself: the group
   * has moved on out of sight. Public handshakes are refused until `restart`.
   *
   *     await observer.stop();
   */
  stop(): Awaitable<void> {
    return this.#now(() => {
      if (!this.#held.stopped) return this.#take({ stopped: true }, { kind: "stopped" });
    });
  }

  /**
   * Begin again from a newer GroupInfo of the same group, after a private commit for example.
   *
   *     await observer.restart(groupInfo);
   *
   * @throws CopseError of the rule that the GroupInfo or its tree breaks; "wrong-group", "wrong-epoch" where it is older.
   */
  restart(groupInfo: Uint8Array, ratchetTree?: Uint8Array): Promise<void> {
    return this.#queue.run(async () => {
      bytes("groupInfo", groupInfo);
      if (ratchetTree !== undefined) bytes("ratchetTree", ratchetTree);
      this.#ledger?.check();
      const { context, suite } = this.#held.epoch;
      const { epoch } = await epochFromGroupInfo(suite, groupInfo, ratchetTree, this.#settings);
      checkGroupId(epoch.context, context);
      if (epoch.context.epoch < this.epoch) throw new CopseError("wrong-epoch");
      const proposals = new ProposalStore(this.#settings.limits);
      await this.#take({ epoch, proposals, before: undefined, stopped: false }, { kind: "restarted" });
    });
  }

  /**
   * Everything as bytes, the epoch that can be rolled back to as well. There are no secrets in it.
   *
   *     const snapshot = observer.snapshot();
   *     const again = Observer.restore({ suite, snapshot, authentication });
   *
   * @throws CopseError "state-unknown" where nobody knows what is stored.
   */
  snapshot(): Bytes {
    this.#ledger?.check();
    return followedToBytes(this.#held);
  }

  /** Carry out a step at once where nothing is under way and nothing is stored, else in its turn. */
  #now(operation: () => Awaitable<void>): Awaitable<void> {
    const ledger = this.#ledger;
    if (ledger === undefined) return this.#queue.runNow(() => void operation());
    return this.#queue.run(async () => {
      ledger.check();
      await operation();
    });
  }

  /** Change what is held: where the state is stored, that is done first. */
  #take(change: Partial<Followed>, event: StateEvent): Awaitable<void> {
    const before = this.#held;
    const after: Followed = { ...before, ...change };
    const finish = (): void => {
      if (after.before?.epoch === before.epoch) before.epoch.tree.settle(after.epoch.tree);
      this.#held = after;
    };
    if (this.#ledger !== undefined) return this.#ledger.write(after, event).then(finish);
    finish();
  }

  async #receive(bytes: Uint8Array): Promise<ObserverEvent> {
    const message = decodeMessage(bytes, this.#settings.reading);
    if (message.wireFormat === "mls_private_message") {
      const { epoch, contentType, authenticatedData } = message.privateMessage;
      const { context } = this.#held.epoch;
      checkGroupId(message.privateMessage, context);
      if (epoch === context.epoch) {
        askRules(this.#settings.registry, "checkAuthenticatedData", authenticatedData, context.extensions);
      }
      if (contentType === "application") return { kind: "envelope", contentType, epoch };
      if (this.#settings.acceptHandshake === "public") throw new CopseError("handshake-policy");
      throw new CopseError("private-handshake");
    }
    if (message.wireFormat !== "mls_public_message") throw new CopseError("not-a-group-message");
    return this.#receivePublic(message.publicMessage);
  }

  async #receivePublic({ content, auth }: PublicMessage): Promise<ObserverEvent> {
    if (this.#held.stopped) throw new CopseError("private-handshake");
    const handshake = handshakeFor(content, this.#held.epoch.context, this.#settings);
    if ("kind" in handshake) return handshake;
    checkNotReinitialized(this.#held.epoch);
    const authenticated: AuthenticatedContent = { wireFormat: "mls_public_message", content, auth };
    await checkPublicSignature(this.#held.epoch, authenticated, this.#settings);
    return handshake.type === "proposal"
      ? this.#receiveProposal(authenticated, handshake.proposal)
      : this.#receiveCommit(authenticated, handshake.commit);
  }

  async #receiveProposal(authenticated: AuthenticatedContent, proposal: Proposal): Promise<ProposalEvent> {
    const { sender, authenticatedData } = authenticated.content;
    const encoded = encode(AuthenticatedContent, authenticated);
    const ref = makeProposalRef(this.#held.epoch.suite, encoded);
    const { epoch, proposals } = this.#held;
    const settings = this.#settings;
    const known = proposals.find(ref);
    if (known === undefined) {
      proposals.checkRoom(sender, encoded.length);
      const { wireFormat } = authenticated;
      await checkProposal(proposal, sender, {
        epoch,
        settings,
        purpose: "ordinary",
        direction: "receiving",
        wireFormat,
      });
    }
    const stored = known ?? storedProposal(encoded, ref, settings.reading);
    const event: ProposalEvent = {
      kind: "proposal",
      sender,
      proposal: stored.proposal,
      ref: ref.slice(),
      authenticatedData: authenticatedData.slice(),
    };
    await this.#take(known === undefined ? { proposals: proposals.with(stored) } : {}, { kind: "received", event });
    return event;
  }

  async #receiveCommit(authenticated: AuthenticatedContent, commit: Commit): Promise<CommitEvent> {
    const { sender } = authenticated.content;
    const { epoch, proposals } = this.#held;
    const tag = confirmationTagOf(epoch.suite, authenticated.auth);
    const list = proposals.resolve(commit, sender);
    const plan = await planCommit(epoch, { commit, list, sender }, this.#settings);
    const change = commitEvent(epoch.tree, { ...plan, hasPath: plan.path !== undefined }, authenticated.content);
    const { review } = this.#settings;
    if (review !== undefined && !(await review(change))) throw new CopseError("commit-refused");
    const next = nextPublicEpoch(epoch, plan, authenticated, tag);
    const taken = { epoch: next, proposals: new ProposalStore(this.#settings.limits), before: { epoch, proposals } };
    await this.#take(taken, { kind: "received", event: change });
    return change;
  }
}
