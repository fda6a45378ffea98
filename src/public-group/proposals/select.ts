/**
 * Choosing among pending proposals what a commit holds. RFC 9420 sections 12.2, 12.4: "The sender of a Commit SHOULD
 * include all proposals that it has received during the current epoch that are valid [...] as long as this results in a
 * valid proposal list."
 */

import { isPassed } from "../../bytes/attempt.ts";
import { CopseError } from "../../errors.ts";
import { checkGroupContextExtensions, requiredCapabilities } from "../../rules/extensions.ts";
import { senderLeafOf } from "../../rules/framing.ts";
import { checkRequiredCapabilitiesSupported } from "../../rules/proposal.ts";
import {
  checkProposalSupport,
  changedLeaf,
  pskString,
  type CommittedProposal,
  type ProposalList,
} from "../../rules/proposal-list.ts";
import { customTypeOf } from "../../rules/registry.ts";
import { clientString } from "../../tree/indexes.ts";
import type { Extension } from "../../wire/extension.ts";
import type { LeafNode } from "../../wire/leaf-node.ts";

import { pendingProposal, rankOf, type PendingProposal, type StoredProposal } from "./proposal-store.ts";
import type { Settings } from "../options/settings.ts";
import { applyProposals } from "./apply-proposals.ts";
import { checkAppliedProposals, checkLeafInTree, checkSentLifetime } from "../validate.ts";
import type { PublicEpoch } from "../epoch.ts";

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
 * The largest valid list of what is pending, behind what the caller commits by value: who leaves over a Remove, that over an
 * Update, the latest Update, everything else over ReInit, never an own Update or a Remove of oneself. Where two don't go together, a member's
 * word is before an external sender's, and that before a newcomer's. What the caller commits by value is not questioned
 * here: a list that it makes invalid is refused by the rules.
 */
export function selectProposals(
  epoch: PublicEpoch,
  committer: number,
  { pending, missing, byValue }: Choices,
  settings: Settings,
): Selection {
  const { registry, limits } = settings;
  const chosen = new Set<CommittedProposal>();
  const said = new Set(byValue.map((entry) => changedLeaf(entry, registry)));
  const changed = new Set<number>();
  const ranked = byRank(pending);
  const departures = new Set<CommittedProposal>(pending.filter((entry) => leaves(entry, registry)));
  const leaving = ranked.filter((entry) => departures.has(entry));
  const removes = ranked.filter((entry) => entry.proposal.type !== "update" && !leaves(entry, registry));
  const updates = ranked.filter(({ proposal }) => proposal.type === "update").reverse();
  // Section 12.2: a ReInit is alone. Whoever commits one by value has said what goes.
  const candidates = byValue.some(({ proposal }) => proposal.type === "reinit")
    ? []
    : [...leaving, ...removes, ...updates];
  for (const entry of candidates) {
    if (missing.has(entry) || isOverdue(entry, settings)) continue;
    const leafIndex = changedLeaf(entry, registry);
    const isSaid = said.has(leafIndex) && !departures.has(entry);
    if (leafIndex !== undefined && (leafIndex === committer || changed.has(leafIndex) || isSaid)) continue;
    if (leafIndex !== undefined) changed.add(leafIndex);
    chosen.add(entry);
  }
  keepFirst(chosen, ranked, byValue, ({ proposal }) =>
    proposal.type === "group_context_extensions" ? proposal.type : undefined,
  );
  keepFirst(chosen, ranked, byValue, ({ proposal }) => (proposal.type === "psk" ? pskString(proposal.psk) : undefined));
  keepFirst(chosen, ranked, byValue, ({ proposal }) =>
    proposal.type === "add" ? clientString(epoch.tree.indexes.clientKey, proposal.keyPackage.leafNode) : undefined,
  );
  keepMost(chosen, ranked, limits.psks - byValue.filter(isPsk).length, isPsk);
  const reinit = ranked.find((entry) => chosen.has(entry) && entry.proposal.type === "reinit");
  keepMost(chosen, ranked, 0, ({ proposal }) => proposal.type === "reinit");
  keepMost(chosen, ranked, limits.proposals - byValue.length, () => true);
  keepTogether(chosen, epoch, { pending, byValue }, settings);
  const places = new Map<CommittedProposal, number>(pending.map((entry, i) => [entry, i]));
  const placeOf = (entry: CommittedProposal): number => places.get(entry) ?? pending.length;
  const byValueBeside = (list: ProposalList): ProposalList => {
    const left = new Set(list.filter((entry) => departures.has(entry)).map((entry) => changedLeaf(entry, registry)));
    return byValue.filter((entry) => !left.has(changedLeaf(entry, registry)));
  };
  const candidatesThatGo = ranked.filter((entry) => chosen.has(entry));
  const fitting = fittingOnes(
    epoch,
    candidatesThatGo,
    byValueBeside(candidatesThatGo),
    settings,
    // In the order of the commit, which custom types may go by.
    (list) =>
      fits(
        epoch,
        [...list, ...byValueBeside(list)].sort((a, b) => placeOf(a) - placeOf(b)),
        settings,
      ),
  );
  const kept = new Set<CommittedProposal>(fitting);
  if (kept.size === 0 && byValue.length === 0 && reinit !== undefined) kept.add(reinit);
  const inOrder = pending.filter((entry) => kept.has(entry));
  return {
    list: [...inOrder, ...byValueBeside(inOrder)],
    leftOut: pending.filter((entry) => !kept.has(entry)).map(pendingProposal),
  };
}

/**
 * Whether its sender leaves by it: all members support that, or it would not have been taken in. Extensions draft, section 6.3:
 * "If there is a pending SelfRemove proposal for a specific leaf node and a pending Remove proposal for the same leaf node, the
 * Remove proposal is invalid." It goes into the commit in the Remove's place, also of one by value: the member is out either way.
 * extensions 6.3 (7)
 */
function leaves({ proposal }: CommittedProposal, registry: Settings["registry"]): boolean {
  return customTypeOf(proposal, registry)?.removesSender === true;
}

/** Members' proposals, then those of external senders, then those of newcomers; the oldest first. */
export function byRank(pending: readonly StoredProposal[]): readonly StoredProposal[] {
  return [...pending].sort((a, b) => rankOf(a.sender) - rankOf(b.sender));
}

function isPsk({ proposal }: CommittedProposal): boolean {
  return proposal.type === "psk";
}

/** Of the proposals of a kind, only the first so many stay: others would refuse a commit with more. */
function keepMost(
  chosen: Set<CommittedProposal>,
  ranked: readonly StoredProposal[],
  most: number,
  isOfKind: (entry: CommittedProposal) => boolean,
): void {
  let count = 0;
  for (const entry of ranked) if (chosen.has(entry) && isOfKind(entry) && ++count > most) chosen.delete(entry);
}

/** Whether it adds a leaf whose time is over or has not come: we may not send that (section 7.3), whoever proposed it. */
function isOverdue({ proposal }: CommittedProposal, settings: Settings): boolean {
  return (
    proposal.type === "add" &&
    !holds(() => {
      checkSentLifetime(proposal.keyPackage, settings);
    })
  );
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

/** Of the proposals of each custom type that chooses for itself, those stay that its `choose` keeps. */
function keepTogether(
  chosen: Set<CommittedProposal>,
  { tree, context: { extensions } }: PublicEpoch,
  { pending, byValue }: Pick<Choices, "pending" | "byValue">,
  { registry }: Settings,
): void {
  for (const { type, choose } of registry.proposals.values()) {
    if (choose === undefined) continue;
    const entries = [...pending.filter((entry) => chosen.has(entry)), ...byValue].flatMap((entry) => {
      const { proposal } = entry;
      return proposal.type === "custom" && proposal.proposalType === type ? [{ ...entry, proposal, entry }] : [];
    });
    if (entries.length === 0) continue;
    const kept = new Set(choose(entries, { extensions, tree, external: false }).map(({ entry }) => entry));
    for (const { entry } of entries) if (!kept.has(entry)) chosen.delete(entry);
  }
}

/** The proposals that are valid together with the rest of the list, in the tree that the commit would make. */
function fittingOnes(
  epoch: PublicEpoch,
  candidates: ProposalList,
  byValue: ProposalList,
  settings: Settings,
  fit: (list: ProposalList) => boolean,
): ProposalList {
  if (candidates.length === 0 || fit(candidates)) return candidates;
  const chosen = oneByOne(epoch, candidates, byValue, settings);
  if (fit(chosen) || !fit([])) return chosen;
  return byHalves(chosen, fit);
}

/**
 * One proposal after the other against the counts of the tree's indexes, each in constant time: thousands that fit nowhere
 * can't hide the few that do.
 */
function oneByOne(
  { tree, context }: PublicEpoch,
  candidates: ProposalList,
  byValue: ProposalList,
  settings: Settings,
): ProposalList {
  const { registry, limits } = settings;
  const indexes = tree.indexes.fork();
  let size = tree.size;
  let extensions = context.extensions;
  const chosen = new Set<CommittedProposal>();
  const removals = [...byValue, ...candidates].filter(
    (entry) => entry.proposal.type === "remove" || (entry.proposal.type === "custom" && isSupported([entry])),
  );
  for (const entry of removals) {
    const leafIndex = changedLeaf(entry, registry);
    const leaf = leafIndex === undefined ? undefined : tree.leaf(leafIndex);
    chosen.add(entry);
    if (leaf === undefined) continue;
    indexes.removeLeaf(leaf);
    size--;
  }
  // What is by value is there in any case, whether it fits or not.
  for (const { proposal } of byValue) {
    if (proposal.type === "group_context_extensions") extensions = proposal.extensions;
    if (proposal.type === "add") {
      indexes.addLeaf(proposal.keyPackage.leafNode);
      size++;
    }
  }
  const goesInto = (leafNode: LeafNode): boolean =>
    holds(() => {
      checkLeafInTree(leafNode, { indexes, size }, extensions, settings);
    });
  const update = (leafIndex: number, leafNode: LeafNode): boolean => {
    const before = senderLeafOf(tree, leafIndex);
    indexes.removeLeaf(before);
    indexes.addLeaf(leafNode);
    if (goesInto(leafNode)) return true;
    indexes.removeLeaf(leafNode);
    indexes.addLeaf(before);
    return false;
  };
  const add = (leafNode: LeafNode): boolean => {
    if (size >= limits.leaves) return false;
    indexes.addLeaf(leafNode);
    size++;
    if (goesInto(leafNode)) return true;
    indexes.removeLeaf(leafNode);
    size--;
    return false;
  };
  const extend = (next: readonly Extension[]): boolean => {
    const supported = holds(() => {
      checkGroupContextExtensions(next, { indexes, size }, registry);
      checkRequiredCapabilitiesSupported(requiredCapabilities(next), { indexes, size });
    });
    if (supported) extensions = next;
    return supported;
  };
  // Asked once a type, and once a leaf where it removes its sender: a member may send as many as there is room for.
  const answers = new Map<string, boolean>();
  const isTypeSupported = (entry: CommittedProposal, type: number): boolean => {
    const question = `${String(type)} of ${String(changedLeaf(entry, registry))}`;
    const answer = answers.get(question) ?? isSupported([...removals, entry]);
    answers.set(question, answer);
    return answer;
  };
  const goes = (entry: CommittedProposal): boolean => {
    const { proposal, sender } = entry;
    switch (proposal.type) {
      case "update":
        return sender.type === "member" && update(sender.leafIndex, proposal.leafNode);
      case "add":
        return add(proposal.keyPackage.leafNode);
      case "group_context_extensions":
        return extend(proposal.extensions);
      case "custom":
        return isTypeSupported(entry, proposal.proposalType);
      default:
        return true;
    }
  };
  for (const entry of candidates) if (!chosen.has(entry) && goes(entry)) chosen.add(entry);
  return candidates.filter((entry) => chosen.has(entry));

  function isSupported(list: ProposalList): boolean {
    return holds(() => {
      checkProposalSupport(list, tree, registry);
    });
  }
}

/** How many lists are tried in the end: each costs as much as applying it. */
const mostTries = 16;

/** Leave out what does not go together with the rest of the list: by halves, then alone. */
function byHalves(candidates: ProposalList, fit: (list: ProposalList) => boolean): ProposalList {
  let tries = 0;
  const grow = (kept: ProposalList, more: ProposalList): ProposalList => {
    if (more.length === 0 || tries >= mostTries) return kept;
    tries++;
    const longer = [...kept, ...more];
    if (fit(longer)) return longer;
    if (more.length === 1) return kept;
    const half = more.length >> 1;
    return grow(grow(kept, more.slice(0, half)), more.slice(half));
  };
  return grow([], candidates);
}

function fits({ tree, context }: PublicEpoch, list: ProposalList, settings: Settings): boolean {
  return holds(() => {
    checkProposalSupport(list, tree, settings.registry);
    checkAppliedProposals(applyProposals({ tree, extensions: context.extensions }, list, settings.registry), settings);
  });
}

/** Whether a check is passed. */
function holds(check: () => void): boolean {
  return isPassed(CopseError, check);
}
