/**
 * Sending what is waiting in a room, in its order. A message is sealed for the current epoch, and all changes that wait at the head
 * become one commit; either is stored before it is published, and published again as it is until the service has answered. What
 * has lost a race waits again, and is made for the new epoch.
 */

import type { Connection } from "../../delivery/delivery.ts";
import { selfRemoveType } from "../../extensions/self-remove.ts";
import type { Group } from "../../group/group.ts";
import { intentKey, ownKey } from "../store/keys.ts";
import type { OpenedMessage } from "../surroundings.ts";
import type { NumberedIntent } from "../outbox/intent.ts";
import { fail } from "../outbox/ending.ts";
import { putIntent } from "../outbox/intents.ts";
import { isDue } from "../passed.ts";
import type { RoomCore, Outcome } from "./core.ts";
import { passed } from "./log.ts";
import { lookAgain } from "./looking.ts";
import { accepted, contentOf } from "./said.ts";
import { sealing } from "./sealing.ts";
import type { Sent } from "./sent.ts";

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
  if (group.pendingCommit !== undefined)
    return (await import("./changes.ts")).publishCommit(core, connection, group, waiting);
  const [first] = waiting;
  if (first?.wish.kind === "message" && first.state.kind === "made") return publishMessage(core, connection, first);
  if (first?.wish.kind === "change" && first.wish.change.kind === "leave") {
    const { leaveRoom, tellOfLeaving } = await import("./leaving.ts");
    return first.state.kind === "made" && first.state.epoch === group.epoch
      ? tellOfLeaving(core, connection, first)
      : leaveRoom(core, connection, group, first);
  }
  if (isLeaving(group)) return "idle"; // others commit that, and with it all else
  if (group.pendingProposals.length === 0) {
    if (first === undefined) return "idle";
    if (first.wish.kind === "message") return sealMessage(core, group, first);
  }
  return (await import("./changes.ts")).commit(core, connection, group, waiting);
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
  const content = await contentOf(core, wish);
  // Its entry may have gone at that moment.
  if (content.length === 0 || (wish.until !== undefined && core.around.clock() > wish.until)) {
    await fail(core, [intent], "impossible");
    return "again";
  }
  const refused = await sealing(core, group, content, (state) => ({
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
