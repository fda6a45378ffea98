/**
 * Rules for the list of an external commit. RFC 9420 sections 12.2, 12.4.3.2.
 */

import { CopseError } from "../errors.ts";
import type { Commit } from "../wire/commit.ts";
import type { Sender } from "../wire/framing.ts";
import type { UpdatePath } from "../wire/update-path.ts";
import type { ProposalList } from "./proposal-list.ts";
import { customTypeOf, type Registry } from "./registry.ts";

/** Section 12.4.3.2: "a new member needs a GroupInfo with an external_pub extension present in its extensions field." */
export function checkExternalPubIsThere(externalPub: Uint8Array | undefined): asserts externalPub is Uint8Array {
  if (externalPub === undefined) throw new CopseError("group-info-external-pub", { rule: "section 12.4.3.2" });
}

/** Section 12.2: "Exactly one ExternalInit". valn0401 */
export function checkOneExternalInit(list: ProposalList): void {
  const inits = list.filter(({ proposal }) => proposal.type === "external_init");
  if (inits.length !== 1) throw new CopseError("external-commit-init", { rule: "valn0401" });
}

/**
 * Section 8.3: "Members of the group receive the kem_output in an ExternalInit proposal and perform the corresponding calculation to
 * retrieve the init_secret value." What it gives nothing for was made for another key.
 */
export function notOpened(cause: unknown): CopseError {
  return new CopseError("external-init-open", { rule: "section 8.3", cause });
}

/** Section 12.2: "At most one Remove proposal, with which the joiner removes an old version of themselves." valn0402 */
export function checkAtMostOneRemove(list: ProposalList): void {
  const removes = list.filter(({ proposal }) => proposal.type === "remove");
  if (removes.length > 1) throw new CopseError("external-commit-removes", { rule: "valn0402" });
}

/**
 * Section 12.2: besides ExternalInit, Remove, and "zero or more PreSharedKey proposals" (valn0403), "no other proposals"
 * (valn0404). A custom type may declare that it is allowed.
 */
export function checkExternalCommitTypes(list: ProposalList, registry: Registry): void {
  for (const { proposal } of list) {
    const { type } = proposal;
    if (type === "external_init" || type === "remove" || type === "psk") continue;
    if ((customTypeOf(proposal, registry)?.externalCommit ?? false) !== false) continue;
    throw new CopseError("external-commit-proposal", { rule: "valn0404" });
  }
}

/** The path of an external commit. Section 12.4.3.2: "External Commits MUST contain a path field". valn0405 */
export function externalPathOf({ path }: Commit): UpdatePath {
  if (path === undefined) throw new CopseError("external-commit-path", { rule: "valn0405" });
  return path;
}

/**
 * Section 12.4.3.2: "The Commit MUST NOT include any proposals by reference". A custom type may declare that it is excepted, as
 * self_remove is. valn0406
 */
export function checkNoReferences(list: ProposalList, registry: Registry): void {
  for (const { proposal, ref } of list) {
    if (ref === undefined || customTypeOf(proposal, registry)?.externalCommit === true) continue;
    throw new CopseError("external-commit-reference", { rule: "valn0406" });
  }
}

/** Whom an external commit may refer to: a member, whose custom proposal is allowed there. valn0406 */
export function checkReferredSender(sender: Sender): void {
  if (sender.type !== "member") throw new CopseError("external-commit-reference", { rule: "valn0406" });
}

/** Section 12.4.3.2: "The sender type [...] MUST be new_member_commit", and only there an ExternalInit stands. valn0408 */
export function checkExternalSenderType(sender: Sender): void {
  if (sender.type !== "new_member_commit") throw new CopseError("external-commit-sender", { rule: "valn0408" });
}
