/**
 * What all commits of a room have in common, whatever is in them.
 */

import type { Group } from "../../group/group.ts";
import type { Pending } from "../../group/held/pending.ts";
import type { CommitOptions } from "../../group/sending/send.ts";
import type { RoomCore } from "./core.ts";
import { authenticatedLog } from "./log.ts";

/** What each commit has beside its proposals. The service has the tree. */
export function beside(
  core: RoomCore,
  group: Group,
): Pick<CommitOptions, "welcome" | "groupInfo" | "authenticatedData"> {
  const without = { ratchetTree: false };
  return { welcome: without, groupInfo: without, authenticatedData: authenticatedLog(core, group) };
}

/** Give a pending commit up, and wait until that is stored: dropping it waits for nobody. */
export async function dropped(group: Group, pending: Pending): Promise<void> {
  pending.drop();
  await group.forgetProposal(new Uint8Array(0)); // there is none of this name: it only comes after what waits
}
