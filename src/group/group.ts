/**
 * A member's view of a group: the front door of the engine. RFC 9420.
 *
 *     const alice = await createIdentity({ suite, credential: basic("alice@example.org") });
 *     const group = await Group.create({ identity: alice, authentication });
 *     const pending = await group.commit({ add: [bobsKeyPackage] });   // the epoch has not changed
 *     // publish pending.commit; when the delivery service has chosen it:
 *     await group.apply(pending);                                      // now pending.welcome may go out
 *     const message = await group.seal(plaintext);
 */

import { asBytes, type Bytes } from "../bytes/bytes.ts";
import "../public-group/explained.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { copyBytes } from "../bytes/copy.ts";
import { operations } from "./arguments.ts";
import { bytes, hook, uint32 } from "../bytes/takes.ts";
import type { Secret } from "../bytes/secret.ts";
import type { Awaitable, CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import type { CommitPurpose } from "../rules/proposal.ts";
import { exportSecret } from "../schedule/key-schedule.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { PreSharedKeyId } from "../wire/pre-shared-key.ts";
import type { GroupEvent, LeafIndex, Member, RemovedEvent } from "../public-group/events.ts";
import type { Identity } from "../public-group/identity.ts";
import { memberAt, memberOf, membersOf } from "../public-group/member.ts";
import type { GroupOptions } from "../public-group/options/settings.ts";
import type { Change } from "../public-group/proposals/changes.ts";
import { messagesForJoiners } from "../public-group/proposals/for-joiners.ts";
import { pendingProposal, type PendingProposal } from "../public-group/proposals/proposal-store.ts";
import type { WelcomeRequirements } from "../public-group/requirements.ts";
import type { Queue } from "../public-group/turns/queue.ts";
import { groupComponent, type GroupComponent } from "./components/member.ts";
import { ownLeaf } from "./held/epoch.ts";
import type { Pending, PendingCommit } from "./held/pending.ts";
import { lendPsk } from "./held/psks.ts";
import type { LeftOut } from "./joining/external-join.ts";
import type { KeyPackageSource } from "./joining/key-package-bundle.ts";
import type { CreateOptions, JoinExternallyOptions, LinkOptions, RestoreOptions } from "./options.ts";
import { encodeTree, pendingOf } from "./pending-of.ts";
import { inspectInGroup, type MessageInfo } from "./receiving/inspect.ts";
import { applyPending, receiveMessage } from "./receiving/receive.ts";
import { takeSnapshot } from "./restoring/snapshot.ts";
import { forgetProposal } from "./sending/forget.ts";
import { proposeToLeave } from "./sending/leave.ts";
import type { GroupInfoContents } from "./sending/make-group-info.ts";
import {
  currentGroupInfo,
  makePending,
  sealMessage,
  sendProposal,
  type CommitOptions,
  type LinkedCommit,
  type SealOptions,
} from "./sending/send.ts";
import { checkAlive, endAtOnce, expire, heldBy, pskSource, write, type GroupState } from "./state.ts";
import { makeLinkedGroup, previousGroup } from "./successor.ts";
import { runTurn, stepInTurn, stepSoon } from "./steps.ts";
import { createGroup, joinGroup, joinGroupExternally, restoreGroup } from "./ways-in.ts";

/** Options of `Group.join`. */
export interface JoinOptions extends GroupOptions {
  readonly identity: Identity;
  /** The MLSMessage with the Welcome. */
  readonly welcome: Uint8Array;
  /** This client's key packages: the one that the Welcome used is wiped by a join. */
  readonly keyPackages: KeyPackageSource;
  /** The ratchet tree, where the Welcome does not hold it (section 12.4.3.3). */
  readonly ratchetTree?: Uint8Array;
  /**
   * The group that this one was reinitialized or branched from: the Welcome must link to it, by a resumption PSK of the
   * usage "reinit" where a ReInit was committed there, else of the usage "branch". Without it, a Welcome must link to
   * nothing. RFC 9420 sections 11.2, 11.3
   */
  readonly previous?: Group;
  /** What the Welcome must lead to, as only this client knows it: checked before any key is looked up or used. */
  readonly require?: WelcomeRequirements;
}

/** An external join: publish `commit`, and call `complete` when it was chosen. */
export interface ExternalJoin {
  /** The MLSMessage for the group. */
  readonly commit: Bytes;
  /** Of `proposals`, those that it does not refer to: they are not valid, or the second by which a member leaves. */
  readonly leftOut: readonly LeftOut[];
  /**
   * A signed GroupInfo of the epoch that the commit begins, for a delivery service that takes the two together.
   *
   * @throws CopseError "group-gone" where it was given up.
   */
  groupInfo(contents?: GroupInfoContents): Promise<Bytes>;
  /** The group, in the epoch that the commit begins; the same one each time. A promise where `persist` stores it first. */
  complete(): Awaitable<Group>;
  /** Give up: its secrets are wiped. After `complete` it does nothing: wipe the group. */
  drop(): void;
}

/** A new group of our own, and its first commit: apply it, then send the Welcome. */
export interface LinkedGroup {
  readonly group: Group;
  readonly pending: Pending;
}

/** A member's view of one group. All byte strings that go in or out are copies, and MLSMessages unless said otherwise. */
export class Group {
  readonly #state: GroupState;
  readonly #options: GroupOptions;
  readonly #queue: Queue;
  #joinedWith: Uint8Array | undefined;

  private constructor(state: GroupState, options: GroupOptions) {
    this.#state = state;
    this.#queue = state.settings.queue;
    this.#options = options;
  }

  /**
   * A new group with this client as its only member. RFC 9420 section 11
   *
   *     const group = await Group.create({ identity: alice, authentication, extensions: [externalSenders([server])] });
   */
  static async create(options: CreateOptions): Promise<Group> {
    operations.create("Group.create", options);
    const { state, options: shared } = await createGroup(options);
    return new Group(state, shared);
  }

  /**
   * The group of a Welcome. RFC 9420 section 12.4.3.1
   *
   *     const joined = await Group.join({ identity: bob, authentication, welcome, keyPackages: [bundle] });
   *
   *     const require = { groupId, psks: [{ type: "resumption", groupId: chat.id, since: chat.epoch }] } as const;
   *     const call = await Group.join({ identity: bob, authentication, welcome, keyPackages: [bundle], require });
   *
   * @throws CopseError of the rule that the Welcome breaks; "join-requirement" where it is not what `require` says.
   */
  static async join(options: JoinOptions): Promise<Group> {
    operations.join("Group.join", options);
    const { previous, ...rest } = options;
    const { state, options: shared, joinedWith } = await joinGroup(rest, previous && previousGroup(previous.#state));
    const group = new Group(state, shared);
    group.#joinedWith = joinedWith;
    return group;
  }

  /**
   * Join by an external commit. RFC 9420 section 12.4.3.2
   *
   *     const join = await Group.joinExternally({ identity: bob, authentication, groupInfo });
   *     const chosen = await publish(join.commit);
   *     if (chosen) group = await join.complete();
   *     else join.drop(); // another commit came first: try again with a newer GroupInfo
   *
   * @throws CopseError of the rule that the GroupInfo breaks; "join-requirement" where it is not what `require` says.
   */
  static async joinExternally(options: JoinExternallyOptions): Promise<ExternalJoin> {
    operations.joinExternally("Group.joinExternally", options);
    return joinGroupExternally(options, ({ state, options: shared }) => new Group(state, shared));
  }

  /**
   * A group from what was stored: from a snapshot, or from the records that the `persist` hook was given.
   *
   *     const records = store.range("group 7 ");          // pairs of a name, without what was put before it, and a value
   *     const group = await Group.restore({ identity: alice, records, persist, authentication });
   *
   * @throws CopseError "snapshot-damaged", "snapshot-version", "snapshot-identity"; "pending-stale" where the pending commit
   * is of another epoch, as after a crash between applying it and forgetting it. TypeError for a `skip` beyond what others
   * follow: `window.generationGap`, and 65,536 at the most.
   */
  static async restore(options: RestoreOptions): Promise<Group> {
    operations.restore("Group.restore", options);
    const { state, options: shared } = await restoreGroup(options);
    return new Group(state, shared);
  }

  /** The group's id. */
  get id(): Bytes {
    return this.#state.epoch.context.groupId.slice();
  }

  /** The number of the current epoch. */
  get epoch(): bigint {
    return this.#state.epoch.context.epoch;
  }

  /** The group's cipher suite. */
  get suite(): CipherSuite {
    return this.#state.epoch.suite;
  }

  /** This client's identity, as its leaf presents it. */
  get identity(): Identity {
    return this.#state.identity;
  }

  /** This client as a member. */
  get self(): Member {
    const { epoch } = this.#state;
    return memberOf(epoch.leafIndex, ownLeaf(epoch));
  }

  /** All members, by leaf index. */
  get members(): Iterable<Member> {
    return membersOf(this.#state.epoch.tree);
  }

  /**
   * The member at a leaf index, or undefined where there is none.
   *
   *     const credential = group.member(leafIndex)?.credential;
   */
  member(leafIndex: LeafIndex): Member | undefined {
    uint32("leafIndex", leafIndex);
    return memberAt(this.#state.epoch.tree, leafIndex);
  }

  /** The number of members. */
  get size(): number {
    return this.#state.epoch.tree.size;
  }

  /** The number of leaves, blank or not: what calls derive their key ids from. */
  get treeWidth(): number {
    return this.#state.epoch.tree.width;
  }

  /** The group context. Read only. RFC 9420 section 8.1 */
  get groupContext(): GroupContext {
    return this.#state.epoch.context;
  }

  /** What two members compare to know that nobody is between them. RFC 9420 section 8.7 @throws CopseError "group-gone" */
  get epochAuthenticator(): Bytes {
    checkAlive(this.#state);
    return this.#state.epoch.secrets.epochAuthenticator.use((authenticator) => authenticator.slice());
  }

  /** Proposals that wait for a commit, oldest first. */
  get pendingProposals(): readonly PendingProposal[] {
    return Array.from(this.#state.proposals.values(), pendingProposal);
  }

  /** Of these, what an external commit may refer to, as self_remove: `proposals` of `joinExternally`, beside a GroupInfo. */
  get proposalsForJoiners(): readonly Bytes[] {
    return messagesForJoiners(this.#state.proposals, this.#state.settings.registry);
  }

  /**
   * Whether the group is over for this client: removed, or wiped. Its last epoch can still be read (`id`, `epoch`, `members`,
   * `groupContext`, `ratchetTree()`), and that of a removed one stored (`snapshot()`); whatever takes a secret throws "group-gone".
   */
  get isGone(): boolean {
    return this.#state.gone;
  }

  /** How this client was removed, where it was. */
  get removal(): RemovedEvent | undefined {
    return this.#state.removal;
  }

  /**
   * The KeyPackageRef of the key package that `Group.join` has used: nobody can use it again, unless it is a last resort. Of the
   * group that `join` gave, and of no other: a group that was created or restored has none.
   */
  get joinedWith(): Uint8Array | undefined {
    return this.#joinedWith?.slice();
  }

  /** Whether a ReInit was committed: the group sends nothing more, and waits for its successor (section 11.2). */
  get isReinitialized(): boolean {
    return this.#state.epoch.reinit !== undefined;
  }

  /**
   * Propose a change: the MLSMessage for the group. RFC 9420 section 12.1
   *
   *     await publish(await group.propose({ remove: leafIndex }));
   *
   * @throws CopseError of the rule that the proposal breaks.
   */
  propose(change: Change, options: { readonly authenticatedData?: Uint8Array } = {}): Promise<Bytes> {
    return runTurn(this.#state, () => {
      operations.change("change", change);
      operations.propose("propose", options);
      return sendProposal(this.#state, change, options.authenticatedData);
    });
  }

  /**
   * Ask to leave: the MLSMessage for the group, a self_remove of the extensions draft, public whatever the other handshakes
   * are. Others commit it, and `receive` then gives "removed". Where an epoch has begun without it, ask again; within one it is
   * the same message. Meanwhile nothing can be sealed.
   *
   *     const message = await group.leave();
   *
   * @throws CopseError "leave-alone" where nobody else is in the group: `wipe` it; "proposal-unsupported" where a member does not
   * support self_remove. TypeError where `registry` has none (`withSelfRemove` of copse/extensions). Then others can remove this
   * member: `propose({ remove: group.self.leafIndex })`.
   */
  leave(options: { readonly authenticatedData?: Uint8Array } = {}): Promise<Bytes> {
    return runTurn(this.#state, () => {
      operations.propose("leave", options);
      return proposeToLeave(this.#state, options.authenticatedData);
    });
  }

  /**
   * Forget a pending proposal, ours or another's, that is not to be committed any more. Gives whether there was one.
   *
   * Others may still commit it: such a commit is then refused with "proposal-not-found". A public proposal of another member can be
   * received again; one of our own, and what came as a PrivateMessage, are gone for good. So forget what the delivery service
   * does not hand on. That this member wanted to leave is remembered as long as the epoch lasts: `leave` gives the same message
   * again, and a commit of others that holds it is followed all the same.
   *
   *     for (const { ref } of group.pendingProposals) await group.forgetProposal(ref);
   *
   * @throws CopseError "pending-own-commit" while a pending commit of ours holds it.
   */
  forgetProposal(ref: Uint8Array): Promise<boolean> {
    if (!(ref instanceof Uint8Array)) return Promise.reject(new TypeError("a ProposalRef is a Uint8Array"));
    const copy = copyBytes(ref);
    return runTurn(this.#state, () => forgetProposal(this.#state, copy));
  }

  /**
   * Commit pending proposals and those of the options. The epoch does not change until the commit is applied. RFC 9420
   * section 12.4
   *
   *     const pending = await group.commit({ add: [keyPackage], remove: [leafIndex] });
   *     if (await publish(pending.commit)) await group.apply(pending); // and now pending.welcome may go out
   *     else await group.receive(winner); // ours is given up
   *
   * @throws CopseError "pending-own-commit" while another of ours is pending, or of the rule that the list breaks.
   */
  commit(options: CommitOptions = {}): Promise<Pending> {
    return this.#commit(options, { purpose: "ordinary", psks: [], sources: [] });
  }

  /**
   * The delivery service has chosen our commit: enter its epoch, and send the Welcome. At once where nothing else is under
   * way; else in its turn, and the promise says when.
   *
   *     await group.apply(pending);
   *     if (pending.welcome) await publish(pending.welcome);
   *
   * @throws CopseError "pending-stale" where the commit was dropped or outlived.
   */
  apply(pending: Pending): Awaitable<void> {
    operations.pending("pending", pending);
    return stepInTurn(this.#state, () => {
      checkAlive(this.#state);
      const own = this.#state.pending;
      if (own === undefined || !bytesEqual(pending.commit, own.message)) throw new CopseError("pending-stale");
      return applyPending(this.#state, own);
    });
  }

  /** The commit of ours that waits to be applied, if there is one: after a restore, for example. */
  get pendingCommit(): Pending | undefined {
    const { pending } = this.#state;
    return pending && this.#pending(pending, []);
  }

  /**
   * Encrypt an application message. RFC 9420 sections 6.3, 15
   *
   *     await publish(await group.seal(new TextEncoder().encode("hello")));
   *
   * @throws CopseError "pending-proposals" while proposals wait for a commit, "group-reinitialized", "send-limit".
   */
  seal(plaintext: Uint8Array, options: SealOptions = {}): Promise<Bytes> {
    if (!(plaintext instanceof Uint8Array)) return Promise.reject(new TypeError("a plaintext is a Uint8Array"));
    const copy = copyBytes(plaintext);
    return runTurn(this.#state, () => {
      operations.seal("seal", options);
      return sealMessage(this.#state, copy, options);
    });
  }

  /**
   * Take in an MLSMessage of this group. All or nothing: after a throw the group is byte for byte as it was.
   *
   *     const event = await group.receive(message);
   *     if (event.kind === "message") show(event.sender.credential, event.plaintext);
   *     if (event.kind === "commit") for (const { credential } of event.added) show(credential);
   *
   * @throws CopseError of the rule that the message breaks.
   */
  receive(message: Uint8Array): Promise<GroupEvent> {
    if (!(message instanceof Uint8Array)) return Promise.reject(new TypeError("a message is a Uint8Array"));
    const copy = copyBytes(message);
    return runTurn(this.#state, () => receiveMessage(this.#state, copy));
  }

  /**
   * What a message is, from whom and of which epoch, without verifying or consuming anything.
   *
   *     const { epoch } = group.inspect(message);
   *     if (epoch !== undefined && epoch > group.epoch) hold(message); // the commits before it have not come yet
   */
  inspect(message: Uint8Array): MessageInfo {
    bytes("message", message);
    return inspectInGroup(this.#state, message);
  }

  /**
   * A secret of this epoch for the application, under a label of its own. RFC 9420 section 8.5
   *
   *     const key = group.exportSecret("example.org backup", group.id, 32);
   *
   * @param length in bytes, at most 255 * KDF.Nh
   */
  exportSecret(label: string, context: Uint8Array, length: number): Bytes {
    checkAlive(this.#state);
    const { suite, secrets } = this.#state.epoch;
    return asBytes(exportSecret(suite, secrets.exporterSecret, label, context, length));
  }

  /**
   * What a component of the application can do as this member, each under its own id: export a secret of the epoch that is
   * given once, sign, and decrypt. Give a component its own and no other's. Sections 4.1 to 4.4 of
   * draft-ietf-mls-extensions
   *
   *     const signature = await group.component(0x8001).sign("example.org ticket", message);
   */
  component(componentId: number): GroupComponent {
    return groupComponent(this.#state, componentId);
  }

  /**
   * What another group finds the resumption PSKs of this one with: the `psks` option of a call's group, for example. It
   * gives a copy, which the engine wipes, for the current epoch and those that `window.resumptionPsks` still holds; for the
   * usage "application" only; and nothing when this group is over. RFC 9420 section 8.6
   *
   *     const call = await Group.join({ identity: bob, authentication, welcome, keyPackages: [bundle], psks: chat.psks() });
   */
  psks(): (id: PreSharedKeyId) => Secret<"resumption_psk"> | undefined {
    return (id) => {
      if (!this.#state.gone) checkAlive(this.#state);
      return lendPsk(pskSource(this.#state), id);
    };
  }

  /**
   * A signed GroupInfo of this epoch, with the tree and what an external join needs. RFC 9420 section 12.4.3
   *
   *     await publish(await group.groupInfo());
   */
  groupInfo(options: GroupInfoContents = {}): Promise<Bytes> {
    return runTurn(this.#state, () => {
      operations.groupInfo("groupInfo", options);
      return currentGroupInfo(this.#state, options);
    });
  }

  /**
   * The ratchet tree as `ratchet_tree` lists it: not an MLSMessage. RFC 9420 section 12.4.3.3
   *
   *     const ratchetTree = group.ratchetTree(); // for Group.join, where the Welcome holds none
   */
  ratchetTree(): Bytes {
    return encodeTree(this.#state.epoch);
  }

  /**
   * Make the group that a committed ReInit asked for, with the same members. RFC 9420 section 11.2
   *
   *     const { group: successor, pending } = await group.reinitialize({ identity: aliceThere, keyPackages });
   *     await successor.apply(pending);
   *
   * @throws CopseError "welcome-reinit" where no ReInit was committed, or a member's key package is missing.
   */
  reinitialize(options: LinkOptions): Promise<LinkedGroup> {
    return this.#link("reinit", options);
  }

  /**
   * Make a group of some of this one's members, with the same parameters. RFC 9420 section 11.3
   *
   *     const { group: side, pending } = await group.branch({ keyPackages: [keyPackage] });
   *     await side.apply(pending);
   *
   * @throws CopseError "welcome-branch" where a key package is of nobody in this group.
   */
  branch(options: LinkOptions): Promise<LinkedGroup> {
    return this.#link("branch", options);
  }

  /**
   * Be told when the epoch has changed, or the group is over for this client, until the returned function is called. The
   * listener is called in the middle of the operation: it may read the group, and what it starts takes its turn.
   * What it throws undoes nothing, and is reported as an error that nobody caught.
   *
   *     const stop = group.onEpoch(() => show(group.epoch, group.size));
   */
  onEpoch(listener: () => void): () => void {
    hook("listener", listener);
    const own = (): void => {
      listener();
    };
    this.#state.listeners.add(own);
    return () => {
      this.#state.listeners.delete(own);
    };
  }

  /**
   * Forget what has grown too old by the group's window: at once where nothing else is under way, else in its turn. Every
   * operation does this by itself.
   *
   *     setInterval(() => { group.expire(); }, 60_000);
   */
  expire(): void {
    stepSoon(this.#state, () => {
      expire(this.#state);
      if (this.#state.ledger?.isBehind(heldBy(this.#state)) === true) return write(this.#state, { kind: "expired" });
    });
  }

  /**
   * The whole group as bytes, secrets included. Restore each snapshot once, the newest only. Of a group that has removed this
   * client: its last epoch, and how it was removed.
   *
   *     const snapshot = group.snapshot();
   *     const again = await Group.restore({ identity: alice, snapshot, authentication });
   *
   * @throws CopseError "group-gone" where the group was wiped.
   */
  snapshot(): Bytes {
    if (this.#state.removal === undefined) checkAlive(this.#state);
    if (!this.#state.gone && this.#state.ledger?.isWriting !== true) expire(this.#state);
    return takeSnapshot(this.#state);
  }

  /**
   * Leave without a word: wipe every secret, at once. The group can't be used afterwards, and what is under way or waits for
   * its turn fails with CopseError "group-gone". Where `persist` has written nothing of that, call it again.
   *
   *     group.wipe();
   */
  wipe(): void {
    const { ledger } = this.#state;
    endAtOnce(this.#state);
    if (ledger === undefined) return;
    stepSoon(this.#state, () => {
      if (!ledger.isLost && ledger.isBehind(heldBy(this.#state))) return write(this.#state, { kind: "wiped" });
    });
  }

  /** Nothing secret: the epoch and the size. */
  toJSON(): object {
    return { epoch: String(this.epoch), size: this.size };
  }

  #commit(options: CommitOptions, linked: LinkedCommit): Promise<Pending> {
    return runTurn(this.#state, async () => {
      operations.commit("commit", options);
      const { pending, leftOut } = await makePending(this.#state, options, linked);
      return this.#pending(pending, leftOut);
    });
  }

  #pending(pending: PendingCommit, leftOut: Pending["leftOut"]): Pending {
    return pendingOf(this.#state, pending, leftOut);
  }

  #link(usage: Exclude<CommitPurpose, "ordinary">, options: LinkOptions): Promise<LinkedGroup> {
    const queue = this.#queue;
    return runTurn(this.#state, () => {
      operations.link(usage === "branch" ? usage : "reinitialize", options);
      return makeLinkedGroup(this.#state, usage, options, this.#options, {
        create: (choice) => queue.call(() => Group.create(choice)),
        commit: (group, choice, linked) => queue.call(() => group.#commit(choice, linked)),
        giveUp: async (group) => {
          group.wipe();
          await queue.call(() => group.#queue.run(() => Promise.resolve())); // however what is under way ends
        },
      });
    });
  }
}
