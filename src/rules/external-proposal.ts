/**
 * Rules for proposals from outside the group. RFC 9420 sections 6.1, 12.1.8.
 */

import { CopseError } from "../errors.ts";
import type { ExternalSender } from "../wire/extension.ts";
import type { Sender } from "../wire/framing.ts";
import type { Proposal } from "../wire/proposal.ts";
import type { Registry } from "./registry.ts";

/**
 * Section 6.1: the content_type of an external sender's and of a new member's proposal MUST be proposal (valn1501,
 * valn1503), and that of a new_member_commit MUST be commit. What is thrown where it is another.
 */
export function wrongContent(sender: Sender): CopseError {
  const rules = { external: "valn1501", new_member_proposal: "valn1503" } as Readonly<Record<string, string>>;
  return new CopseError("sender-content", { rule: rules[sender.type] ?? "section 6.1" });
}

/** Section 12.1.8: "only the following types may be sent by an external sender: add, remove, psk, reinit, group_context_extensions". valn1502 */
export function checkExternalSenderProposal(proposal: Proposal, registry: Registry): void {
  const allowed =
    proposal.type === "custom"
      ? registry.proposals.get(proposal.proposalType)?.external === true
      : proposal.type !== "update" && proposal.type !== "external_init";
  if (!allowed) throw new CopseError("external-sender-proposal", { rule: "valn1502" });
}

/** The Add of a new member that proposes itself. Section 6.1: from new_member_proposal "the proposal_type of the Proposal MUST be add". valn1504 */
export function newMemberAddOf(proposal: Proposal): Extract<Proposal, { type: "add" }> {
  if (proposal.type !== "add") throw new CopseError("new-member-proposal", { rule: "valn1504" });
  return proposal;
}

/** An external sender of the group. Section 6.1: the sender_index points into the external_senders extension. */
export function externalSenderAt(senders: readonly ExternalSender[], senderIndex: number): ExternalSender {
  const sender = senders[senderIndex];
  if (sender === undefined) throw new CopseError("external-sender-unknown", { rule: "section 6.1", got: senderIndex });
  return sender;
}
