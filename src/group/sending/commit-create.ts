/**
 * Making a commit, and the epoch that it would begin. Nothing changes until the commit is applied. RFC 9420 sections
 * 12.4.1, 12.4.3.2.
 */

import type { CipherSuite } from "../../crypto/provider.ts";
import type { Secret } from "../../bytes/secret.ts";
import { encodingOf } from "../../codec/retained.ts";
import { checkEpochLeft } from "../../rules/commit.ts";
import type { CommitPurpose } from "../../rules/proposal.ts";
import type { ProposalList } from "../../rules/proposal-list.ts";
import { requiresPath } from "../../rules/commit.ts";
import { checkSignatures } from "../../rules/signatures.ts";
import {
  confirmationTag,
  deriveEpoch,
  deriveJoinerSecret,
  wipeEpochSecrets,
  zeroSecret,
} from "../../schedule/key-schedule.ts";
import { confirmedTranscriptHash } from "../../schedule/transcript.ts";
import type { NodePrivateKey } from "../../tree/treekem.ts";
import type { ProposalOrRef } from "../../wire/commit.ts";
import type { AuthenticatedContent, FramedContent, FramingFormat, Sender } from "../../wire/framing.ts";
import { GroupContext } from "../../wire/group-context.ts";
import type { Welcome } from "../../wire/welcome.ts";
import { applyProposals, type AppliedProposals } from "../../public-group/proposals/apply-proposals.ts";
import {
  authenticateByValue,
  signaturesLeftByValue,
  checkExternalList,
  commitEvent,
  nextPublicEpoch,
  provisionalContext,
} from "../../public-group/plan.ts";
import { beginEpoch, wipeEpoch, type Epoch } from "../held/epoch.ts";
import type { CommitEvent } from "../../public-group/events.ts";
import { makeGroupInfo, type GroupInfoContents } from "./make-group-info.ts";
import type { Identity } from "../../public-group/identity.ts";
import type { LeafContents } from "../../public-group/leaf.ts";
import { createPath, wipeOwnPath, type OwnPath } from "./own-path.ts";
import { keysThatStay } from "../held/own-keys.ts";
import { signFramedContent } from "../../public-group/sign.ts";
import { findPskSecret, type PskSource } from "../held/psks.ts";
import type { Settings } from "../../public-group/options/settings.ts";
import { checkAppliedProposals, checkProposalList, checkSentAdds, checkTreeSize } from "../../public-group/validate.ts";
import { makeWelcome, type WelcomeContents } from "./make-welcome.ts";
import type { PublicEpoch } from "../../public-group/epoch.ts";

/** Who commits: a member with its epoch, or a joiner with the init secret that it sends. */
export type Committer =
  | { readonly type: "member"; readonly epoch: Epoch; readonly identity: Identity }
  | { readonly type: "new_member_commit"; readonly initSecret: Secret<"init_secret"> };

/** What to commit, and how. */
export interface CommitRequest {
  readonly list: ProposalList;
  readonly committer: Committer;
  /** The identity that the new leaf presents. */
  readonly identity: Identity;
  /** Capabilities and extensions of the new leaf. */
  readonly leaf: LeafContents;
  /** Whether there is a path even where none is required. */
  readonly path: boolean;
  readonly wireFormat: FramingFormat;
  readonly authenticatedData: Uint8Array;
  readonly groupInfo: GroupInfoContents;
  readonly purpose: CommitPurpose;
  readonly psks: readonly PskSource[];
  readonly settings: Settings;
}

/** A commit that is ready to be sent, and the epoch behind it. */
export interface CreatedCommit {
  readonly authenticated: AuthenticatedContent;
  readonly next: Epoch;
  readonly welcome: Welcome | undefined;
  readonly change: CommitEvent;
}

/**
 * Make a commit of a list. RFC 9420 section 12.4.1
 *
 * @throws CopseError of the rule that the list breaks, or "psk-not-found".
 */
export async function createCommit(epoch: PublicEpoch, request: CommitRequest): Promise<CreatedCommit> {
  const { list, committer, settings, purpose } = request;
  const { suite } = epoch;
  checkEpochLeft(epoch.context);
  const sender = senderOf(committer);
  if (sender.type === "member") checkProposalList(list, sender.leafIndex, epoch.tree, settings.registry);
  else checkExternalList(epoch, list, settings);
  const signatures = signaturesLeftByValue(epoch, list, settings, purpose, "sending");
  checkSentAdds(list, settings);
  await checkSignatures(suite, signatures);
  await authenticateByValue(epoch, list, settings);
  const applied = applyProposals({ tree: epoch.tree, extensions: epoch.context.extensions }, list, settings.registry);
  checkAppliedProposals(applied, settings);
  const leafIndex = sender.type === "member" ? sender.leafIndex : applied.tree.reserve();
  if (sender.type !== "member") checkTreeSize(leafIndex, settings);
  const hasPath =
    request.path || list.length === 0 || list.some(({ proposal }) => requiresPath(proposal, settings.registry));
  const path = hasPath ? await createPath(epoch, request, applied, leafIndex) : undefined;
  try {
    return await finishCommit(epoch, request, { applied, leafIndex, path, sender });
  } catch (error) {
    if (path !== undefined) wipeOwnPath(path);
    throw error;
  }
}

interface CommitParts {
  readonly applied: AppliedProposals;
  readonly leafIndex: number;
  readonly path: OwnPath | undefined;
  readonly sender: Sender;
}

/** From the path to the epoch behind it: sign, derive, confirm, welcome. */
async function finishCommit(epoch: PublicEpoch, request: CommitRequest, parts: CommitParts): Promise<CreatedCommit> {
  const { suite } = epoch;
  const { committer, settings } = request;
  const { applied, path, leafIndex, sender } = parts;
  const { tree } = applied;
  const provisional = provisionalContext(epoch.context, applied);
  const unconfirmed = await signCommit(epoch, request, parts);
  const confirmed = confirmedTranscriptHash(suite, epoch.interimTranscriptHash, unconfirmed);
  const groupContext = encodingOf(GroupContext, { ...provisional, confirmedTranscriptHash: confirmed });
  const { joinerSecret, welcomeSecret, epochSecrets } = await deriveNext(suite, request, parts, groupContext);
  let next: Epoch | undefined;
  try {
    const tag = confirmationTag(suite, epochSecrets.confirmationKey, confirmed);
    const auth = { signature: unconfirmed.auth.signature, confirmationTag: tag };
    const authenticated: AuthenticatedContent = { ...unconfirmed, auth };
    const publicNext = nextPublicEpoch(epoch, { tree, applied, provisional }, authenticated, tag);
    const privateKeys = ownKeys(epoch, committer, parts);
    next = beginEpoch({ ...publicNext, leafIndex, privateKeys }, epochSecrets, settings.window);
    const welcome = await welcomeFor(next, request, parts, { joinerSecret, welcomeSecret });
    const plan = { applied, committer: leafIndex, external: sender.type !== "member", tree, provisional };
    const change = commitEvent(epoch.tree, { ...plan, hasPath: path !== undefined }, unconfirmed.content);
    for (const { pathSecret } of path?.fresh.nodes ?? []) pathSecret.wipe();
    return { authenticated, next, welcome, change };
  } catch (error) {
    if (next === undefined) wipeEpochSecrets(epochSecrets);
    else wipeEpoch(next, committer.type === "member" ? committer.epoch : undefined);
    throw error;
  } finally {
    joinerSecret.wipe();
    welcomeSecret.wipe();
  }
}

/** "Sign the FramedContent using the old GroupContext as context", with the key that the old tree holds. */
async function signCommit(
  { context }: PublicEpoch,
  { list, committer, identity, wireFormat, authenticatedData }: CommitRequest,
  { path, sender }: CommitParts,
): Promise<AuthenticatedContent> {
  const content: FramedContent = {
    groupId: context.groupId,
    epoch: context.epoch,
    sender,
    authenticatedData,
    content: { type: "commit", commit: { proposals: list.map(proposalOrRef), path: path?.update } },
  };
  const signing = committer.type === "member" ? committer.identity : identity;
  const signature = await signFramedContent(signing, wireFormat, content, context);
  return { wireFormat, content, auth: { signature } };
}

/** The key schedule's step to the new epoch. */
async function deriveNext(
  suite: CipherSuite,
  { committer, psks }: CommitRequest,
  { applied, path }: CommitParts,
  groupContext: Uint8Array,
): Promise<ReturnType<typeof deriveEpoch> & { readonly joinerSecret: Secret<"joiner_secret"> }> {
  const pskSecret = await findPskSecret(suite, applied.psks, psks, "valn1205");
  const initSecret = committer.type === "member" ? committer.epoch.secrets.initSecret : committer.initSecret;
  const commitSecret = path?.fresh.commitSecret ?? zeroSecret("commit_secret", suite);
  try {
    const joinerSecret = deriveJoinerSecret(suite, { initSecret, commitSecret, groupContext });
    return { ...deriveEpoch(suite, { joinerSecret, pskSecret, groupContext }), joinerSecret };
  } finally {
    pskSecret.wipe();
    commitSecret.wipe();
  }
}

/** Our private keys in the new epoch: those that stay, and those of the path. */
function ownKeys(
  epoch: PublicEpoch,
  committer: Committer,
  { applied, leafIndex, path }: CommitParts,
): Map<number, NodePrivateKey> {
  const keys =
    committer.type === "member"
      ? keysThatStay(committer.epoch.privateKeys, leafIndex, epoch.tree, applied.tree)
      : new Map<number, NodePrivateKey>();
  if (path === undefined) return keys;
  keys.set(0, path.leafPrivateKey);
  for (const { level, privateKey } of path.fresh.nodes) keys.set(level, privateKey);
  return keys;
}

async function welcomeFor(
  next: Epoch,
  { identity, groupInfo, settings }: CommitRequest,
  { applied: { added, psks }, path }: CommitParts,
  secrets: Pick<WelcomeContents, "joinerSecret" | "welcomeSecret">,
): Promise<Welcome | undefined> {
  if (added.length === 0) return undefined;
  const signed = await makeGroupInfo(next, identity, groupInfo, settings);
  return makeWelcome(next.suite, { ...secrets, groupInfo: signed, psks, added, path }, settings.random);
}

function senderOf(committer: Committer): Sender {
  return committer.type === "member"
    ? { type: "member", leafIndex: committer.epoch.leafIndex }
    : { type: "new_member_commit" };
}

function proposalOrRef({ proposal, ref }: ProposalList[number]): ProposalOrRef {
  return ref === undefined ? { type: "proposal", proposal } : { type: "reference", reference: ref };
}
