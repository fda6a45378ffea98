/**
 * What a handshake says before anybody has verified it: only whether to take it now, keep it or ask for more is decided by
 * it. RFC 9420 section 6.2.
 */

import { CopseError } from "../../errors.ts";
import type { Settings } from "../../public-group/options/settings.ts";
import type { Sender } from "../../wire/framing.ts";
import type { Proposal } from "../../wire/proposal.ts";
import { decodeMessage } from "../../wire/message.ts";

/** The outside of a handshake. */
export interface Handshake {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly content: "proposal" | "commit";
  readonly sender: Sender;
  /** The proposal, or those of a commit that it holds by value. */
  readonly proposals: readonly Proposal[];
}

/** @throws CopseError of a `decode-` code; "handshake-policy" for what is no public handshake. */
export function peek(message: Uint8Array, { reading }: Pick<Settings, "reading">): Handshake {
  const decoded = decodeMessage(message, reading);
  if (decoded.wireFormat !== "mls_public_message") throw new CopseError("handshake-policy");
  const { groupId, epoch, sender, content } = decoded.publicMessage.content;
  if (content.type === "application") throw new CopseError("application-public", { rule: "section 6" });
  const outside = { groupId, epoch, sender };
  if (content.type === "proposal") return { ...outside, content: "proposal", proposals: [content.proposal] };
  const proposals = content.commit.proposals.flatMap((entry) => (entry.type === "proposal" ? [entry.proposal] : []));
  return { ...outside, content: "commit", proposals };
}
