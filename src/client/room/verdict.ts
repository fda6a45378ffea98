/**
 * What follows from a commit that this device can't take in. A commit that nobody of the room has signed is the service's doing and
 * says nothing of anybody. One whose secrets don't open for this device alone leaves it behind: it joins anew from outside. One
 * that breaks the RFC or the room's rules is never followed: the room stands still until the service takes it back.
 */

import { CopseError, type ErrorCode } from "../../errors.ts";

export type Verdict = "forged" | "behind" | "broken";

/** Checked before the signature, or by it: anybody can have made the bytes. RFC 9420 sections 6.1, 6.2 */
const unsigned: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "membership-tag",
  "message-signature",
  "sender-blank",
  "sender-content",
  "wrong-group",
  "wrong-epoch",
  "handshake-policy",
  "not-a-group-message",
  "private-message-open",
  "external-sender-unknown",
]);

/** What the service, which has no secrets, could not see; or what is missing here and not there. RFC 9420 section 12.4.2 */
const ours: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "path-open",
  "path-key-mismatch",
  "confirmation-tag",
  "psk-not-found",
  "external-init-open",
  "proposal-not-found",
  "limit-exceeded",
]);

export function verdictOn(error: unknown): Verdict {
  if (!(error instanceof CopseError)) return "broken";
  if (error.code.startsWith("decode-") || unsigned.has(error.code)) return "forged";
  return ours.has(error.code) ? "behind" : "broken";
}
