/**
 * Putting the rules together: what is checked of a leaf, a key package, a proposal and a list, and when. RFC 9420
 * sections 7.3, 10.1, 12.1, 12.2.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { isThenable } from "../bytes/decision.ts";
import { hex } from "../bytes/text.ts";
import { encode } from "../codec/codec.ts";
import type { Awaitable, CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import { atLeaf } from "../rules/at-leaf.ts";
import { checkExternalSenderType } from "../rules/external-commit.ts";
import {
  checkExtensions,
  checkExternalSenderKey,
  checkGroupContextExtensions,
  checkLeafSupportsGroupExtensions,
  externalSenders,
  requiredCapabilities,
} from "../rules/extensions.ts";
import { senderLeafOf } from "../rules/framing.ts";
import { checkInitKey, checkKeyPackageSuite, keyPackageSignature } from "../rules/key-package.ts";
import {
  checkAccepted,
  checkCredentialListed,
  checkCredentialSupport,
  checkEncryptionKeyChanged,
  checkExtensionsListed,
  checkLeafKeys,
  checkLeafSource,
  checkLifetime,
  checkRequiredCapabilities,
  checkTotalLifetime,
  checkUniqueClient,
  checkUniqueEncryptionKey,
  checkUniqueSignatureKey,
  checkVersionAndSuite,
  leafSignature,
} from "../rules/leaf-node.ts";
import {
  checkCustomProposal,
  checkPreSharedKey,
  checkReInit,
  checkRemove,
  checkRequiredCapabilitiesSupported,
  updateSenderOf,
  type CommitPurpose,
} from "../rules/proposal.ts";
import {
  checkCommitterStays,
  checkNoDuplicateAdds,
  checkNoDuplicatePsks,
  checkNoExternalInit,
  checkNoOwnUpdate,
  checkOneChangePerLeaf,
  checkOneGroupContextExtensions,
  checkProposalSupport,
  checkReInitAlone,
  type ProposalList,
} from "../rules/proposal-list.ts";
import { checkSignatures, type SignatureCheck } from "../rules/signatures.ts";
import { checkX509Key } from "../rules/x509.ts";
import { askRules } from "../rules/registry.ts";
import type { RatchetTree, TreeCounts } from "../tree/ratchet-tree.ts";
import { Credential } from "../wire/credential.ts";
import type { Extension, ExternalSender } from "../wire/extension.ts";
import type { FramingFormat, Sender } from "../wire/framing.ts";
import type { KeyPackage } from "../wire/key-package.ts";
import type { LeafNode, LeafNodeSource } from "../wire/leaf-node.ts";
import type { Proposal } from "../wire/proposal.ts";
import type { AppliedProposals } from "./proposals/apply-proposals.ts";

import type { Candidate, Settings } from "./options/settings.ts";
import type { PublicEpoch } from "./epoch.ts";

/** Whether a leaf is being sent by us or received from others. RFC 9420 section 7.3 */
export type Direction = "sending" | "receiving";

/** What a leaf node must be by itself, whatever tree it enters. RFC 9420 section 7.3 */
export function checkLeafAlone(
  suite: CipherSuite,
  leaf: LeafNode,
  source: LeafNodeSource["type"],
  settings: Pick<Settings, "registry" | "lifetime" | "acceptUnlistedSuite">,
): void {
  checkLeafSource(leaf, source);
  checkLeafIntrinsics(suite, leaf, settings);
}

/** As `checkLeafAlone`, for a leaf that is already in a tree. */
export function checkLeafIntrinsics(
  suite: CipherSuite,
  leaf: LeafNode,
  settings: Pick<Settings, "registry" | "lifetime" | "acceptUnlistedSuite">,
): void {
  checkLeafKeys(suite, leaf);
  checkX509Key(leaf, suite);
  checkVersionAndSuite(leaf, suite, settings);
  checkCredentialListed(leaf);
  checkExtensions(leaf.extensions, "leaf_node", settings.registry);
  checkExtensionsListed(leaf);
  checkTotalLifetime(leaf, settings.lifetime);
  askRules(settings.registry, "checkLeaf", leaf);
}

/** What a leaf node must be among the others. The tree is the new one and holds it. RFC 9420 section 7.3 */
export function checkLeafInTree(
  leaf: LeafNode,
  tree: TreeCounts,
  extensions: readonly Extension[],
  { registry }: Pick<Settings, "registry">,
): void {
  checkUniqueSignatureKey(leaf, tree);
  checkUniqueEncryptionKey(leaf, tree);
  checkUniqueClient(leaf, tree);
  checkRequiredCapabilities(leaf, requiredCapabilities(extensions));
  checkLeafSupportsGroupExtensions(leaf, extensions);
  checkCredentialSupport(leaf, tree);
  askRules(registry, "checkLeaf", leaf, extensions);
}

/** What a key package must be, its signatures aside. RFC 9420 section 10.1, valn0202 */
function checkKeyPackage(suite: CipherSuite, keyPackage: KeyPackage, settings: Settings, direction: Direction): void {
  checkKeyPackageSuite(keyPackage, suite);
  checkInitKey(keyPackage, suite);
  checkExtensions(keyPackage.extensions, "key_package", settings.registry);
  checkLeafAlone(suite, keyPackage.leafNode, "key_package", settings);
  if (direction === "sending") checkSentLifetime(keyPackage, settings);
  else if (settings.lifetime.checkAdds) {
    checkLifetime(keyPackage.leafNode, settings.clock() / 1000, settings.lifetime, "valn0106");
  }
}

/**
 * Section 7.3: "When validating a LeafNode in a message being sent, the client MUST verify that the current time is within
 * the range of the lifetime field." There is no skew on this side: others have theirs for our clock. valn0105
 */
export function checkSentLifetime({ leafNode }: KeyPackage, { clock }: Pick<Settings, "clock">): void {
  checkLifetime(leafNode, clock() / 1000, { clockSkew: 0 }, "valn0105");
}

/** The Adds that a commit of ours refers to: they were in time when they came, perhaps by others' clocks. valn0105 */
export function checkSentAdds(list: ProposalList, settings: Pick<Settings, "clock">): void {
  for (const { proposal } of list) if (proposal.type === "add") checkSentLifetime(proposal.keyPackage, settings);
}

/** Ask the application whether a credential may enter: at once where it answers at once. RFC 9420 section 5.3.1, valn0101 */
export function authenticate({ authentication }: Settings, candidate: Candidate, leafIndex?: number): Awaitable<void> {
  const isSuccessor = candidate.previous !== undefined;
  const answer = authentication.validate(candidate);
  if (!isThenable(answer)) {
    checkAccepted(answer, isSuccessor, leafIndex);
    return;
  }
  return answer.then((isAccepted) => {
    checkAccepted(isAccepted, isSuccessor, leafIndex);
  });
}

/** A key package that is about to be sent in an Add: all that holds whatever group it goes to. RFC 9420 section 10.1 */
export async function checkSentKeyPackage(
  suite: CipherSuite,
  keyPackage: KeyPackage,
  settings: Settings,
): Promise<void> {
  checkKeyPackage(suite, keyPackage, settings, "sending");
  await checkSignatures(suite, keyPackageSignatures(keyPackage));
}

/** The two signatures of a key package. valn0102, valn0203 */
function keyPackageSignatures(keyPackage: KeyPackage): readonly SignatureCheck[] {
  return [leafSignature(keyPackage.leafNode, undefined), keyPackageSignature(keyPackage)];
}

/** Where a proposal is checked. */
export interface ProposalPlace {
  readonly epoch: PublicEpoch;
  readonly settings: Settings;
  readonly purpose: CommitPurpose;
  readonly direction: Direction;
  /** The format of the message that it is in. Without it, it stands in a commit by value. */
  readonly wireFormat?: FramingFormat;
}

/**
 * A single proposal against the current epoch: everything that does not depend on the rest of its commit. RFC 9420
 * section 12.1, valn0301, valn0501, valn0601
 */
export async function checkProposal(proposal: Proposal, sender: Sender, place: ProposalPlace): Promise<void> {
  const { epoch, settings } = place;
  const checks = signaturesLeftOf(proposal, sender, place);
  await checkSignatures(epoch.suite, checks);
  await authenticateProposal(proposal, sender, epoch, settings);
}

/** The signatures that are left to verify of a proposal in which all that needs no waiting is right. */
export function signaturesLeftOf(
  proposal: Proposal,
  sender: Sender,
  { epoch, settings, purpose, direction, wireFormat }: ProposalPlace,
): readonly SignatureCheck[] {
  const { suite, tree, context } = epoch;
  switch (proposal.type) {
    case "add":
      checkKeyPackage(suite, proposal.keyPackage, settings, direction);
      return keyPackageSignatures(proposal.keyPackage);
    case "update": {
      const leafIndex = updateSenderOf(sender);
      const replaced = senderLeafOf(tree, leafIndex);
      atLeaf(leafIndex, () => {
        checkLeafAlone(suite, proposal.leafNode, "update", settings);
        checkEncryptionKeyChanged(proposal.leafNode, replaced, "valn0109");
      });
      return [leafSignature(proposal.leafNode, { groupId: context.groupId, leafIndex })];
    }
    case "remove":
      checkRemove(proposal, tree);
      return [];
    case "psk":
      checkPreSharedKey(proposal.psk, suite, purpose);
      return [];
    case "reinit":
      checkReInit(proposal, context);
      checkExtensions(proposal.extensions, "group_context", settings.registry);
      return [];
    case "group_context_extensions":
      checkExtensions(proposal.extensions, "group_context", settings.registry);
      askRules(settings.registry, "checkReplacement", proposal.extensions, context.extensions, { sender, tree });
      return [];
    case "external_init":
      checkExternalSenderType(sender);
      return [];
    case "custom":
      checkCustomProposal(proposal, sender, settings.registry, { wireFormat, tree });
      return [];
  }
}

/** Ask the application about every credential that a proposal brings. RFC 9420 section 5.3.1 */
export async function authenticateProposal(
  proposal: Proposal,
  sender: Sender,
  { suite, tree, context }: PublicEpoch,
  settings: Settings,
): Promise<void> {
  const { groupId } = context;
  if (proposal.type === "add") {
    const { leafNode, extensions: keyPackageExtensions } = proposal.keyPackage;
    const asked = { ...candidateOf(leafNode, groupId, "add"), keyPackageExtensions };
    await authenticate(settings, asked);
  } else if (proposal.type === "update" && sender.type === "member") {
    const previous = tree.leaf(sender.leafIndex);
    if (previous !== undefined) await authenticateSuccessor(settings, previous, proposal.leafNode, groupId, "update");
  } else if (proposal.type === "group_context_extensions") {
    await authenticateExternalSenders(settings, proposal.extensions, context.extensions, { suite, groupId });
  }
}

/** What the application is asked of a leaf. */
export function candidateOf(
  { credential, signatureKey, extensions: leafExtensions }: LeafNode,
  groupId: Uint8Array,
  reason: Candidate["reason"],
): Candidate {
  return { credential, signatureKey, groupId, reason, leafExtensions };
}

/**
 * A leaf that replaces another presents the same credential, key and extensions, or the application accepts the change. Of the
 * extensions, since what proves who somebody is may stand there: who joins later is asked about it, and must come to the same answer.
 */
export async function authenticateSuccessor(
  settings: Settings,
  before: LeafNode,
  after: LeafNode,
  groupId: Uint8Array,
  reason: "update" | "commit",
): Promise<void> {
  const same =
    bytesEqual(before.signatureKey, after.signatureKey) &&
    bytesEqual(encode(Credential, before.credential), encode(Credential, after.credential)) &&
    isSameList(before.extensions, after.extensions);
  if (!same) await authenticate(settings, { ...candidateOf(after, groupId, reason), previous: before.credential });
}

function isSameList(before: readonly Extension[], after: readonly Extension[]): boolean {
  return (
    before.length === after.length &&
    before.every(({ type, data }, i) => type === after[i]?.type && bytesEqual(data, after[i].data))
  );
}

/**
 * Section 5.3.1: credentials are validated "when an external_senders extension is added to the group" and "when an
 * existing external_senders extension is updated". Section 5.1.1: their keys are of the suite, like everybody's.
 */
export async function authenticateExternalSenders(
  settings: Settings,
  next: readonly Extension[],
  current: readonly Extension[],
  { suite, groupId }: { readonly suite: CipherSuite; readonly groupId: Uint8Array },
): Promise<void> {
  const known = new Set(externalSenders(current).map(externalSenderString));
  for (const sender of externalSenders(next)) {
    const text = externalSenderString(sender);
    if (known.has(text)) continue;
    known.add(text); // a list may name the same one many times: the application is asked once
    const { credential, signatureKey } = sender;
    checkExternalSenderKey(sender, suite);
    await authenticate(settings, { credential, signatureKey, groupId, reason: "external_sender" });
  }
}

function externalSenderString({ credential, signatureKey }: ExternalSender): string {
  return `${hex(signatureKey)} ${hex(encode(Credential, credential))}`;
}

/** The rules for the list of a regular commit that need no applied tree. RFC 9420 section 12.2, valn1204 */
export function checkProposalList(
  list: ProposalList,
  committer: number,
  tree: RatchetTree,
  registry: Settings["registry"],
): void {
  checkNoExternalInit(list);
  checkReInitAlone(list);
  checkNoOwnUpdate(list, committer);
  checkCommitterStays(list, committer, registry);
  checkOneChangePerLeaf(list, registry);
  checkNoDuplicateAdds(list, tree);
  checkNoDuplicatePsks(list);
  checkOneGroupContextExtensions(list);
  checkProposalSupport(list, tree, registry);
}

/** @throws CopseError "limit-exceeded" for a new leaf beyond the largest tree that is accepted. */
export function checkTreeSize(leafIndex: number, { limits }: Settings): void {
  if (leafIndex >= limits.leaves) throw new CopseError("limit-exceeded", { limit: "leaves" });
}

/** The rules that need the tree after the proposals. RFC 9420 section 12.2, valn0312 */
export function checkAppliedProposals(applied: AppliedProposals, settings: Settings): void {
  const { registry, limits } = settings;
  const { tree, before, extensions, added, updated, psks } = applied;
  if (psks.length > limits.psks) throw new CopseError("limit-exceeded", { limit: "psks" });
  if (extensions !== before) {
    checkGroupContextExtensions(extensions, tree, registry);
    checkRequiredCapabilitiesSupported(requiredCapabilities(extensions), tree);
    askRules(registry, "checkContext", extensions, before, () => tree.leaves());
  }
  for (const { leafIndex, keyPackage } of added) {
    checkTreeSize(leafIndex, settings);
    atLeaf(leafIndex, () => {
      checkLeafInTree(keyPackage.leafNode, tree, extensions, settings);
    });
  }
  for (const { leafIndex, after } of updated) {
    atLeaf(leafIndex, () => {
      checkLeafInTree(after, tree, extensions, settings);
    });
  }
}
