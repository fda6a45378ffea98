/**
 * Making a commit, and the epoch that it would begin. Nothing changes until the commit is applied. RFC 9420 sections
 * 12.4.1, 12.4.3.2.
 */

import { Secret } from "../bytes/secret.ts";
import { encodingOf } from "../codec/retained.ts";
import { checkEpochLeft } from "../rules/commit.ts";
import { checkEncryptionKeyChanged } from "../rules/leaf-node.ts";
import type { CommitPurpose } from "../rules/proposal.ts";
import type { ProposalList } from "../rules/proposal-list.ts";
import { requiresPath } from "../rules/commit.ts";
import {
  confirmationTag,
  deriveEpoch,
  deriveJoinerSecret,
  wipeEpochSecrets,
  zeroSecret,
} from "../schedule/key-schedule.ts";
import { confirmedTranscriptHash } from "../schedule/transcript.ts";
import type { PathStep } from "../tree/ratchet-tree.ts";
import { derivePath, encryptPath, wipePath, type FreshPath, type NodePrivateKey } from "../tree/treekem.ts";
import type { ProposalOrRef } from "../wire/commit.ts";
import type { AuthenticatedContent, FramedContent, FramingFormat, Sender } from "../wire/framing.ts";
import { GroupContext } from "../wire/group-context.ts";
import type { UpdatePath } from "../wire/update-path.ts";
import type { Welcome } from "../wire/welcome.ts";
import { applyProposals, newLeaves, type AppliedProposals } from "./apply-proposals.ts";
import {
  authenticateByValue,
  checkByValue,
  checkExternalList,
  commitEvent,
  nextPublicEpoch,
  provisionalContext,
} from "./commit-plan.ts";
import { beginEpoch, wipeEpoch, type Epoch, type PublicEpoch } from "./epoch.ts";
import type { CommitEvent } from "./events.ts";
import { makeGroupInfo, type GroupInfoContents } from "./group-info.ts";
import type { Identity } from "./identity.ts";
import { signLeaf, type LeafContents } from "./leaf.ts";
import { keysThatStay } from "./own-keys.ts";
import { signFramedContent } from "./protection.ts";
import { findPskSecret, type PskSource } from "./psks.ts";
import type { Settings } from "./settings.ts";
import {
  checkAppliedProposals,
  checkLeafAlone,
  checkLeafInTree,
  checkProposalList,
  checkSignatures,
} from "./validate.ts";
import { makeWelcome } from "./welcome.ts";

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

/** A path in the making: the tree holds it already, and the group has not been told its secrets. */
interface OwnPath {
  readonly steps: readonly PathStep[];
  readonly fresh: FreshPath;
  readonly leafPrivateKey: NodePrivateKey;
  readonly update: UpdatePath;
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
  else checkExternalList(epoch, list, sender, settings);
  await checkSignatures(suite, checkByValue(epoch, list, settings, purpose, "sending"));
  await authenticateByValue(epoch, list, settings);
  const applied = applyProposals({ tree: epoch.tree, extensions: epoch.context.extensions }, list, settings.registry);
  checkAppliedProposals(applied, settings);
  const leafIndex = sender.type === "member" ? sender.leafIndex : applied.tree.reserve();
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
  const { committer, settings, identity } = request;
  const { applied, leafIndex, path, sender } = parts;
  const { tree } = applied;
  const provisional = provisionalContext(epoch.context, applied);
  const content: FramedContent = {
    groupId: epoch.context.groupId,
    epoch: epoch.context.epoch,
    sender,
    authenticatedData: request.authenticatedData,
    content: { type: "commit", commit: { proposals: request.list.map(proposalOrRef), path: path?.update } },
  };
  const signingIdentity = committer.type === "member" ? committer.identity : identity;
  const signature = await signFramedContent(signingIdentity, request.wireFormat, content, epoch.context);
  const unconfirmed: AuthenticatedContent = { wireFormat: request.wireFormat, content, auth: { signature } };
  const confirmed = confirmedTranscriptHash(suite, epoch.interimTranscriptHash, unconfirmed);
  const groupContext = encodingOf(GroupContext, { ...provisional, confirmedTranscriptHash: confirmed });

  const pskSecret = await findPskSecret(suite, applied.psks, request.psks, "valn1205");
  const initSecret = committer.type === "member" ? committer.epoch.secrets.initSecret : committer.initSecret;
  const commitSecret = path?.fresh.commitSecret ?? zeroSecret("commit_secret", suite);
  const joinerSecret = deriveJoinerSecret(suite, { initSecret, commitSecret, groupContext });
  const { welcomeSecret, epochSecrets } = deriveEpoch(suite, { joinerSecret, pskSecret, groupContext });
  for (const secret of [pskSecret, commitSecret]) secret.wipe();
  try {
    const tag = confirmationTag(suite, epochSecrets.confirmationKey, confirmed);
    const authenticated: AuthenticatedContent = { ...unconfirmed, auth: { signature, confirmationTag: tag } };
    const publicNext = nextPublicEpoch(epoch, { tree, applied, provisional }, authenticated, tag);
    const keys =
      committer.type === "member"
        ? keysThatStay(committer.epoch.privateKeys, leafIndex, epoch.tree, tree)
        : new Map<number, NodePrivateKey>();
    if (path !== undefined) {
      keys.set(0, path.leafPrivateKey);
      for (const { level, privateKey } of path.fresh.nodes) keys.set(level, privateKey);
    }
    const next = beginEpoch({ ...publicNext, leafIndex, privateKeys: keys }, epochSecrets, settings.window);
    try {
      const welcome =
        applied.added.length === 0
          ? undefined
          : await makeWelcome(
              suite,
              {
                groupInfo: await makeGroupInfo(next, identity, request.groupInfo, settings),
                joinerSecret,
                welcomeSecret,
                psks: applied.psks,
                added: applied.added,
                path,
              },
              settings.random,
            );
      const plan = { applied, committer: leafIndex, external: sender.type !== "member", tree, provisional };
      const change = commitEvent(epoch.tree, { ...plan, hasPath: path !== undefined }, content);
      for (const { pathSecret } of path?.fresh.nodes ?? []) pathSecret.wipe();
      return { authenticated, next, welcome, change };
    } catch (error) {
      wipeEpoch(next, committer.type === "member" ? committer.epoch : undefined);
      throw error;
    }
  } catch (error) {
    wipeEpochSecrets(epochSecrets);
    throw error;
  } finally {
    joinerSecret.wipe();
    welcomeSecret.wipe();
  }
}

/** Fresh keys for the committer's leaf and path, merged into the tree and sealed to the group. RFC 9420 section 7.5 */
async function createPath(
  { suite, context }: PublicEpoch,
  { identity, leaf, settings, committer }: CommitRequest,
  applied: AppliedProposals,
  leafIndex: number,
): Promise<OwnPath> {
  const { tree, extensions } = applied;
  const { random } = settings;
  const steps = tree.filteredDirectPath(leafIndex);
  const leafSecret = random(suite.hashLength);
  const leafKeys = await suite.deriveKeyPair(leafSecret);
  leafSecret.fill(0);
  const fresh = await derivePath(suite, steps, Secret.of("path_secret", random(suite.hashLength)));
  const leafPrivateKey: NodePrivateKey = Secret.of("node_private_key", leafKeys.privateKey);
  try {
    const planned = tree.planPath(
      steps,
      fresh.nodes.map(({ publicKey }) => publicKey),
    );
    const leafNode = await signLeaf(
      identity,
      {
        ...leaf,
        encryptionKey: leafKeys.publicKey,
        leafNodeSource: { type: "commit", parentHash: planned.parentHash },
      },
      { groupId: context.groupId, leafIndex },
    );
    checkLeafAlone(suite, leafNode, "commit", settings);
    if (committer.type === "member") {
      const replaced = tree.leaf(leafIndex);
      if (replaced !== undefined) checkEncryptionKeyChanged(leafNode, replaced, "valn1208");
    }
    tree.mergePath(leafIndex, leafNode, planned);
    checkLeafInTree(leafNode, tree, extensions);
    const groupContext = encodingOf(GroupContext, provisionalContext(context, applied));
    const nodes = await encryptPath({ suite, path: steps, newLeaves: newLeaves(applied), groupContext }, fresh, random);
    return { steps, fresh, leafPrivateKey, update: { leafNode, nodes } };
  } catch (error) {
    wipePath(fresh);
    leafPrivateKey.wipe();
    throw error;
  }
}

function wipeOwnPath({ fresh, leafPrivateKey }: OwnPath): void {
  wipePath(fresh);
  leafPrivateKey.wipe();
}

function senderOf(committer: Committer): Sender {
  return committer.type === "member"
    ? { type: "member", leafIndex: committer.epoch.leafIndex }
    : { type: "new_member_commit" };
}

function proposalOrRef({ proposal, ref }: ProposalList[number]): ProposalOrRef {
  return ref === undefined ? { type: "proposal", proposal } : { type: "reference", reference: ref };
}
