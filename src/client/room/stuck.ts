/**
 * A room whose next commit this device can't take in: whether the service has taken it back, and what else can be done. One that
 * breaks the rules is never gone past; after one that does not open for this device alone, it joins anew from outside, unless a person has to choose the branch.
 */

import { DeliveryError } from "../../delivery/errors.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { isAway } from "../away.ts";
import { isUndecided } from "../forks/branches.ts";
import { complainOf } from "./complaining.ts";
import type { RoomCore } from "./core.ts";
import { rejoin } from "./rejoin.ts";

/** How long a frozen room is left alone, in milliseconds. */
const pause = 60_000;

/** Look at the room again. */
export async function unstick(core: RoomCore, connection: Connection): Promise<void> {
  const { stuckAt, status } = core.state;
  if (stuckAt > 0n && (await isTakenBack(core, connection, stuckAt))) {
    await core.write({
      state: { status: "member", stuckAt: 0n },
      events: [{ kind: "thawed", room: core.id }],
    });
    return;
  }
  if (status === "behind" && !(await isUndecided(core))) await rejoin(core);
  else core.around.later(core.id, pause);
}

/** Whether the commit is gone from the log, after a complaint if not before. */
async function isTakenBack(core: RoomCore, connection: Connection, stuckAt: bigint): Promise<boolean> {
  try {
    const { items } = await connection.fetch({ room: core.id, after: core.state.cursor });
    const commit = items.find(({ number }) => number === stuckAt);
    if (commit === undefined) return false;
    if (commit.takesBack !== undefined) return true;
    const group = await core.group();
    const code = core.stuckFor ?? "commit-refused"; // after a restart nobody remembers
    const complaint = { epoch: group.epoch + 1n, number: stuckAt, code, message: commit.message };
    return (await complainOf(core, connection, complaint)) === "rolled-back";
  } catch (error) {
    if (!(error instanceof DeliveryError) || isAway(error)) throw error;
    return false;
  }
}
