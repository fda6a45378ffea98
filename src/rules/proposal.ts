/**
 * Rules for single proposals. RFC 9420 section 12.1.
 */

import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import { yesOrNo } from "../bytes/decision.ts";
import type { RatchetTree, TreeCounts } from "../tree/ratchet-tree.ts";
import type { RequiredCapabilities } from "../wire/extension.ts";
import type { Sender } from "../wire/framing.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { PreSharedKeyId } from "../wire/pre-shared-key.ts";
import type { CustomProposal, ReInit, Remove } from "../wire/proposal.ts";
import { isDefaultExtensionType, isDefaultProposalType } from "../wire/registries.ts";
import type { ProposedPlace, Registry } from "./registry.ts";

/**
 * Section 12.4.3.1: "If a PreSharedKeyID is part of the GroupSecrets and the client is not in possession of the corresponding
 * PSK, return an error." valn1401, and the same for a commit.
 */
export function checkPskIsKnown<Psk>(psk: Psk | undefined, rule: string): asserts psk is Psk {
  if (psk === undefined) throw new CopseError("psk-not-found", { rule });
}

/** What a commit is part of, besides the group's ordinary life. RFC 9420 sections 11.2, 11.3 */
export type CommitPurpose = "ordinary" | "reinit" | "branch";

/** The leaf index of who sends an Update. Section 12.1.2: a member replaces "the sender's LeafNode": only a member has one. */
export function updateSenderOf(sender: Sender): number {
  if (sender.type !== "member") throw new CopseError("update-sender", { rule: "section 12.1.2" });
  return sender.leafIndex;
}

/** Section 12.1.3: invalid "if the removed field does not identify a non-blank leaf node". valn0701 */
export function checkRemove({ removed }: Remove, tree: RatchetTree): void {
  if (tree.leaf(removed) === undefined)
    throw new CopseError("remove-blank-leaf", { rule: "valn0701", leafIndex: removed });
}

/**
 * Section 12.1.4: usage reinit only "as part of a reinitialization" (valn0801), usage branch only "as part of a subgroup
 * branching operation" (valn0802), and a psk_nonce of length KDF.Nh (valn0803).
 */
export function checkPreSharedKey(id: PreSharedKeyId, suite: CipherSuite, purpose: CommitPurpose): void {
  checkResumptionUsage(id, purpose);
  checkPskNonce(id, suite);
}

/** Section 12.1.4: resumption PSKs with usage reinit or branch have one place each. valn0801, valn0802 */
function checkResumptionUsage(id: PreSharedKeyId, purpose: CommitPurpose): void {
  if (id.type !== "resumption") return;
  if (id.usage === "reinit" && purpose !== "reinit") throw new CopseError("psk-usage-reinit", { rule: "valn0801" });
  if (id.usage === "branch" && purpose !== "branch") throw new CopseError("psk-usage-branch", { rule: "valn0802" });
}

/** Section 12.1.4: invalid if "the psk_nonce is not of length KDF.Nh". valn0803 */
export function checkPskNonce(id: PreSharedKeyId, suite: CipherSuite): void {
  const [got, expected] = [id.pskNonce.length, suite.hashLength];
  if (got !== expected) throw new CopseError("psk-nonce-length", { rule: "valn0803", got, expected });
}

/** Section 12.1.5: invalid "if the version field is less than the version for the current group". valn0901 */
export function checkReInit({ version }: ReInit, context: GroupContext): void {
  if (version < context.version)
    throw new CopseError("reinit-version", { rule: "valn0901", got: version, expected: context.version });
}

/**
 * Section 12.1.7: invalid if "some members of the group do not support some of the required capabilities (including those
 * added in the same Commit, and excluding those removed)". The tree is the one after the proposals. valn1001
 */
export function checkRequiredCapabilitiesSupported(
  required: RequiredCapabilities | undefined,
  { indexes, size }: TreeCounts,
): void {
  if (required === undefined) return;
  const supported =
    required.extensionTypes.every((type) => isDefaultExtensionType(type) || indexes.extensionSupport(type) >= size) &&
    required.proposalTypes.every((type) => isDefaultProposalType(type) || indexes.proposalSupport(type) >= size) &&
    required.credentialTypes.every((type) => indexes.credentialSupport(type) >= size);
  if (!supported) throw new CopseError("required-capabilities-unsupported", { rule: "valn1001" });
}

/** Section 13.2: a custom proposal is of a registered type, and its own validation accepts it. */
export function checkCustomProposal(
  proposal: CustomProposal,
  sender: Sender,
  registry: Registry,
  place: ProposedPlace,
): void {
  const type = registry.proposals.get(proposal.proposalType);
  if (type === undefined)
    throw new CopseError("proposal-unknown-type", { rule: "valn0311", type: proposal.proposalType });
  if (type.isValid !== undefined && !yesOrNo("isValid", type.isValid(proposal.body, sender, place))) {
    throw new CopseError("custom-proposal-refused", { type: proposal.proposalType });
  }
  if (type.removesSender === true && sender.type !== "member") throw new CopseError("sender-content");
}
