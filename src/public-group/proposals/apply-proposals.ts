/**
 * Applying a proposal list to the tree and the group context. RFC 9420 section 12.3.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { senderLeafOf } from "../../rules/framing.ts";
import { updateSenderOf } from "../../rules/proposal.ts";
import { checkNotYetMember, type CommittedProposal, type ProposalList } from "../../rules/proposal-list.ts";
import {
  customTypeOf,
  keepingBeside,
  type CustomEntry,
  type ProposalStep,
  type Registry,
} from "../../rules/registry.ts";
import { detached } from "../../tree/detached.ts";
import type { RatchetTree } from "../../tree/ratchet-tree.ts";
import type { Extension } from "../../wire/extension.ts";
import type { KeyPackage } from "../../wire/key-package.ts";
import { LeafNode } from "../../wire/leaf-node.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import type { ExternalInit, ReInit } from "../../wire/proposal.ts";
import type { Sender } from "../../wire/framing.ts";
import type { CommitEvent } from "../events.ts";

/** A new member and its place. */
export interface AddedLeaf {
  readonly leafIndex: number;
  readonly keyPackage: KeyPackage;
  readonly checked: boolean;
}

/** A leaf that an Update replaced. `checked` where the proposal was checked when it arrived. */
export interface UpdatedLeaf {
  readonly leafIndex: number;
  readonly before: LeafNode;
  readonly after: LeafNode;
  readonly checked: boolean;
}

/** A list of proposals applied to a fork of the tree. */
export interface AppliedProposals {
  readonly tree: RatchetTree;
  /** The group context's extensions before and after. */
  readonly before: readonly Extension[];
  readonly extensions: readonly Extension[];
  readonly added: readonly AddedLeaf[];
  readonly updated: readonly UpdatedLeaf[];
  readonly removed: readonly (readonly [leafIndex: number, leaf: LeafNode])[];
  /** Those of them who have proposed that themselves, by a custom type. */
  readonly left: readonly number[];
  readonly psks: readonly PreSharedKeyId[];
  readonly externalInit: ExternalInit | undefined;
  readonly reinit: ReInit | undefined;
  readonly custom: readonly CustomEntry[];
  readonly proposers: CommitEvent["proposers"];
}

/** The leaves that were added, in increasing order: those that no path secret is sealed to. */
export function newLeaves({ added }: AppliedProposals): readonly number[] {
  return added.map(({ leafIndex }) => leafIndex).sort((a, b) => a - b);
}

/** The context outlives the message that brought it. */
function copyExtension({ type, data }: Extension): Extension {
  return { type, data: copyBytes(data) };
}

const steps: readonly ProposalStep[] = [
  "group_context_extensions",
  "update",
  "remove",
  "add",
  "psk",
  "external_init",
  "reinit",
];

/**
 * Apply a list that has passed the rules for lists, in the order of section 12.3: extensions, updates, removes, adds,
 * PSKs, ExternalInit, ReInit, and each custom type after the step that it declares. The tree itself is not touched.
 *
 * @throws CopseError "commit-add-existing"; what a custom type refuses a list with.
 */
export function applyProposals(
  from: { readonly tree: RatchetTree; readonly extensions: readonly Extension[] },
  list: ProposalList,
  registry: Registry,
): AppliedProposals {
  const tree = from.tree.fork();
  const before = from.extensions;
  let extensions = before;
  const external = list.some(({ proposal }) => proposal.type === "external_init");
  const added: AddedLeaf[] = [];
  const updated: UpdatedLeaf[] = [];
  const removed: [number, LeafNode][] = [];
  const left: number[] = [];
  const psks: PreSharedKeyId[] = [];
  const custom: CustomEntry[] = [];
  const addedBy: Sender[] = [];
  const removedBy: Sender[] = [];
  let contextBy: Sender | undefined;
  let reinitBy: Sender | undefined;
  let externalInit: ExternalInit | undefined;
  let reinit: ReInit | undefined;

  const remove = (leafIndex: number, sender: Sender): void => {
    const leaf = tree.leaf(leafIndex);
    if (leaf === undefined) return;
    tree.remove(leafIndex);
    removed.push([leafIndex, leaf]);
    removedBy.push(sender);
  };
  const apply = ({ proposal, sender, ref }: CommittedProposal): void => {
    switch (proposal.type) {
      case "group_context_extensions":
        extensions = keepingBeside(proposal.extensions.map(copyExtension), before, registry);
        contextBy = sender;
        return;
      case "update": {
        const leafIndex = updateSenderOf(sender);
        const before = senderLeafOf(tree, leafIndex);
        const after = detached(LeafNode, proposal.leafNode);
        tree.update(leafIndex, after);
        updated.push({ leafIndex, before, after, checked: ref !== undefined });
        return;
      }
      case "remove":
        remove(proposal.removed, sender);
        return;
      case "add": {
        const { keyPackage } = proposal;
        checkNotYetMember(keyPackage.leafNode, tree);
        const leafIndex = tree.add(detached(LeafNode, keyPackage.leafNode));
        added.push({ leafIndex, keyPackage, checked: ref !== undefined });
        addedBy.push(sender);
        return;
      }
      case "psk":
        psks.push(proposal.psk);
        return;
      case "external_init":
        externalInit = proposal;
        return;
      case "reinit":
        reinit = {
          ...proposal,
          groupId: copyBytes(proposal.groupId),
          extensions: proposal.extensions.map(copyExtension),
        };
        reinitBy = sender;
        return;
      case "custom":
        custom.push({ proposal, sender });
        if (customTypeOf(proposal, registry)?.removesSender === true && sender.type === "member") {
          left.push(sender.leafIndex);
          remove(sender.leafIndex, sender);
        }
    }
  };

  for (const step of steps) {
    for (const entry of list) if (entry.proposal.type === step) apply(entry);
    for (const { type, after, apply: change } of registry.proposals.values()) {
      if (after !== step) continue;
      const own = list.filter(({ proposal }) => proposal.type === "custom" && proposal.proposalType === type);
      own.forEach(apply);
      if (own.length > 0) {
        extensions = change?.(custom.slice(-own.length), { extensions, tree: from.tree, external }) ?? extensions;
      }
    }
    if (step === "remove" && removed.length > 0) tree.truncate();
  }
  if (removed.length > 0) tree.truncate();
  const proposers = { added: addedBy, removed: removedBy, context: contextBy, reinit: reinitBy };
  return { tree, before, extensions, added, updated, removed, left, psks, externalInit, reinit, custom, proposers };
}
