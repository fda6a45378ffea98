/**
 * What a member makes of a message. Either everything changes or nothing does: a message that is refused, for whatever
 * reason and however late, leaves the group as it was. RFC 9420 sections 6, 12.1, 12.1.8, 12.4.2.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { decode, encode } from "../../codec/codec.ts";
import { makeProposalRef } from "../../crypto/labels.ts";
import type { Awaitable } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { checkEpoch, checkGroupId, checkIsHeld } from "../../rules/commit.ts";
import { checkNotReinitialized } from "../../rules/linking.ts";
import type { ProposalList } from "../../rules/proposal-list.ts";
import { askRules } from "../../rules/registry.ts";
import type { StagedKey } from "../../schedule/secret-tree.ts";
import type { Commit } from "../../wire/commit.ts";
import { AuthenticatedContent, type HandshakeContent, type Sender } from "../../wire/framing.ts";
import { MlsMessage } from "../../wire/message.ts";
import type { PrivateMessage } from "../../wire/private-message.ts";
import type { Proposal } from "../../wire/proposal.ts";
import type { PublicMessage } from "../../wire/public-message.ts";
import { openedContent } from "../../public-group/content.ts";
import { commitEvent, planCommit, type CommitPlan } from "../../public-group/plan.ts";
import { checkOwnRemoval, receiveCommit } from "./commit-receive.ts";
import { wipeEpoch } from "../held/epoch.ts";
import type { CommitEvent, GroupEvent, OwnEvent, RemovedEvent } from "../../public-group/events.ts";
import type { StateEvent } from "../../public-group/records/persist.ts";
import { checkPublicSignature, handshakeFor } from "../../public-group/gate.ts";
import { memberOf } from "../../public-group/member.ts";
import { messagesOf, type PendingCommit } from "../held/pending.ts";
import { checkMembership, unprotectPrivate, type OpeningEpoch } from "../protection.ts";
import { storedProposal } from "../../public-group/proposals/proposal-store.ts";
import type { Settings } from "../../public-group/options/settings.ts";
import { checkAlive, endGroup, enterEpoch, expire, pskSource, take, type GroupState } from "../state.ts";
import { checkProposal } from "../../public-group/validate.ts";
import { ownUpdateOf, type OwnUpdate } from "../held/own-updates.ts";

/** Receive an MLSMessage, whose bytes are the state's from now on. @throws CopseError; the state is then as it was. */
export async function receiveMessage(state: GroupState, bytes: Uint8Array): Promise<GroupEvent> {
  checkAlive(state);
  expire(state);
  const message = decode(MlsMessage, bytes, state.settings.reading);
  const own = await receiveOwn(state, bytes);
  if (own !== undefined) return own;
  switch (message.wireFormat) {
    case "mls_private_message":
      return receivePrivate(state, message.privateMessage);
    case "mls_public_message":
      return receivePublic(state, message.publicMessage);
    default:
      throw new CopseError("not-a-group-message");
  }
}

/** Apply our pending commit: it was chosen. RFC 9420 section 14 */
export function applyPending(state: GroupState, pending: PendingCommit, own?: GroupEvent): Awaitable<void> {
  const { next, identity, change, welcome } = pending;
  const event = (): StateEvent =>
    own === undefined
      ? { kind: "applied", change, ...(welcome !== undefined && { welcome: welcome.slice() }) }
      : { kind: "received", event: own };
  return enterEpoch(state, { next, identity, event });
}

/** A message of ours that came back. A pending commit is applied by it; one that was dropped can't be followed. */
async function receiveOwn(state: GroupState, bytes: Uint8Array): Promise<GroupEvent | undefined> {
  const current = state.epoch.context.epoch;
  const { pending } = state;
  if (pending !== undefined && bytesEqual(pending.message, bytes)) {
    const { welcome, groupInfo } = messagesOf(pending);
    const event: OwnEvent = {
      kind: "own",
      what: "commit",
      epoch: current,
      change: pending.change,
      ...(welcome !== undefined && { welcome }),
      ...(groupInfo !== undefined && { groupInfo }),
    };
    await applyPending(state, pending, event);
    return event;
  }
  const sent = state.sent.find(bytes);
  if (sent === undefined) return undefined;
  const { what, epoch } = sent;
  if (what === "commit" && epoch === current) {
    throw new CopseError("pending-stale", { detail: "this commit of ours was dropped" });
  }
  return received(state, { kind: "own", what, epoch });
}

/** What the application's store is told. */
function told(event: GroupEvent): () => StateEvent {
  return () => ({ kind: "received", event });
}

/** Tell the application's store of an event that changes nothing, but belongs to what it stores. */
async function received(state: GroupState, event: GroupEvent): Promise<GroupEvent> {
  await take(state, { event: told(event) });
  return event;
}

async function receivePrivate(state: GroupState, message: PrivateMessage): Promise<GroupEvent> {
  const { epoch, settings } = state;
  checkGroupId(message, epoch.context);
  if (message.epoch > epoch.context.epoch) return { kind: "later", epoch: message.epoch };
  if (message.contentType !== "application") {
    if (settings.acceptHandshake === "public") throw new CopseError("handshake-policy");
    checkEpoch(message, epoch.context, message.contentType === "commit" ? "valn1201" : "valn1307");
  }
  const opening = openingEpoch(state, message.epoch);
  askRules(settings.registry, "checkAuthenticatedData", message.authenticatedData, opening.context.extensions);
  const { authenticated, key, leafIndex, leaf, generation } = await unprotectPrivate(opening, message, settings);
  try {
    const { content } = authenticated.content;
    if (content.type === "application") {
      const event: GroupEvent = {
        kind: "message",
        sender: memberOf(leafIndex, leaf),
        epoch: message.epoch,
        generation,
        ...openedContent(content.applicationData, opening.context, settings.registry),
        authenticatedData: message.authenticatedData.slice(),
      };
      const taken = take(state, { key, keyEpoch: message.epoch, event: told(event) });
      if (taken !== undefined) await taken;
      return event;
    }
    return await receiveHandshake(state, authenticated, content, key);
  } finally {
    key.discard();
  }
}

async function receivePublic(state: GroupState, message: PublicMessage): Promise<GroupEvent> {
  const { epoch, settings } = state;
  const { content, auth } = message;
  const handshake = handshakeFor(content, epoch.context, settings);
  if ("kind" in handshake) return handshake;
  const authenticated: AuthenticatedContent = { wireFormat: "mls_public_message", content, auth };
  if (content.sender.type === "member") checkMembership(epoch, message);
  await checkPublicSignature(epoch, authenticated, settings);
  return receiveHandshake(state, authenticated, handshake);
}

async function receiveHandshake(
  state: GroupState,
  authenticated: AuthenticatedContent,
  content: HandshakeContent,
  key?: StagedKey,
): Promise<GroupEvent> {
  checkNotReinitialized(state.epoch);
  if (content.type === "proposal") return receiveProposal(state, authenticated, content.proposal, key);
  return receiveCommitMessage(state, authenticated, content.commit, key);
}

/** "the Proposal should be cached in such a way that it can be retrieved by hash" (section 12.1). */
async function receiveProposal(
  state: GroupState,
  authenticated: AuthenticatedContent,
  proposal: Proposal,
  key: StagedKey | undefined,
): Promise<GroupEvent> {
  const { epoch, settings, proposals } = state;
  const { sender, authenticatedData } = authenticated.content;
  const encoded = encode(AuthenticatedContent, authenticated);
  const ref = makeProposalRef(epoch.suite, encoded);
  if (!proposals.has(ref)) {
    if (sender.type === "member" && sender.leafIndex === epoch.leafIndex) throw new CopseError("own-message-unknown");
    proposals.checkRoom(sender, encoded.length);
    const { wireFormat } = authenticated;
    await checkProposal(proposal, sender, { epoch, settings, purpose: "ordinary", direction: "receiving", wireFormat });
  }
  const stored = proposals.find(ref) ?? storedProposal(encoded, ref, settings.reading);
  const event: GroupEvent = {
    kind: "proposal",
    sender,
    proposal: stored.proposal,
    ref: ref.slice(),
    authenticatedData: authenticatedData.slice(),
  };
  const change = { proposals: proposals.with(stored) };
  await take(state, { change, key, event: told(event) });
  return event;
}

async function receiveCommitMessage(
  state: GroupState,
  authenticated: AuthenticatedContent,
  commit: Commit,
  key: StagedKey | undefined,
): Promise<CommitEvent | RemovedEvent> {
  const { epoch, settings, proposals, withdrawn } = state;
  const { sender } = authenticated.content;
  // Whoever has not heard that this member takes its leave back may commit it, and the others follow.
  const list = (withdrawn ? proposals.with(withdrawn) : proposals).resolve(commit, sender);
  if (sender.type === "member" && sender.leafIndex === epoch.leafIndex) throw new CopseError("own-message-unknown");
  const plan = await planCommit(epoch, { commit, list, sender }, settings);
  const change = commitEvent(epoch.tree, { ...plan, hasPath: plan.path !== undefined }, authenticated.content);
  if (plan.applied.removed.some(([leafIndex]) => leafIndex === epoch.leafIndex)) {
    await checkOwnRemoval(epoch, plan, authenticated);
    await reviewCommit(settings, change);
    const proposedBy = proposerOf(list, epoch.leafIndex);
    const removal: RemovedEvent = { kind: "removed", by: sender, proposedBy, epoch: change.epoch, change };
    await endGroup(state, removal, key);
    return removal;
  }
  const ownUpdate = findOwnUpdate(state, plan, list);
  const next = await receiveCommit(epoch, plan, authenticated, pskSource(state), ownUpdate);
  try {
    await reviewCommit(settings, change);
    await enterEpoch(state, { next, ownUpdate, key, event: told(change) });
    return change;
  } catch (error) {
    wipeEpoch(next, epoch);
    throw error;
  }
}

/** The application's review of a commit, ours or another's. @throws CopseError "commit-refused" */
async function reviewCommit({ review }: Settings, change: CommitEvent): Promise<void> {
  if (review !== undefined && !(await review(change))) throw new CopseError("commit-refused");
}

/** Who proposed to remove a member: where nobody sent a Remove, it has asked to leave by a custom proposal. */
function proposerOf(list: ProposalList, leafIndex: number): Sender {
  const remove = list.find(({ proposal }) => proposal.type === "remove" && proposal.removed === leafIndex);
  return remove === undefined ? { type: "member", leafIndex } : remove.sender;
}

/** Our own Update among the committed proposals: its leaf is ours now. */
function findOwnUpdate(
  { epoch, ownUpdates }: GroupState,
  { applied }: CommitPlan,
  list: ProposalList,
): OwnUpdate | undefined {
  if (!applied.updated.some(({ leafIndex }) => leafIndex === epoch.leafIndex)) return undefined;
  const entry = list.find(
    ({ proposal, sender }) =>
      proposal.type === "update" && sender.type === "member" && sender.leafIndex === epoch.leafIndex,
  );
  const own = entry?.ref && ownUpdateOf(ownUpdates, entry.ref);
  if (own === undefined) throw new CopseError("own-message-unknown");
  return own;
}

/** The current epoch, or a past one whose keys are still there. */
function openingEpoch({ epoch, past }: GroupState, number: bigint): OpeningEpoch {
  if (number === epoch.context.epoch) {
    const { context, tree, secretTree, secrets } = epoch;
    return { context, tree, secretTree, senderDataSecret: secrets.senderDataSecret };
  }
  const kept = past.find(({ context }) => context.epoch === number);
  checkIsHeld(kept, number);
  return kept;
}
