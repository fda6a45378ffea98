/**
 * Proposals that wait, and that a commit must hold: those by which members leave, and those that remove others where the rules have
 * accepted them. What else waits is the committer's to choose: RFC 9420 section 12.4 says SHOULD, and what some can't commit (a PSK
 * that they don't hold, a key package that is over) must not stop everybody. For the same reason nothing is insisted on that the
 * room's rules would refuse in a commit of its own, or that other members say they can't take in.
 */

import { isPassed } from "../../bytes/attempt.ts";
import { hex } from "../../bytes/text.ts";
import type { CommitEvent, Member } from "../../public-group/events.ts";
import type { PendingProposal } from "../../public-group/proposals/proposal-store.ts";
import { RoomError } from "../../rooms/errors.ts";
import type { Sender } from "../../wire/framing.ts";
import type { Settings } from "../options.ts";
import { keepingRules, type FollowedRoom } from "./followed-rooms.ts";
import { Refused } from "./refused.ts";

/** Somebody who is to go, by a proposal that waits. */
interface Leaving {
  readonly leaf: number;
  /** Whether the member asks for it itself. */
  readonly isOwn: boolean;
  readonly sender: Sender;
  readonly ref: string;
}

type Place = Pick<FollowedRoom, "observer" | "mimi" | "pending">;

/** Who goes by a proposal that a commit may have to hold. */
function leavingOf({ proposal, sender, ref }: PendingProposal, settings: Settings): Leaving | undefined {
  const { rooms, reviewRoom, reviewProposal, groupSettings } = settings;
  if (proposal.type === "remove") {
    const isReviewed = reviewProposal !== undefined || (rooms === undefined && reviewRoom === undefined);
    return isReviewed ? { leaf: proposal.removed, isOwn: false, sender, ref: hex(ref) } : undefined;
  }
  if (proposal.type !== "custom" || sender.type !== "member") return undefined;
  if (groupSettings.registry.proposals.get(proposal.proposalType)?.removesSender !== true) return undefined;
  return { leaf: sender.leafIndex, isOwn: true, sender, ref: hex(ref) };
}

/** As many of them, in their order, as the room's rules let one commit hold that holds nothing else. */
function committable(leavings: readonly Leaving[], place: Place): readonly Leaving[] {
  if (isCommittable(leavings, place)) return leavings;
  const chosen: Leaving[] = [];
  for (const each of leavings) if (isCommittable([...chosen, each], place)) chosen.push(each);
  return chosen;
}

function isCommittable(leavings: readonly Leaving[], { observer, mimi }: Place): boolean {
  if (mimi === undefined || leavings.length === 0) return true;
  return isPassed(RoomError, () => {
    mimi.check(commitOf(leavings, observer));
  });
}

/** What a commit of these proposals, and of no other, would change. Who makes it does not matter to the rules. */
function commitOf(leavings: readonly Leaving[], observer: Place["observer"]): CommitEvent {
  const byLeaf = new Map(leavings.map((each) => [each.leaf, each]));
  const gone: { readonly member: Member; readonly by: Leaving }[] = [];
  let committer: Member | undefined;
  for (const member of observer.members) {
    const by = byLeaf.get(member.leafIndex);
    if (by !== undefined) gone.push({ member, by });
    if (by === undefined || committer === undefined) committer = member;
  }
  if (committer === undefined) throw new TypeError("a group has members");
  const { extensions } = observer.groupContext;
  return {
    kind: "commit",
    committer,
    external: false,
    epoch: observer.epoch + 1n,
    added: [],
    removed: gone.map(({ member }) => member),
    left: gone.filter(({ by }) => by.isOwn).map(({ member }) => member),
    proposers: { added: [], removed: gone.map(({ by }) => by.sender), context: undefined, reinit: undefined },
    updated: [],
    psks: [],
    contextChanged: false,
    contextExtensions: { before: extensions, after: extensions },
    reinit: undefined,
    custom: [],
    authenticatedData: new Uint8Array(0),
  };
}

/**
 * Of a proposal by which its sender leaves: whether it can be committed, together with those who leave already. One that can't is made
 * again in the next epoch, and judged again.
 *
 * @throws Refused "policy"
 */
export function checkCanLeave(proposal: PendingProposal, place: Place, settings: Settings): void {
  const leaving = leavingOf(proposal, settings);
  if (leaving?.isOwn !== true) return;
  const together = [...insistedOn(place, settings), leaving];
  keepingRules(() => place.mimi?.check(commitOf(together, place.observer)));
}

function insistedOn(place: Place, settings: Settings): readonly Leaving[] {
  return committable(
    [...place.pending.values()].flatMap((proposal) => leavingOf(proposal, settings) ?? []),
    place,
  );
}

/**
 * @param isLetGo whether members have said of a proposal that they can't take it in
 * @throws Refused "pending"
 */
export function checkHoldsPending(
  place: Place,
  change: CommitEvent,
  settings: Settings,
  isLetGo: (ref: string) => boolean,
): void {
  if (change.reinit !== undefined) return; // it stands alone (section 12.2)
  const removed = new Set(change.removed.map(({ leafIndex }) => leafIndex));
  for (const { leaf, isOwn, ref } of insistedOn(place, settings)) {
    if (!isOwn && change.external) continue; // an external commit refers to no Remove (section 12.4.3.2)
    if (removed.has(leaf) || isLetGo(ref)) continue;
    if (!change.external && leaf === change.committer.leafIndex) continue; // nobody commits that (section 12.2)
    throw new Refused("pending");
  }
}
