/**
 * Rules for a commit and its path. RFC 9420 sections 7.5, 7.6, 12.4, 12.4.2.
 */

import { bytesEqual, constantTimeEqual } from "../bytes/compare.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import { keyString } from "../tree/indexes.ts";
import type { PathStep, PlannedPath, RatchetTree } from "../tree/ratchet-tree.ts";
import { resolutionSize, type NewLeaves } from "../tree/resolution.ts";
import type { FramedContent, FramedContentAuthData } from "../wire/framing.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import type { Proposal } from "../wire/proposal.ts";
import type { UpdatePath } from "../wire/update-path.ts";
import type { ProposalList } from "./proposal-list.ts";
import type { Registry } from "./registry.ts";

/** Section 6: a message names its group. */
export function checkGroupId(content: Pick<FramedContent, "groupId">, context: GroupContext): void {
  if (!bytesEqual(content.groupId, context.groupId)) throw new CopseError("wrong-group");
}

/**
 * Section 12.4.2: "Verify that the epoch field of the enclosing FramedContent is equal to the epoch field of the current
 * GroupContext object." valn1201 for commits, valn1307 for proposals.
 */
export function checkEpoch(
  content: Pick<FramedContent, "epoch">,
  context: GroupContext,
  rule: "valn1201" | "valn1307",
): void {
  if (content.epoch !== context.epoch)
    throw new CopseError(rule === "valn1201" ? "wrong-epoch" : "proposal-epoch", {
      rule,
      got: String(content.epoch),
      expected: String(context.epoch),
    });
}

/**
 * Section 9.2: "Members MAY keep unconsumed values around for some reasonable amount of time to handle out-of-order message delivery."
 * Those of a past epoch that are kept no longer open nothing.
 */
export function checkIsHeld<Held>(held: Held | undefined, epoch: bigint): asserts held is Held {
  if (held === undefined) throw new CopseError("epoch-unavailable", { rule: "section 9.2", got: String(epoch) });
}

/** Section 12: epochs are eight octets, so the last one can't be left. */
export function checkEpochLeft(context: GroupContext): void {
  if (context.epoch === 0xffff_ffff_ffff_ffffn) throw new CopseError("epoch-overflow", { rule: "section 12" });
}

/** Section 12.4: whether a proposal of this type "requires a path". */
export function requiresPath(proposal: Proposal, registry: Registry): boolean {
  switch (proposal.type) {
    case "add":
    case "psk":
    case "reinit":
      return false;
    case "custom":
      return registry.proposals.get(proposal.proposalType)?.pathRequired ?? true;
    default:
      return true;
  }
}

/** Section 12.4: `if len(commit.proposals) == 0 || pathRequired: assert(commit.path != null)`. valn1206 */
export function checkPathPresent(list: ProposalList, path: UpdatePath | undefined, registry: Registry): void {
  if (path !== undefined) return;
  if (list.length === 0 || list.some(({ proposal }) => requiresPath(proposal, registry))) {
    throw new CopseError("commit-path-required", { rule: "valn1206" });
  }
}

/** Section 7.5: one UpdatePathNode for each node of the filtered direct path. */
export function checkPathLength(update: UpdatePath, path: readonly PathStep[]): void {
  const [got, expected] = [update.nodes.length, path.length];
  if (got !== expected) throw new CopseError("path-length", { rule: "section 7.5", got, expected });
}

/**
 * Section 7.6: "The length of the encrypted_path_secret vector MUST be equal to the length of the resolution of the copath
 * node (excluding new leaf nodes)". valn1101
 */
export function checkPathCiphertexts(update: UpdatePath, path: readonly PathStep[], newLeaves: NewLeaves): void {
  for (const [i, { copath }] of path.entries()) {
    const [got = 0, expected] = [update.nodes[i]?.encryptedPathSecret.length, resolutionSize(copath, newLeaves)];
    if (got !== expected) throw new CopseError("path-ciphertexts", { rule: "valn1101", got, expected });
  }
}

/** Section 5.1.1: every public key of a path is one of the suite's KEM. */
export function checkPathKeysValid(update: UpdatePath, suite: CipherSuite): void {
  if (!update.nodes.every(({ encryptionKey }) => suite.isKemPublicKey(encryptionKey))) {
    throw new CopseError("key-invalid", { rule: "section 5.1.1" });
  }
}

/**
 * Section 12.4.2: "Verify that none of the public keys in the UpdatePath appear in any node of the new ratchet tree", nor
 * twice in the path. The tree is the one before the path is merged. valn1209
 */
export function checkPathKeysNew(update: UpdatePath, { indexes }: RatchetTree): void {
  const keys = new Set<string>();
  for (const { encryptionKey } of [update.leafNode, ...update.nodes]) {
    const key = keyString(encryptionKey);
    if (keys.has(key) || indexes.encryptionKeyCount(encryptionKey) > 0) {
      throw new CopseError("duplicate-encryption-key", { rule: "valn1209" });
    }
    keys.add(key);
  }
}

/**
 * Section 7.9.2: "clients MUST recompute the expected value of parent_hash for the committer's new leaf and verify that it
 * matches the parent_hash value in the supplied leaf_node".
 */
export function checkLeafParentHash(leaf: LeafNode, { parentHash }: PlannedPath): void {
  const { leafNodeSource } = leaf;
  if (leafNodeSource.type !== "commit" || !bytesEqual(leafNodeSource.parentHash, parentHash)) {
    throw new CopseError("parent-hash", { rule: "section 7.9.2" });
  }
}

/**
 * The confirmation tag of a commit: a MAC of the suite, and so of KDF.Nh bytes. All that can be said of it without the new
 * epoch's key. Section 8.1
 */
export function confirmationTagOf(
  { hashLength }: Pick<CipherSuite, "hashLength">,
  { confirmationTag }: FramedContentAuthData,
): Uint8Array {
  if (confirmationTag?.length !== hashLength) throw new CopseError("confirmation-tag", { rule: "section 12.4.2" });
  return confirmationTag;
}

/** Section 12.4.2: the computed tag "is the same as the confirmation_tag field in the FramedContentAuthData object". valn1411 when joining. */
export function checkConfirmationTag(computed: Uint8Array, received: Uint8Array, rule = "section 12.4.2"): void {
  if (!constantTimeEqual(computed, received)) throw new CopseError("confirmation-tag", { rule });
}
