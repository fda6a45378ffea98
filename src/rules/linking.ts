/**
 * Rules for groups that come from another: a reinitialized one goes on in its successor, a branch begins with some of the
 * members. RFC 9420 sections 11.2, 11.3, 12.4.2, 12.4.3.1.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { encode } from "../codec/codec.ts";
import { CopseError } from "../errors.ts";
import { Extensions } from "../wire/extension.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import type { ResumptionPskId } from "../wire/pre-shared-key.ts";
import type { ReInit } from "../wire/proposal.ts";

/** A group that another comes from, as it is now. */
export interface LinkedEpoch {
  readonly context: GroupContext;
  /** The ReInit that ended it, where one did. */
  readonly reinit: ReInit | undefined;
}

/**
 * Section 12.4.2: "If the Commit included a ReInit proposal, the client MUST NOT use the group to send messages anymore.
 * Instead, it MUST wait for a Welcome message from the committer". So it receives no handshake and makes no branch either.
 */
export function checkNotReinitialized({ reinit }: Pick<LinkedEpoch, "reinit">): void {
  if (reinit !== undefined) throw new CopseError("group-reinitialized", { rule: "section 12.4.2" });
}

/**
 * Whether a Welcome links to the group that this client comes from, as far as its PSKs say; and to none where it comes from
 * none. Who waits for a successor joins nothing else: "it MUST wait for a Welcome message from the committer meeting the
 * requirements of Section 11.2" (section 12.4.2).
 */
export function checkLink(linking: ResumptionPskId | undefined, previous: LinkedEpoch | undefined): void {
  if (previous === undefined) {
    if (linking === undefined) return;
    throw new CopseError(linkCode(linking.usage), { detail: "the previous group is not at hand" });
  }
  // After a ReInit a branch is no successor, and before one there is nothing to succeed to.
  const { context, reinit } = previous;
  const usage = reinit === undefined ? "branch" : "reinit";
  // Section 11.2: "The Welcome message MUST specify a PreSharedKeyID of type resumption with usage reinit"
  if (linking?.usage !== usage) {
    const said = linking?.usage ?? usage;
    throw new CopseError(linkCode(said), { rule: linkRule(said), detail: "no such link" });
  }
  // Section 11.2: "where the group_id field matches the old group"
  if (!bytesEqual(linking.pskGroupId, context.groupId)) {
    throw new CopseError(linkCode(usage), { detail: "another group" });
  }
  // Section 11.2: "and the epoch field indicates the epoch after the Commit covering the ReInit."
  if (usage === "reinit" && linking.pskEpoch !== context.epoch) {
    throw new CopseError("welcome-reinit", { rule: "section 11.2", detail: "another epoch" });
  }
}

function linkCode(usage: ResumptionPskId["usage"]): "welcome-reinit" | "welcome-branch" {
  return usage === "reinit" ? "welcome-reinit" : "welcome-branch";
}

function linkRule(usage: ResumptionPskId["usage"]): string {
  return usage === "reinit" ? "valn1413" : "valn1414";
}

/**
 * What the joiners of a successor will check of its suite and its members, by those who are about to make it. Section 11.2:
 * "A group may be reinitialized by creating a new group with the same membership".
 */
export function checkSuccessorToMake(suite: number, reinit: ReInit | undefined, members: MembersByKey): void {
  const fits = reinit?.cipherSuite === suite && isSubsetOf(members.before, members.after);
  if (!fits) throw new CopseError("welcome-reinit", { rule: "section 11.2" });
}

/** The same of a branch. Section 11.3: "A new group can be formed from a subset of an existing group's members". */
export function checkBranchToMake(suite: number, old: GroupContext, members: MembersByKey): void {
  const fits = suite === old.cipherSuite && isSubsetOf(members.after, members.before);
  if (!fits) throw new CopseError("welcome-branch", { rule: "section 11.3" });
}

/** The members of the old and of the new group, each as the string that stands for a member. */
export interface MembersByKey {
  readonly before: ReadonlySet<string>;
  readonly after: ReadonlySet<string>;
}

function isSubsetOf(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return [...part].every((member) => whole.has(member));
}

/** "verify that the epoch field in the GroupInfo is equal to 1", for a reinitialized or branched group. valn1412 */
export function checkFirstEpoch(context: GroupContext): void {
  if (context.epoch !== 1n) throw new CopseError("welcome-epoch", { rule: "valn1412" });
}

/**
 * "For usage reinit, verify that the last Commit to the referenced group contains a ReInit proposal and that the group_id,
 * version, cipher_suite, and group_context.extensions fields of the GroupInfo match the ReInit proposal. Additionally,
 * verify that all the members of the old group are also members of the new group, according to the application." valn1413
 */
export function checkReInitialized(
  context: GroupContext,
  reinit: ReInit,
  members: { readonly before: readonly LeafNode[]; readonly after: readonly LeafNode[] },
  memberKey: (leaf: LeafNode) => string,
): void {
  const matches =
    bytesEqual(context.groupId, reinit.groupId) &&
    context.version === reinit.version &&
    context.cipherSuite === reinit.cipherSuite &&
    bytesEqual(encode(Extensions, context.extensions), encode(Extensions, reinit.extensions)) &&
    isSubset(members.before, members.after, memberKey);
  if (!matches) throw new CopseError("welcome-reinit", { rule: "valn1413" });
}

/**
 * "For usage branch, verify that the version and cipher_suite of the new group match those of the old group, and that the
 * members of the new group compose a subset of the members of the old group, according to the application." valn1414
 */
export function checkBranched(
  context: GroupContext,
  old: GroupContext,
  members: { readonly before: readonly LeafNode[]; readonly after: readonly LeafNode[] },
  memberKey: (leaf: LeafNode) => string,
): void {
  const matches =
    context.version === old.version &&
    context.cipherSuite === old.cipherSuite &&
    isSubset(members.after, members.before, memberKey);
  if (!matches) throw new CopseError("welcome-branch", { rule: "valn1414" });
}

function isSubset(
  part: readonly LeafNode[],
  whole: readonly LeafNode[],
  memberKey: (leaf: LeafNode) => string,
): boolean {
  const keys = new Set(whole.map(memberKey));
  return part.every((leaf) => keys.has(memberKey(leaf)));
}
