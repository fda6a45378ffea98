/**
 * What there is to commit in an epoch: who wants in, who wants out, and who is not in the chat any more. RFC 9420 section
 * 12.4: all of it in one commit.
 */

import type { Group } from "../../group/group.ts";
import type { PendingProposal } from "../../public-group/proposals/proposal-store.ts";
import type { CommitOptions } from "../../group/sending/send.ts";
import type { EpochMember } from "../epoch-source.ts";
import type { ChatView } from "./chat-view.ts";
import type { Roster } from "./roster.ts";
import { selfRemoveType } from "../../extensions/self-remove.ts";

/** What the agenda is made of. */
export interface AgendaInput {
  readonly group: Group;
  readonly chat: ChatView;
  readonly roster: Roster;
}

/** The commit to make, or undefined where there is nothing to do. */
export function agendaOf(input: AgendaInput): CommitOptions | undefined {
  const { group, chat, roster } = input;
  const wanted = new Set<string>();
  const remove = new Set(roster.strangers);
  let adds = false;
  for (const entry of group.pendingProposals) {
    if (!isWanted(entry, input)) continue;
    wanted.add(entry.ref.join());
    if (entry.proposal.type !== "add") continue;
    adds = true;
    // A device that comes back: its old leaf goes with the commit that brings the new one (section 12.2).
    const old = roster.leafOf(chat.keyOf(entry.proposal.keyPackage.leafNode));
    if (old !== undefined) remove.add(old);
  }
  if (wanted.size === 0 && remove.size === 0) return undefined;
  return {
    remove: [...remove],
    psks: adds ? [chat.psk()] : [],
    pending: ({ ref }) => wanted.has(ref.join()),
    groupInfo: true,
  };
}

/** The members that have asked to leave, are to be removed, or are not in the chat. */
export function leavingIn({ group, roster }: AgendaInput): ReadonlySet<number> {
  const leaving = new Set(roster.strangers);
  for (const entry of group.pendingProposals) {
    const { proposal, sender } = entry;
    if (!isDeparture(entry, roster)) continue;
    if (proposal.type === "remove") leaving.add(proposal.removed);
    else if (sender.type === "member") leaving.add(sender.leafIndex);
  }
  return leaving;
}

/** Whether all members leave, as `leavingIn` says, or are gone as far as the caller knows: nobody is there to commit that. */
export function isDeserted(input: AgendaInput, isGone: (member: EpochMember) => boolean): boolean {
  const leaving = leavingIn(input);
  return Array.from(input.group.members).every((member) => leaving.has(member.leafIndex) || isGone(member));
}

/** The members that may commit, in the order of their leaves. */
export function candidatesOf({ roster }: AgendaInput, leaving: ReadonlySet<number>): readonly number[] {
  return Array.from(roster.leaves)
    .filter((leafIndex) => !leaving.has(leafIndex))
    .sort((a, b) => a - b);
}

/** Whether a proposal belongs in a call's commit. */
function isWanted(entry: PendingProposal, { group, chat, roster }: AgendaInput): boolean {
  const { proposal, sender } = entry;
  if (proposal.type === "update") {
    // Not as another device: everybody refuses that.
    const key = chat.keyOf(proposal.leafNode);
    return sender.type === "member" && roster.leafOf(key) === sender.leafIndex && chat.hasKey(key);
  }
  if (proposal.type !== "add") return isDeparture(entry, roster);
  // A device knocks by itself, or the server says so: another member's Add would put it out with a key package of old.
  if (sender.type === "member") return false;
  const key = chat.keyOf(proposal.keyPackage.leafNode);
  const old = roster.leafOf(key);
  // Not an old knock of a device that has just come in, and not one of our own while we are here.
  return chat.hasKey(key) && (old === undefined || (old !== group.self.leafIndex && !roster.isNew(key)));
}

/**
 * A Remove, or a self_remove: the one custom type of a call's group that is committed. Who is not in the chat any more can
 * only ask for its own.
 */
function isDeparture({ proposal, sender }: PendingProposal, { strangers }: Roster): boolean {
  if (proposal.type === "remove") return sender.type !== "member" || !strangers.has(sender.leafIndex);
  return proposal.type === "custom" && proposal.proposalType === selfRemoveType;
}
