/**
 * The public half of processing a commit: all that can be checked and computed without a secret. Members, new members and
 * observers share it. RFC 9420 sections 12.2, 12.3, 12.4.2, 12.4.3.2.
 */

import { atLeaf } from "../rules/at-leaf.ts";
import {
  checkEpochLeft,
  checkLeafParentHash,
  checkPathCiphertexts,
  checkPathKeysNew,
  checkPathKeysValid,
  checkPathLength,
  checkPathPresent,
} from "../rules/commit.ts";
import {
  checkAtMostOneRemove,
  checkExternalCommitTypes,
  externalPathOf,
  checkNoReferences,
  checkOneExternalInit,
} from "../rules/external-commit.ts";
import { senderLeafOf } from "../rules/framing.ts";
import { checkEncryptionKeyChanged, leafSignature } from "../rules/leaf-node.ts";
import type { CommitPurpose } from "../rules/proposal.ts";
import {
  checkNoDuplicatePsks,
  checkOneChangePerLeaf,
  checkProposalSupport,
  type ProposalList,
} from "../rules/proposal-list.ts";
import { checkSignatures, type SignatureCheck } from "../rules/signatures.ts";
import { confirmedTranscriptHash, interimTranscriptHash } from "../schedule/transcript.ts";
import { detached } from "../tree/detached.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import type { PathStep, RatchetTree } from "../tree/ratchet-tree.ts";
import type { NewLeaves } from "../tree/resolution.ts";
import type { Commit } from "../wire/commit.ts";
import type { AuthenticatedContent, FramedContent, Sender } from "../wire/framing.ts";
import type { GroupContext } from "../wire/group-context.ts";
import { LeafNode } from "../wire/leaf-node.ts";
import type { UpdatePath } from "../wire/update-path.ts";
import { applyProposals, newLeaves, type AppliedProposals } from "./proposals/apply-proposals.ts";

import type { CommitEvent, UpdatedMember } from "./events.ts";
import { memberOf } from "./member.ts";
import type { Settings } from "./options/settings.ts";
import {
  authenticate,
  authenticateProposal,
  authenticateSuccessor,
  candidateOf,
  checkAppliedProposals,
  checkLeafAlone,
  checkLeafInTree,
  checkProposalList,
  signaturesLeftOf,
  checkTreeSize,
  type Direction,
} from "./validate.ts";
import type { PublicEpoch } from "./epoch.ts";

/** An UpdatePath in the tree that it was merged into. */
export interface PlannedUpdate {
  readonly update: UpdatePath;
  readonly steps: readonly PathStep[];
  readonly newLeaves: NewLeaves;
}

/** A commit that has passed every check that needs no secret. */
export interface CommitPlan {
  readonly applied: AppliedProposals;
  /** The committer's leaf in the new tree. */
  readonly committer: number;
  readonly external: boolean;
  readonly path: PlannedUpdate | undefined;
  /** The new tree: a fork, which nobody holds on to if the commit is refused. */
  readonly tree: RatchetTree;
  /** New epoch, tree hash and extensions, old confirmed transcript hash (section 12.4.1). */
  readonly provisional: GroupContext;
}

/** A commit, its proposals resolved. */
export interface CommitInput {
  readonly commit: Commit;
  readonly list: ProposalList;
  readonly sender: Sender;
  /** What the commit is part of. Received ones are ordinary. */
  readonly purpose?: CommitPurpose;
  /** Whether its path has the ciphertexts, which are for others: one of ours comes out of a store without. Default true. */
  readonly hasCiphertexts?: boolean;
}

/** Check a commit that was received against everything public. RFC 9420 section 12.4.2 */
export async function planCommit(
  epoch: PublicEpoch,
  { commit, list, sender, purpose = "ordinary", hasCiphertexts = true }: CommitInput,
  settings: Settings,
): Promise<CommitPlan> {
  const external = sender.type !== "member";
  checkEpochLeft(epoch.context);
  if (external) checkExternalList(epoch, list, settings);
  else checkProposalList(list, sender.leafIndex, epoch.tree, settings.registry);
  const signatures = signaturesLeftByValue(epoch, list, settings, purpose, "receiving");
  const applied = applyProposals({ tree: epoch.tree, extensions: epoch.context.extensions }, list, settings.registry);
  checkPathPresent(list, commit.path, settings.registry);
  checkAppliedProposals(applied, settings);
  const { tree } = applied;
  const committer = external ? tree.reserve() : sender.leafIndex;
  if (external) checkTreeSize(committer, settings);
  const update = external ? externalPathOf(commit) : commit.path;
  const path = update && mergeUpdatePath(epoch, applied, update, committer, { settings, hasCiphertexts });
  if (path !== undefined) {
    const { groupId } = epoch.context;
    signatures.push(leafSignature(path.update.leafNode, { groupId, leafIndex: committer }));
  }
  await checkSignatures(epoch.suite, signatures);
  await authenticateByValue(epoch, list, settings);
  if (update !== undefined) await authenticateCommitter(epoch, list, update.leafNode, sender, settings);
  const provisional = provisionalContext(epoch.context, applied);
  return { applied, committer, external, path, tree, provisional };
}

/** The group context after the proposals and the path. RFC 9420 section 12.4.1 */
export function provisionalContext(context: GroupContext, { tree, extensions }: AppliedProposals): GroupContext {
  return { ...context, epoch: context.epoch + 1n, treeHash: tree.hash(), extensions };
}

/** What is public of the epoch that a commit begins. RFC 9420 sections 8.1, 8.2 */
export function nextPublicEpoch(
  epoch: PublicEpoch,
  plan: Pick<CommitPlan, "tree" | "applied" | "provisional">,
  authenticated: AuthenticatedContent,
  tag: Uint8Array,
): PublicEpoch {
  const { suite, interimTranscriptHash: before } = epoch;
  return publicEpochOf(suite, plan, confirmedTranscriptHash(suite, before, authenticated), tag);
}

/** The same where the transcript is known by its hash. */
export function publicEpochOf(
  suite: CipherSuite,
  { tree, applied, provisional }: Pick<CommitPlan, "tree" | "applied" | "provisional">,
  confirmed: Uint8Array,
  tag: Uint8Array,
): PublicEpoch {
  return {
    suite,
    tree,
    context: { ...provisional, confirmedTranscriptHash: confirmed },
    interimTranscriptHash: interimTranscriptHash(suite, confirmed, tag),
    confirmationTag: tag.slice(),
    reinit: applied.reinit,
  };
}

/** What a commit changes, for the application. */
export function commitEvent(
  before: RatchetTree,
  plan: Pick<CommitPlan, "applied" | "committer" | "external" | "tree" | "provisional"> & { readonly hasPath: boolean },
  { authenticatedData }: Pick<FramedContent, "authenticatedData">,
): CommitEvent {
  const { applied, committer, external, tree, provisional, hasPath } = plan;
  const self = memberOf(committer, senderLeafOf(tree, committer));
  const updated = applied.updated.map((update): UpdatedMember => {
    const { leafIndex } = update;
    return { before: memberOf(leafIndex, update.before), after: memberOf(leafIndex, update.after) };
  });
  // Nobody commits an Update of its own: its leaf changes by the path alone (section 12.2).
  if (hasPath && !external) {
    updated.push({ before: memberOf(committer, senderLeafOf(before, committer)), after: self });
  }
  const left = new Set(applied.left);
  const removed = applied.removed.map(([leafIndex, old]) => memberOf(leafIndex, old));
  const added = applied.added.map(({ leafIndex, keyPackage }) => memberOf(leafIndex, keyPackage.leafNode));
  return {
    kind: "commit",
    committer: self,
    external,
    epoch: provisional.epoch,
    added: external ? [...added, self] : added,
    removed,
    left: removed.filter(({ leafIndex }) => left.has(leafIndex)),
    proposers: external ? joinedBy(applied.proposers) : applied.proposers,
    updated,
    psks: applied.psks,
    contextChanged: applied.extensions !== applied.before,
    contextExtensions: { before: applied.before, after: applied.extensions },
    reinit: applied.reinit,
    custom: applied.custom,
    authenticatedData: authenticatedData.slice(),
  };
}

/** Whoever joins by a commit of its own is the last of those who were added. */
function joinedBy(proposers: CommitEvent["proposers"]): CommitEvent["proposers"] {
  return { ...proposers, added: [...proposers.added, { type: "new_member_commit" }] };
}

/** The list of an external commit. RFC 9420 sections 12.2, 12.4.3.2 */
export function checkExternalList({ tree }: PublicEpoch, list: ProposalList, { registry }: Settings): void {
  checkOneExternalInit(list);
  checkAtMostOneRemove(list);
  checkExternalCommitTypes(list, registry);
  checkNoReferences(list, registry);
  checkOneChangePerLeaf(list, registry);
  checkNoDuplicatePsks(list);
  checkProposalSupport(list, tree, registry);
}

/**
 * The signatures that are left to verify of the proposals by value, in which all else is right. Those by reference were
 * checked when they arrived. valn0301
 */
export function signaturesLeftByValue(
  epoch: PublicEpoch,
  list: ProposalList,
  settings: Settings,
  purpose: CommitPurpose,
  direction: Direction,
): SignatureCheck[] {
  return list
    .filter(({ ref }) => ref === undefined)
    .flatMap(({ proposal, sender }) => signaturesLeftOf(proposal, sender, { epoch, settings, purpose, direction }));
}

/** Ask the application about the credentials of proposals by value. RFC 9420 section 5.3.1 */
export async function authenticateByValue(epoch: PublicEpoch, list: ProposalList, settings: Settings): Promise<void> {
  for (const { proposal, sender, ref } of list) {
    if (ref === undefined) await authenticateProposal(proposal, sender, epoch, settings);
  }
}

/** Check an UpdatePath and merge it into the tree. RFC 9420 sections 7.5, 12.4.2 */
function mergeUpdatePath(
  { suite }: PublicEpoch,
  applied: AppliedProposals,
  update: UpdatePath,
  committer: number,
  { settings, hasCiphertexts }: { readonly settings: Settings; readonly hasCiphertexts: boolean },
): PlannedUpdate {
  const { tree, extensions } = applied;
  const leaf = detached(LeafNode, update.leafNode);
  atLeaf(committer, () => {
    checkLeafAlone(suite, leaf, "commit", settings);
    for (const replaced of replacedLeaves(applied, committer)) checkEncryptionKeyChanged(leaf, replaced, "valn1208");
  });
  checkPathKeysValid(update, suite);
  checkPathKeysNew(update, tree);
  const steps = tree.filteredDirectPath(committer);
  const added = newLeaves(applied);
  checkPathLength(update, steps);
  if (hasCiphertexts) checkPathCiphertexts(update, steps, added);
  const keys = update.nodes.map(({ encryptionKey }) => encryptionKey.slice());
  const planned = tree.planPath(steps, keys);
  checkLeafParentHash(leaf, planned);
  tree.mergePath(committer, leaf, planned);
  atLeaf(committer, () => {
    checkLeafInTree(leaf, tree, extensions, settings);
  });
  return { update, steps, newLeaves: added };
}

/** The committer's leaf before the commit, or that of the member that a new one replaces (section 12.2, resync). */
function replacedLeaves({ tree, removed }: AppliedProposals, committer: number): readonly LeafNode[] {
  const current = tree.leaf(committer);
  return current === undefined ? removed.map(([, leaf]) => leaf) : [current];
}

async function authenticateCommitter(
  { context, tree }: PublicEpoch,
  list: ProposalList,
  leaf: LeafNode,
  sender: Sender,
  settings: Settings,
): Promise<void> {
  const { groupId } = context;
  const previous = sender.type === "member" ? tree.leaf(sender.leafIndex) : undefined;
  if (previous !== undefined) {
    await authenticateSuccessor(settings, previous, leaf, groupId, "commit");
    return;
  }
  // Not whoever asked to leave: a custom proposal may remove others.
  const old = list.map(({ proposal }) => proposal).find((proposal) => proposal.type === "remove");
  const replaced = old && tree.leaf(old.removed)?.credential;
  const candidate = candidateOf(leaf, groupId, "commit");
  await authenticate(settings, replaced === undefined ? candidate : { ...candidate, previous: replaced });
}
