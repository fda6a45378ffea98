/**
 * Sending what is waiting in a room, in its order. A message is sealed for the current epoch, and all changes that wait at the head
 * become one commit; either is stored before it is published, and published again as it is until the service has answered. What
 * has lost a race waits again, and is made for the new epoch.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { CopseError } from "../../errors.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { selfRemoveType } from "../../extensions/self-remove.ts";
import type { Group } from "../../group/group.ts";
import { intentKey, ownKey } from "../store/keys.ts";
import type { OpenedMessage } from "../surroundings.ts";
import type { NumberedIntent } from "../outbox/intent.ts";
import { fail } from "../outbox/ending.ts";
import { changesOf, putIntent } from "../outbox/intents.ts";
import { isDue } from "../passed.ts";
import type { Planned } from "../outbox/plan.ts";
import { beside, dropped } from "./committing.ts";
import type { RoomCore, Outcome } from "./core.ts";
import { catchUp, takeIn } from "./incoming.ts";
import { passed } from "./log.ts";
import { lookAgain } from "./looking.ts";
import { accepted } from "./said.ts";
import { sealing } from "./sealing.ts";
import { longestWait, type Sent } from "./sent.ts";

/** Lost races in a row after which a device waits before it tries again, longer each time. */
const patience = 5;
/** The shortest of these waits, in milliseconds. */
const shortestWait = 50;

/** Send what is next. */
export async function sendNext(core: RoomCore): Promise<Sent> {
  const connection = core.around.connection();
  if (connection === undefined || core.state.status !== "member") return "later";
  let waiting = await headOf(core);
  if (waiting.length === 0 && core.loaded === undefined && !core.state.isDue) return "idle";
  const group = await core.group();
  const [isLooked, isTakingOut] = [await lookAgain(core), await takesOut(core)];
  if (isLooked || isTakingOut) waiting = await headOf(core);
  const behind = await behindRenewal(core, group, waiting);
  if (behind !== undefined && !isDue(core.renewsAt, renewalPause, core.around.clock()))
    return sendMessage(core, connection, group, behind);
  const sent = await sendHead(core, connection, group, waiting);
  if (sent !== "later" || behind === undefined) return sent;
  core.renewsAt = core.around.clock() + renewalPause;
  return sendMessage(core, connection, group, behind);
}

/** Whether leaves are taken out that contradict what is known. */
async function takesOut(core: RoomCore): Promise<boolean> {
  if ((await core.alarms.all()).length > 0) return (await import("./taking-out.ts")).takeOut(core);
  core.takesOutAt = undefined;
  return false;
}

/** How long a renewal that can't be carried out now is passed over, while messages wait behind it, in milliseconds. */
const renewalPause = 1_000;

/** The message that waits behind new keys of this device's leaf, and behind nothing else: it need not wait for them. */
async function behindRenewal(
  core: RoomCore,
  group: Group,
  waiting: readonly NumberedIntent[],
): Promise<NumberedIntent | undefined> {
  const isRenewal = waiting.every(({ wish }) => wish.kind === "change" && wish.change.kind === "renew");
  if (!isRenewal || waiting.length === 0 || group.pendingProposals.length > 0) return undefined;
  if (await isHeldIn(core)) return undefined;
  for (const intent of await core.outbox.intents()) if (intent.wish.kind === "message") return intent;
  return undefined;
}

function sendMessage(core: RoomCore, connection: Connection, group: Group, intent: NumberedIntent): Promise<Sent> {
  return intent.state.kind === "made" ? publishMessage(core, connection, intent) : sealMessage(core, group, intent);
}

async function sendHead(
  core: RoomCore,
  connection: Connection,
  group: Group,
  waiting: readonly NumberedIntent[],
): Promise<Sent> {
  if (group.pendingCommit !== undefined) return publishCommit(core, connection, group, waiting);
  const [first] = waiting;
  if (first?.wish.kind === "message" && first.state.kind === "made") return publishMessage(core, connection, first);
  if (first?.wish.kind === "change" && first.wish.change.kind === "leave") {
    const { leaveRoom, tellOfLeaving } = await import("./leaving.ts");
    return first.state.kind === "made" && first.state.epoch === group.epoch
      ? tellOfLeaving(core, connection, first)
      : leaveRoom(core, connection, group, first);
  }
  if (isLeaving(group)) return "idle"; // others commit that, and with it all else
  if (group.pendingProposals.length > 0) return commit(core, connection, group, waiting);
  if (first === undefined) return "idle";
  if (first.wish.kind === "change") return commit(core, connection, group, waiting);
  return sealMessage(core, group, first);
}

/** Whether this device has asked to be let go. */
function isLeaving({ pendingProposals, self }: Group): boolean {
  return pendingProposals.some(
    ({ proposal, sender }) =>
      proposal.type === "custom" &&
      proposal.proposalType === selfRemoveType &&
      sender.type === "member" &&
      sender.leafIndex === self.leafIndex,
  );
}

/** The intents at the head: one message, or all changes up to the next message. Changes don't wait for messages that are held. */
async function headOf(core: RoomCore): Promise<NumberedIntent[]> {
  const head: NumberedIntent[] = [];
  const isHeld = await isHeldIn(core);
  for (const intent of await core.outbox.intents()) {
    if (isHeld && intent.wish.kind === "message") continue;
    if (head.length > 0 && intent.wish.kind !== head[0]!.wish.kind) break;
    head.push(intent);
    if (intent.wish.kind === "message") break;
  }
  return head;
}

/** Whether messages wait: somebody may be there under another's name, or, among the user's own devices, one that is not on the list. */
async function isHeldIn(core: RoomCore): Promise<boolean> {
  if (await core.alarms.isHolding()) return true;
  if (!core.around.isSelf(core.id)) return false;
  const { strangersIn } = await import("./own-clients.ts");
  return (await strangersIn(core)).length > 0;
}

async function sealMessage(core: RoomCore, group: Group, intent: NumberedIntent): Promise<Sent> {
  const { wish, number } = intent;
  if (wish.kind !== "message") return "idle";
  if (wish.until !== undefined && core.around.clock() > wish.until) {
    await fail(core, [intent], "impossible");
    return "again";
  }
  const refused = await sealing(core, group, wish.content, (state) => ({
    changes: [putIntent(core.id, number, { ...intent, state })],
    flush: true,
  }));
  if (refused !== undefined) await fail(core, [intent], refused.code, refused.detail);
  return "again";
}

async function publishMessage(core: RoomCore, connection: Connection, intent: NumberedIntent): Promise<Sent> {
  const { wish, state, number } = intent;
  if (wish.kind !== "message" || state.kind !== "made") return "idle";
  const answer = await connection.publish({ id: state.write, room: core.id, message: state.message });
  if (answer.kind === "accepted") {
    const message = {
      room: core.id,
      device: core.around.device,
      content: wish.content,
      number: answer.number,
      at: answer.at,
    };
    const isNext = answer.number === core.state.cursor + 1n;
    const { changes, events } =
      wish.entry === 0n
        ? await besides(core, message)
        : await accepted(core, message, { id: intent.id, number, entry: wish.entry });
    await core.write({
      ...(isNext && { state: await passed(core, { number: answer.number, message: state.message }) }),
      changes: wish.entry === 0n ? [...changes, { delete: intentKey(core.id, number) }] : changes,
      events,
    });
    return "again";
  }
  const { refused } = await import("./refused.ts");
  return refused(core, answer, [intent]);
}

/**
 * What comes of a message that is none of the timeline's: it counts at its place in the log, which may come later than the service's
 * answer, or have come before.
 */
async function besides(core: RoomCore, message: OpenedMessage): Promise<Pick<Required<Outcome>, "changes" | "events">> {
  const next = core.state.cursor + 1n;
  if (message.number === next) return core.around.folding.own(message);
  const isLater = message.number > next;
  const put = { put: ownKey(core.id, message.number), value: message.content };
  return { changes: isLater ? [put] : [], events: [] };
}

/** Make a commit of what waits, and of the proposals that others have made. */
async function commit(
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
  const { planChanges } = await import("../outbox/plan.ts");
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

async function publishCommit(
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
