/**
 * The message by which this member has asked to leave, of which an epoch has one. Section 6.3 of draft-ietf-mls-extensions.
 */

import { customTypeOf } from "../../rules/registry.ts";
import type { StoredProposal } from "../../public-group/proposals/proposal-store.ts";
import type { Proposal } from "../../wire/proposal.ts";
import type { GroupState } from "../state.ts";

/** Whether a stored proposal is the one by which this member asks to leave. */
export function isDeparture({ epoch, settings }: GroupState, entry: StoredProposal | undefined): boolean {
  return (
    entry?.sender.type === "member" &&
    entry.sender.leafIndex === epoch.leafIndex &&
    customTypeOf(entry.proposal, settings.registry)?.removesSender === true
  );
}

/**
 * The proposal by which this member has asked to leave in this epoch, where it is about to ask again; also one that it has taken
 * back. Section 6.3: "A client MUST NOT issue more than one SelfRemove proposal per epoch." extensions 6.3 (9)
 */
export function sentDeparture(state: GroupState, proposal: Proposal): StoredProposal | undefined {
  const { proposals, withdrawn, settings } = state;
  if (customTypeOf(proposal, settings.registry)?.removesSender !== true) return undefined;
  return withdrawn ?? [...proposals.values()].find((entry) => isDeparture(state, entry));
}
