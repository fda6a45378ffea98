/**
 * Rules for whoever sends. RFC 9420 sections 12.4, 15.2.
 */

import { CopseError } from "../errors.ts";

/**
 * Section 12.4: "A group member that has observed one or more valid proposals within an epoch MUST send a Commit message
 * before sending application data."
 */
export function checkNothingPending(proposals: { readonly size: number }): void {
  if (proposals.size > 0) throw new CopseError("pending-proposals", { rule: "section 12.4" });
}

/**
 * Section 15.2: "During each epoch, senders MUST NOT encrypt more data than permitted by the security bounds of the AEAD
 * scheme used". The bound is counted in messages.
 */
export function checkMessagesLeft(encrypted: number, messagesPerEpoch: number): void {
  if (encrypted >= messagesPerEpoch) throw new CopseError("send-limit", { rule: "section 15.2" });
}
