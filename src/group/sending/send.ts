/**
 * What a member sends: application messages, proposals and commits. RFC 9420 sections 6, 12.1, 12.4.1, 15.2.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { Secret } from "../../bytes/secret.ts";
import { encode } from "../../codec/codec.ts";
import { makeProposalRef } from "../../crypto/labels.ts";
import type { Awaitable } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { checkNotReinitialized } from "../../rules/linking.ts";
import { checkIsKnown, checkNotLeaving } from "../../rules/proposal-list.ts";
import { customTypeOf } from "../../rules/registry.ts";
import { isThenable, yesOrNo } from "../../bytes/decision.ts";
import type { CommitPurpose } from "../../rules/proposal.ts";
import type { CommittedProposal, ProposalList } from "../../rules/proposal-list.ts";
import { checkMessagesLeft, checkNothingPending } from "../../rules/sending.ts";
import { keyString } from "../../tree/indexes.ts";
import type { NodePrivateKey } from "../../tree/treekem.ts";
import type { Extension } from "../../wire/extension.ts";
import { AuthenticatedContent, type Content, type FramedContent, type FramingFormat } from "../../wire/framing.ts";
import type { MediaType } from "../../wire/media-type.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import type { Proposal } from "../../wire/proposal.ts";
import {
  proposalOf,
  type Change,
  type CustomChoice,
  type PlainChange,
  type PskChoice,
  type ReInitChoice,
} from "../../public-group/proposals/changes.ts";
import { framedAuthenticatedData, framedContent } from "../../public-group/content.ts";
import { createCommit } from "./commit-create.ts";
import { sentDeparture } from "./departure.ts";
import type { StateEvent } from "../../public-group/records/persist.ts";
import type { LeafIndex } from "../../public-group/events.ts";
import { makeGroupInfo, type GroupInfoContents } from "./make-group-info.ts";
import type { Identity } from "../../public-group/identity.ts";
import { leafContents, signLeaf, type LeafContents, type LeafOptions } from "../../public-group/leaf.ts";
import type { Padding } from "../../public-group/options/padding.ts";
import { messagesOf, type PendingCommit } from "../held/pending.ts";
import { protectPrivate, protectPublic } from "../protection.ts";
import { signFramedContent } from "../../public-group/sign.ts";
import {
  pendingProposal,
  rankOf,
  storedProposal,
  type PendingProposal,
  type StoredProposal,
} from "../../public-group/proposals/proposal-store.ts";
import { ownLeaf, wipeEpoch, type Epoch } from "../held/epoch.ts";
import { hasPsk, type PskSource } from "../held/psks.ts";
import { checkSendable, encodeSendable } from "../../public-group/options/sendable.ts";
import { byRank, selectProposals, type Selection } from "../../public-group/proposals/select.ts";
import { checkAlive, expire, pskSource, type GroupState, take, type Step } from "../state.ts";
import { checkProposal } from "../../public-group/validate.ts";
import { withOwnUpdate, type OwnUpdate } from "../held/own-updates.ts";

/** How a message is sent. */
export interface SealOptions {
  /** Not encrypted, but authenticated: everybody on the way can read it. Default: empty. */
  readonly authenticatedData?: Uint8Array;
  /** Default: the group's. */
  readonly padding?: Padding;
  /**
   * What the plaintext is, in a group whose context says which media types its messages have. Default: the first of those.
   */
  readonly mediaType?: MediaType;
}

/** What a commit holds by value, and how it is made. */
export interface CommitOptions {
  /** Key packages of new members, each an MLSMessage or a bare KeyPackage. */
  readonly add?: readonly Uint8Array[];
  readonly remove?: readonly LeafIndex[];
  readonly psks?: readonly PskChoice[];
  /** The group context's extensions, all of them: they replace the current ones (section 12.1.7). */
  readonly extensions?: readonly Extension[];
  readonly reinit?: ReInitChoice;
  readonly custom?: readonly CustomChoice[];
  /**
   * Pending proposals to commit: all that fit, none, those that fit of what a function says yes to, or exactly those with
   * these ProposalRefs, which must then make a valid list. Default "all".
   */
  readonly pending?: "all" | "none" | ((proposal: PendingProposal) => boolean) | readonly Uint8Array[];
  /** Whether there is a path even where none is required: fresh keys for this member. Default false. */
  readonly path?: boolean;
  /** The new leaf, where it changes: implies a path. */
  readonly leaf?: LeafOptions;
  /** Another credential or signature key for this member: implies a path. */
  readonly identity?: Identity;
  /** What the Welcome's GroupInfo carries. Default: the ratchet tree. */
  readonly welcome?: GroupInfoContents;
  /** Whether to make a GroupInfo of the new epoch for external joins, too. Default false. */
  readonly groupInfo?: boolean | GroupInfoContents;
  /** Not encrypted, but authenticated. Default: empty. */
  readonly authenticatedData?: Uint8Array;
}

/**
 * An application message. RFC 9420 section 12.4: "A group member that has observed one or more valid proposals within an
 * epoch MUST send a Commit message before sending application data."
 */
export async function sealMessage(state: GroupState, plaintext: Uint8Array, options: SealOptions): Promise<Bytes> {
  checkMaySend(state);
  checkNothingPending(state.proposals);
  const { context } = state.epoch;
  const applicationData = framedContent(plaintext, options.mediaType, context, state.settings.registry);
  const content: Content = { type: "application", applicationData };
  const signed = authenticateContent(state, content, options.authenticatedData, "mls_private_message");
  const authenticated = isThenable(signed) ? await signed : signed;
  const { message, step } = protect(state, authenticated, "message", options.padding);
  const { change, sent } = step;
  const taken = take(state, { change, sent, event: () => ({ kind: "sealed", message: message.slice() }) });
  if (taken !== undefined) await taken;
  return message;
}

/** A proposal, which this member has then seen like everybody else. RFC 9420 section 12.1 */
export async function sendProposal(state: GroupState, change: Change, authenticatedData?: Uint8Array): Promise<Bytes> {
  checkMaySend(state);
  const { epoch, settings } = state;
  const { proposal, own } =
    "update" in change
      ? await ownUpdate(state, change.update)
      : { proposal: proposalOf(change, epoch.suite, settings), own: undefined };
  const again = sentDeparture(state, proposal);
  if (again !== undefined) return sendAgain(state, again);
  if (proposal.type === "remove") checkNotLeaving(proposal.removed, state.proposals.values(), settings.registry);
  const sender = { type: "member", leafIndex: epoch.leafIndex } as const;
  const wireFormat = customTypeOf(proposal, settings.registry)?.wireFormat ?? handshakeFormat(state);
  try {
    await checkProposal(proposal, sender, { epoch, settings, purpose: "ordinary", direction: "sending", wireFormat });
    const authenticated = await authenticateContent(
      state,
      { type: "proposal", proposal },
      authenticatedData,
      wireFormat,
    );
    const encoded = encode(AuthenticatedContent, authenticated);
    const ref = makeProposalRef(epoch.suite, encoded);
    if (!state.proposals.has(ref)) state.proposals.checkRoom(sender, encoded.length);
    const { message, step } = protect(state, authenticated, "proposal");
    const stored = storedProposal(encoded, ref, settings.reading);
    const ownUpdates = own === undefined ? state.ownUpdates : withOwnUpdate(state.ownUpdates, ref, own);
    const proposals = state.proposals.with(stored);
    await take(state, {
      ...step,
      change: { ...step.change, proposals, ownUpdates },
      event: () => ({ kind: "proposed", message: message.slice(), ref: ref.slice() }),
    });
    return message;
  } catch (error) {
    own?.privateKey.wipe();
    throw error;
  }
}

/** A proposal of ours once more, which waits for a commit again where it was withdrawn: the same bytes, unless they are encrypted. */
async function sendAgain(state: GroupState, stored: StoredProposal): Promise<Bytes> {
  const { authenticated, ref, sender, encoded } = stored;
  if (!state.proposals.has(ref)) state.proposals.checkRoom(sender, encoded.length);
  const { message, step } = protect(state, authenticated, "proposal");
  await take(state, {
    ...step,
    change: { proposals: state.proposals.with(stored), withdrawn: undefined },
    event: () => ({ kind: "proposed", message: message.slice(), ref: ref.slice() }),
  });
  return message;
}

/** What a commit is for, and the PSKs by which it links its group to another. RFC 9420 sections 11.2, 11.3 */
export interface LinkedCommit {
  readonly purpose: CommitPurpose;
  readonly psks: readonly PreSharedKeyId[];
  readonly sources: readonly PskSource[];
}

/**
 * A commit that waits to be applied, and what was left out of it. RFC 9420 section 12.4.1
 *
 * Where proposals from outside make it longer than the group accepts, it is made without them.
 */
export async function makePending(
  state: GroupState,
  options: CommitOptions,
  linked: LinkedCommit,
): Promise<{ readonly pending: PendingCommit; readonly leftOut: Selection["leftOut"] }> {
  const { pending: wanted = "all" } = options;
  try {
    return await attempt(state, options, linked);
  } catch (error) {
    const isTooLong = error instanceof CopseError && error.code === "limit-exceeded";
    const fromOutside = Array.from(state.proposals.values()).some(({ sender }) => rankOf(sender) > 0);
    if (!isTooLong || !fromOutside || wanted === "none" || Array.isArray(wanted)) throw error;
    const outside = new Map<string, PendingProposal>();
    const byMembers = (entry: PendingProposal): boolean => {
      const isWantedOne = typeof wanted !== "function" || yesOrNo("pending", wanted(entry));
      if (rankOf(entry.sender) === 0) return isWantedOne;
      if (isWantedOne) outside.set(keyString(entry.ref), entry);
      return false;
    };
    const { pending, leftOut: others } = await attempt(state, { ...options, pending: byMembers }, linked);
    const leftOut = [...others, ...outside.values()];
    return { pending, leftOut };
  }
}

async function attempt(
  state: GroupState,
  options: CommitOptions,
  linked: LinkedCommit,
): ReturnType<typeof makePending> {
  checkMaySend(state);
  if (state.pending !== undefined) throw new CopseError("pending-own-commit");
  const { epoch, settings } = state;
  const sender = { type: "member", leafIndex: epoch.leafIndex } as const;
  const byValue = [...proposalsOf(options, state), ...linked.psks.map((psk): Proposal => ({ type: "psk", psk }))].map(
    (proposal): CommittedProposal => ({ proposal, sender }),
  );
  const sources = [...linked.sources, pskSource(state)];
  const { list, leftOut } = await chosenProposals(state, options.pending ?? "all", byValue, sources);
  const identity = options.identity ?? state.identity;
  if (identity.suite.id !== epoch.suite.id) throw new TypeError("the new identity is of another cipher suite");
  const created = await createCommit(epoch, {
    list,
    committer: { type: "member", epoch, identity: state.identity },
    identity,
    leaf: contentsOf(state, options.leaf),
    path: options.path === true || options.leaf !== undefined || options.identity !== undefined,
    wireFormat: handshakeFormat(state),
    authenticatedData: framedAuthenticatedData(options.authenticatedData, epoch.context, settings.registry),
    groupInfo: options.welcome ?? {},
    purpose: linked.purpose,
    psks: sources,
    settings,
  });
  try {
    if (settings.review !== undefined && !(await settings.review(created.change))) {
      throw new CopseError("commit-refused");
    }
    const groupInfo = await groupInfoFor(created.next, identity, options.groupInfo, state);
    const { authenticated, next, change, welcome } = created;
    const welcomeMessage = welcome && encodeSendable({ wireFormat: "mls_welcome", welcome }, settings);
    const { message, step } = protect(state, authenticated, "commit");
    const pending: PendingCommit = {
      message,
      welcome: welcomeMessage,
      groupInfo,
      authenticated,
      list,
      purpose: linked.purpose,
      next,
      change,
      identity,
    };
    const event = (): StateEvent => ({ kind: "committed", ...messagesOf(pending), change });
    await take(state, { ...step, change: { ...step.change, pending }, event });
    return { pending, leftOut };
  } catch (error) {
    wipeEpoch(created.next, epoch);
    throw error;
  }
}

/** A GroupInfo of the current epoch. RFC 9420 section 12.4.3 */
export async function currentGroupInfo(state: GroupState, contents: GroupInfoContents): Promise<Bytes> {
  checkAlive(state);
  const groupInfo = await makeGroupInfo(
    state.epoch,
    state.identity,
    { externalPub: true, ...contents },
    state.settings,
  );
  return encodeSendable({ wireFormat: "mls_group_info", groupInfo }, state.settings);
}

/** The group is there, and has not been reinitialized. */
function checkMaySend(state: GroupState): void {
  checkAlive(state);
  expire(state);
  checkNotReinitialized(state.epoch);
}

function handshakeFormat({ settings }: GroupState): FramingFormat {
  return settings.handshake === "private" ? "mls_private_message" : "mls_public_message";
}

function authenticateContent(
  { epoch, identity, settings }: GroupState,
  content: Content,
  authenticatedData: Uint8Array | undefined,
  wireFormat: FramingFormat,
): Awaitable<AuthenticatedContent> {
  const framed: FramedContent = {
    groupId: epoch.context.groupId,
    epoch: epoch.context.epoch,
    sender: { type: "member", leafIndex: epoch.leafIndex },
    authenticatedData: framedAuthenticatedData(authenticatedData, epoch.context, settings.registry),
    content,
  };
  const signed = (signature: Uint8Array): AuthenticatedContent => ({
    wireFormat,
    content: framed,
    auth: { signature },
  });
  const signature = signFramedContent(identity, wireFormat, framed, epoch.context);
  return isThenable(signature) ? signature.then(signed) : signed(signature);
}

/**
 * The message that carries content, and the step that counts it. A private message uses up a generation of our ratchet, which
 * is not given back, whatever becomes of the step. The limit of an epoch leaves room for the commit that ends it.
 */
function protect(
  state: GroupState,
  authenticated: AuthenticatedContent,
  what: "message" | "proposal" | "commit",
  padding: Padding = state.settings.padding,
): { readonly message: Bytes; readonly step: Pick<Step, "change" | "sent"> } {
  const { epoch, settings, encrypted } = state;
  const isPrivate = authenticated.wireFormat === "mls_private_message";
  if (isPrivate && what !== "commit") checkMessagesLeft(encrypted, settings.window.messagesPerEpoch);
  if (what !== "message") checkSendable(AuthenticatedContent, authenticated, settings.reading);
  const { random, limits } = settings;
  const message = encodeSendable(
    isPrivate
      ? {
          wireFormat: "mls_private_message",
          privateMessage: protectPrivate(epoch, authenticated, { padding, random, limits }),
        }
      : { wireFormat: "mls_public_message", publicMessage: protectPublic(epoch, authenticated) },
    settings,
  );
  const sent = state.sent.stage(message, { what, epoch: epoch.context.epoch });
  return { message, step: { change: isPrivate ? { encrypted: encrypted + 1 } : {}, sent } };
}

/** A fresh leaf of our own as an Update, with its private key. RFC 9420 section 12.1.2 */
async function ownUpdate(
  state: GroupState,
  { identity = state.identity, ...options }: LeafOptions & { readonly identity?: Identity },
): Promise<{ readonly proposal: Proposal; readonly own: OwnUpdate }> {
  const { epoch, settings } = state;
  const { suite, context, leafIndex } = epoch;
  const { privateKey, publicKey } = await suite.generateKemKeyPair(settings.random);
  const key: NodePrivateKey = Secret.of("node_private_key", privateKey);
  try {
    const contents = contentsOf(
      state,
      options.capabilities === undefined && options.extensions === undefined ? undefined : options,
    );
    const leafNode = await signLeaf(
      identity,
      { ...contents, encryptionKey: publicKey, leafNodeSource: { type: "update" } },
      { groupId: context.groupId, leafIndex },
    );
    return { proposal: { type: "update", leafNode }, own: { privateKey: key, identity } };
  } catch (error) {
    key.wipe();
    throw error;
  }
}

/** What our leaf says: as before, or as the caller now wants it. */
function contentsOf({ epoch, settings }: GroupState, options: LeafOptions | undefined): LeafContents {
  return options === undefined ? ownLeaf(epoch) : leafContents(options, epoch.suite, settings);
}

/** What a commit holds: by value what the caller says, by reference what it wants of the pending proposals. */
async function chosenProposals(
  { epoch, settings, proposals }: GroupState,
  wanted: NonNullable<CommitOptions["pending"]>,
  byValue: ProposalList,
  sources: readonly PskSource[],
): Promise<Selection> {
  if (wanted === "none") return { list: byValue, leftOut: [] };
  const all = [...proposals.values()];
  if (wanted === "all" || typeof wanted === "function") {
    const pending = wanted === "all" ? all : all.filter((entry) => isWanted(entry, wanted));
    const missing = await withoutPsk(pending, sources, settings.limits.psks);
    return selectProposals(epoch, epoch.leafIndex, { pending, missing, byValue }, settings);
  }
  const named = new Set<StoredProposal>();
  for (const ref of wanted) {
    const stored = proposals.find(ref);
    checkIsKnown(stored, ref);
    named.add(stored);
  }
  const list = all.filter((entry) => named.has(entry));
  return { list: [...list, ...byValue], leftOut: all.filter((entry) => !named.has(entry)).map(pendingProposal) };
}

/** Whether the application wants a pending proposal committed. @throws TypeError where it says neither true nor false. */
function isWanted(entry: StoredProposal, wanted: (proposal: PendingProposal) => boolean): boolean {
  return yesOrNo("pending", wanted(pendingProposal(entry)));
}

/**
 * Pending proposals of PSKs that are not there: committing them would be refused. The application is asked for as many as a
 * commit may hold, members' proposals first; the others wait.
 */
async function withoutPsk(
  pending: readonly StoredProposal[],
  sources: readonly PskSource[],
  most: number,
): Promise<ReadonlySet<StoredProposal>> {
  const missing = new Set<StoredProposal>();
  let asked = 0;
  for (const entry of byRank(pending)) {
    if (entry.proposal.type !== "psk") continue;
    if (asked++ >= most || !(await hasPsk(entry.proposal.psk, sources))) missing.add(entry);
  }
  return missing;
}

function proposalsOf(options: CommitOptions, { epoch, settings }: GroupState): readonly Proposal[] {
  const { add = [], remove = [], psks = [], extensions, reinit, custom = [] } = options;
  const changes: PlainChange[] = [
    ...(extensions === undefined ? [] : [{ extensions }]),
    ...remove.map((removed) => ({ remove: removed })),
    ...add.map((keyPackage) => ({ add: keyPackage })),
    ...psks.map((psk) => ({ psk })),
    ...(reinit === undefined ? [] : [{ reinit }]),
    ...custom.map((choice) => ({ custom: choice })),
  ];
  return changes.map((change) => proposalOf(change, epoch.suite, settings));
}

async function groupInfoFor(
  next: Epoch,
  identity: Identity,
  wanted: CommitOptions["groupInfo"],
  { settings }: GroupState,
): Promise<Uint8Array | undefined> {
  if (wanted === undefined || wanted === false) return undefined;
  const contents = wanted === true ? {} : wanted;
  const groupInfo = await makeGroupInfo(next, identity, { externalPub: true, ...contents }, settings);
  return encodeSendable({ wireFormat: "mls_group_info", groupInfo }, settings);
}
