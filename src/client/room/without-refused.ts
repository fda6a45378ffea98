/**
 * Proposals of others that no commit may hold as they are: those that go together end the epoch, and the others with it.
 */

import { CopseError } from "../../errors.ts";
import type { Group } from "../../group/group.ts";
import { userOf } from "../../rooms/uri.ts";
import { beside, dropped } from "./committing.ts";
import type { RoomCore } from "./core.ts";
import type { Sent } from "./sent.ts";

/**
 * Proposals that no commit may hold as they are: their others may be on the way, as when a user leaves with all devices. If not, a
 * commit of those that go together ends the epoch, and the others with it, so that nobody keeps a room from talking by proposing what
 * it refuses. None is forgotten: another member may commit it, and that commit is to be followed.
 */
export async function withoutRefused(core: RoomCore, group: Group): Promise<Sent> {
  const { epoch } = group;
  if (core.refusedIn !== epoch) {
    core.refusedIn = epoch;
    core.around.later(core.id, forTheRest);
    return "later";
  }
  const byUser = new Map<string, Uint8Array[]>();
  for (const { ref, sender } of group.pendingProposals) {
    const member = sender.type === "member" ? group.member(sender.leafIndex) : undefined;
    const user = (member && userOf(member.credential)) ?? sender.type;
    byUser.set(user, [...(byUser.get(user) ?? []), ref]);
  }
  let chosen: readonly Uint8Array[] = [];
  for (const refs of byUser.values()) {
    const more = [...chosen, ...refs];
    if (await isCommittable(core, group, more)) chosen = more;
  }
  return (await commitOfPending(core, group, chosen)) ? "again" : "later";
}

/** How long the rest of what belongs together may take, in milliseconds. */
const forTheRest = 3_000;

/** Whether the room would take a commit of these proposals alone. */
async function isCommittable(core: RoomCore, group: Group, refs: readonly Uint8Array[]): Promise<boolean> {
  if (!(await commitOfPending(core, group, refs))) return false;
  const { pendingCommit } = group;
  if (pendingCommit !== undefined) await dropped(group, pendingCommit);
  return true;
}

/** Make a commit of these proposals alone, under an id of its own. Gives whether the room takes it. */
async function commitOfPending(core: RoomCore, group: Group, refs: readonly Uint8Array[]): Promise<boolean> {
  const write = core.around.writeId();
  try {
    await core.step(
      () => group.commit({ pending: refs, ...beside(core, group) }),
      (event) => (event.kind === "committed" ? { state: { commitWrite: write, isDue: true }, flush: true } : {}),
    );
    return true;
  } catch (error) {
    if (error instanceof CopseError && !error.code.startsWith("state-")) return false;
    throw error;
  }
}
