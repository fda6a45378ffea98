/**
 * The commit of what waits in a room: made and stored, then published. What has lost a race waits again, and is made for the new epoch.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { CopseError } from "../../errors.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { Group } from "../../group/group.ts";
import { fail } from "../outbox/ending.ts";
import type { NumberedIntent } from "../outbox/intent.ts";
import { changesOf, putIntent } from "../outbox/intents.ts";
import { planChanges, type Planned } from "../outbox/plan.ts";
import { intentKey } from "../store/keys.ts";
import { beside, dropped } from "./committing.ts";
import type { Outcome, RoomCore } from "./core.ts";
import { catchUp, takeIn } from "./incoming.ts";
import { longestWait, type Sent } from "./sent.ts";

/** Lost races in a row after which a device waits before it tries again, longer each time. */
const patience = 5;
/** The shortest of these waits, in milliseconds. */
const shortestWait = 50;

/** Make a commit of what waits, and of the proposals that others have made. */
export async function commit(
  core: RoomCore,
  connection: Connection,
  group: Group,
  waiting: readonly NumberedIntent[],
): Promise<Sent> {
  const wait = waitOf(core);
  if (wait > 0) {
    core.around.later(core.id, wait);
    return "later";
  }
  const changes = waiting.filter(({ wish }) => wish.kind === "change");
  const planned: Planned = await planChanges(core, connection, group, core.isOneByOne ? changes.slice(0, 1) : changes);
  if (planned.settled.length > 0) await core.write(settledOutcome(core, planned));
  if (planned.commit === undefined && group.pendingProposals.length === 0) return "again";
  const write = core.around.writeId();
  const made = { kind: "made", write, epoch: group.epoch, message: new Uint8Array(0) } as const;
  try {
    await core.step(
      () => group.commit({ ...planned.commit, ...beside(core, group) }),
      (event) =>
        event.kind === "committed"
          ? {
              changes: planned.taken.map((intent) => putIntent(core.id, intent.number, { ...intent, state: made })),
              state: { commitWrite: write, isDue: true },
              flush: true,
            }
          : {},
    );
  } catch (error) {
    if (!(error instanceof CopseError) || error.code.startsWith("state-")) throw error;
    if (group.pendingProposals.length > 0) {
      const { withoutRefused } = await import("./without-refused.ts");
      return withoutRefused(core, group);
    }
    if (planned.taken.length === 0) throw error;
    if (planned.taken.length > 1) core.isOneByOne = true;
    else await fail(core, planned.taken, error.code === "commit-refused" ? "not-allowed" : "impossible", error.code);
    return "again";
  }
  core.isOneByOne = false;
  return "again";
}

/** Publish the commit that was made, as it is, until the service has answered. */
export async function publishCommit(
  core: RoomCore,
  connection: Connection,
  group: Group,
  waiting: readonly NumberedIntent[],
): Promise<Sent> {
  const pending = group.pendingCommit!;
  const { groupInfo, welcome } = pending;
  if (groupInfo === undefined) {
    await dropped(group, pending);
    return "again";
  }
  const answer = await connection.publish({
    id: core.state.commitWrite,
    room: core.id,
    message: pending.commit,
    commit: { groupInfo, ...(welcome !== undefined && { welcome }) },
  });
  if (answer.kind === "accepted") {
    if (answer.number === core.state.cursor + 1n) {
      await takeIn(core, { number: answer.number, at: answer.at, message: pending.commit });
    } else await catchUp(core);
    return "again";
  }
  // Not what was asked for since: it is in no commit yet.
  const carried = waiting.filter(({ wish, state }) => wish.kind === "change" && state.kind === "made");
  const { refused } = await import("./refused.ts");
  const sent = await refused(core, answer, carried);
  // What the service will not have is given up, where nobody else's commit has done so already.
  const left = group.pendingCommit;
  if (answer.reason !== "rate" && left !== undefined && bytesEqual(left.commit, pending.commit)) {
    await core.write({ changes: await changesOf(core, "lost") });
    await dropped(group, left);
  }
  return sent;
}

function settledOutcome(core: RoomCore, { settled }: Planned): Outcome {
  return {
    changes: settled.map(({ intent }) => ({ delete: intentKey(core.id, intent.number) })),
    events: settled.map(({ intent, code }) =>
      code === undefined
        ? ({ kind: "done", room: core.id, intent: intent.id } as const)
        : ({ kind: "failed", room: core.id, intent: intent.id, code, detail: "" } as const),
    ),
  };
}

/** How long a device that loses race after race waits, spread so that those who lose to each other don't come back together. */
function waitOf(core: RoomCore): number {
  const { lostRaces } = core.state;
  if (lostRaces < patience || core.waited === lostRaces) return 0;
  core.waited = lostRaces;
  const most = Math.min(longestWait, shortestWait * 2 ** (lostRaces - patience + 1));
  const [byte = 0] = core.around.random(1);
  return Math.ceil((most * (byte + 1)) / 256);
}
