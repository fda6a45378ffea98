/**
 * Choosing among pending proposals what a commit holds. RFC 9420 sections 12.2, 12.4: "The sender of a Commit SHOULD
 * include all proposals that it has received during the current epoch that are valid [...] as long as this results in a
 * valid proposal list."
 */

import { CopseError } from "../errors.ts";
import {
  checkProposalSupport,
  changedLeaf,
  pskString,
  type CommittedProposal,
  type ProposalList,
} from "../rules/proposal-list.ts";
import { clientString } from "../tree/indexes.ts";
import type { PublicEpoch } from "./epoch.ts";
import { pendingProposal, type PendingProposal, type StoredProposal } from "./proposal-store.ts";
import type { Settings } from "./settings.ts";
import { applyProposals } from "./apply-proposals.ts";
import { checkAppliedProposals, checkSentLifetime } from "./validate.ts";

/** What was chosen, and what was left for a later epoch. */
export interface Selection {
  readonly list: ProposalList;
  readonly leftOut: readonly PendingProposal[];
}

/** What there is to choose from. */
export interface Choices {
  /** The pending proposals, oldest first. */
  readonly pending: readonly StoredProposal[];
  /** Those of them that this member can't commit, because it does not hold their PSK. */
  readonly missing: ReadonlySet<StoredProposal>;
  readonly byValue: ProposalList;
}

/**
 * The largest valid list of what is pending, behind what the caller commits by value: Remove over Update, the latest
 * Update, everything else over ReInit, never an own Update or a Remove of oneself. What the caller commits by value is
 * not questioned here: a list that it makes invalid is refused by the rules.
 */
export function selectProposals(
  epoch: PublicEpoch,
  committer: number,
  { pending, missing, byValue }: Choices,
  settings: Settings,
): Selection {
  const { registry } = settings;
  const chosen = new Set<CommittedProposal>();
  const leaves = new Set(byValue.map((entry) => changedLeaf(entry, registry)));
  const removes = pending.filter(({ proposal }) => proposal.type !== "update");
  const updates = pending.filter(({ proposal }) => proposal.type === "update").reverse();
  for (const entry of [...removes, ...updates]) {
    if (missing.has(entry) || isOverdue(entry, settings)) continue;
    const leafIndex = changedLeaf(entry, registry);
    if (leafIndex !== undefined && (leafIndex === committer || leaves.has(leafIndex))) continue;
    if (leafIndex !== undefined) leaves.add(leafIndex);
    chosen.add(entry);
  }
  keepFirst(chosen, pending, byValue, ({ proposal }) =>
    proposal.type === "group_context_extensions" ? proposal.type : undefined,
  );
  keepFirst(chosen, pending, byValue, ({ proposal }) =>
    proposal.type === "psk" ? pskString(proposal.psk) : undefined,
  );
  keepFirst(chosen, pending, byValue, ({ proposal }) =>
    proposal.type === "add" ? clientString(epoch.tree.indexes.clientKey, proposal.keyPackage.leafNode) : undefined,
  );
  const inOrder = pending.filter((entry) => chosen.has(entry));
  const others = inOrder.filter(({ proposal }) => proposal.type !== "reinit");
  const reinit = inOrder.find(({ proposal }) => proposal.type === "reinit");
  const fitting = withoutConflicts(epoch, others, byValue, settings);
  const list = fitting.length === 0 && reinit !== undefined ? [reinit] : fitting;
  const kept = new Set<CommittedProposal>(list);
  return { list, leftOut: pending.filter((entry) => !kept.has(entry)).map(pendingProposal) };
}

/** Whether it adds a leaf whose time is over or has not come: we may not send that (section 7.3), whoever proposed it. */
function isOverdue({ proposal }: CommittedProposal, settings: Settings): boolean {
  if (proposal.type !== "add") return false;
  try {
    checkSentLifetime(proposal.keyPackage, settings);
    return false;
  } catch (error) {
    if (error instanceof CopseError) return true;
    throw error;
  }
}

/** Of proposals under the same key, by value or by reference, the first stays. */
function keepFirst(
  chosen: Set<CommittedProposal>,
  pending: readonly StoredProposal[],
  byValue: ProposalList,
  keyOf: (entry: CommittedProposal) => string | undefined,
): void {
  const seen = new Set(byValue.map(keyOf));
  for (const entry of pending) {
    const key = keyOf(entry);
    if (key === undefined || !chosen.has(entry)) continue;
    if (seen.has(key)) chosen.delete(entry);
    seen.add(key);
  }
}

/** How many lists are tried: each costs as much as applying it, and a member could send nothing but conflicts. */
const mostTries = 64;

/** Leave out what does not go together with the rest of the list in the tree that it would make: by halves, then alone. */
function withoutConflicts(
  epoch: PublicEpoch,
  candidates: ProposalList,
  byValue: ProposalList,
  settings: Settings,
): ProposalList {
  if (!fits(epoch, byValue, settings)) return [...candidates, ...byValue];
  let tries = 0;
  const grow = (kept: ProposalList, more: ProposalList): ProposalList => {
    if (more.length === 0 || tries >= mostTries) return kept;
    tries++;
    const longer = [...kept, ...more];
    if (fits(epoch, [...longer, ...byValue], settings)) return longer;
    if (more.length === 1) return kept;
    const half = more.length >> 1;
    return grow(grow(kept, more.slice(0, half)), more.slice(half));
  };
  return [...grow([], candidates), ...byValue];
}

function fits({ tree, context }: PublicEpoch, list: ProposalList, settings: Settings): boolean {
  try {
    checkProposalSupport(list, tree, settings.registry);
    checkAppliedProposals(applyProposals({ tree, extensions: context.extensions }, list, settings.registry), settings);
    return true;
  } catch (error) {
    if (error instanceof CopseError) return false;
    throw error;
  }
}
