/**
 * Giving up a proposal that waits for a commit. What an epoch may have only one of is remembered as long as it lasts.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { CopseError } from "../../errors.ts";
import { withoutOwnUpdate } from "../held/own-updates.ts";
import { isDeparture } from "./departure.ts";
import { checkAlive, take, type GroupState } from "../state.ts";

/**
 * Forget the proposal of a ProposalRef, and of an Update of ours the private key. Gives whether there was one.
 *
 * @throws CopseError "pending-own-commit" while a commit of ours holds it.
 */
export async function forgetProposal(state: GroupState, ref: Uint8Array): Promise<boolean> {
  checkAlive(state);
  const { proposals, ownUpdates, pending } = state;
  if (!proposals.has(ref)) return false;
  // The pending commit is restored with the proposals that it refers to.
  if (pending?.list.some((entry) => entry.ref !== undefined && bytesEqual(entry.ref, ref)) === true) {
    throw new CopseError("pending-own-commit", { detail: "it holds this proposal" });
  }
  const found = proposals.find(ref);
  const withdrawn = isDeparture(state, found) ? found : state.withdrawn;
  const change = { proposals: proposals.without(ref), withdrawn, ownUpdates: withoutOwnUpdate(ownUpdates, ref) };
  await take(state, { change, event: () => ({ kind: "forgotten", ref: ref.slice() }) });
  return true;
}
