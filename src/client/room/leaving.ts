/**
 * Leaving a room: this device can only ask for it, and others commit it. The wish stays until the device is out: where an epoch
 * begins without it, it is asked for again. Section 6.3 of draft-ietf-mls-extensions
 */

import { decode, encode, opaque, vector, type Codec } from "../../codec/codec.ts";
import { unlimited } from "../../codec/limits.ts";
import { CopseError } from "../../errors.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { Group } from "../../group/group.ts";
import { leave } from "../../rooms/changes.ts";
import { noRole } from "../../rooms/formats/roles.ts";
import type { Room } from "../../rooms/room.ts";
import { failing, failingAll } from "../outbox/ending.ts";
import { putIntent } from "../outbox/intents.ts";
import type { NumberedIntent } from "../outbox/intent.ts";
import { clientsOf } from "../outbox/plan.ts";
import type { RoomCore } from "./core.ts";
import { catchUp } from "./incoming.ts";
import type { Sent } from "./sent.ts";

const Messages: Codec<readonly Uint8Array[]> = vector(opaque, "proposals");

/** How long a service that refuses without saying why is left alone, in milliseconds. */
const pause = 30_000;

/** Make what asks for it, for this epoch, and store it. Where only this user is in the room, nobody has to be asked. */
export async function leaveRoom(
  core: RoomCore,
  connection: Connection,
  group: Group,
  intent: NumberedIntent,
): Promise<Sent> {
  const own = clientsOf(group, core.around.user);
  if (group.size === 1) return leaveAlone(core);
  if (own.length === group.size) return takeOthersOff(core, group, intent, own);
  if (isNeeded(core.rules, core.around.user)) {
    await core.write(await failing(core, [intent], "not-allowed", "role-count"));
    return "again";
  }
  let messages: readonly Uint8Array[];
  try {
    messages = await proposeLeaving(core, group, own);
  } catch (error) {
    if (!(error instanceof CopseError) || error.code.startsWith("state-")) throw error;
    await core.write(await failing(core, [intent], "not-allowed", error.code));
    return "again";
  }
  const write = core.around.writeId();
  const made = { kind: "made", write, epoch: group.epoch, message: encode(Messages, messages) } as const;
  const changes = [putIntent(core.id, intent.number, { ...intent, state: made })];
  await core.write({ changes, flush: true });
  return tellOfLeaving(core, connection, { ...intent, state: made });
}

/** Whether the room needs this user in its role: nobody could commit its leaving. draft-ietf-mimi-room-policy section 3 */
function isNeeded(room: Room, user: string): boolean {
  const role = room.role(room.participant(user)?.role ?? noRole);
  if (role === undefined) return false;
  const others = [...room.participants].filter((each) => each.role === role.roleIndex && each.user !== user);
  const active = others.filter(({ clients }) => clients > 0).length;
  return others.length < role.minimumParticipants || active < role.minimumActive;
}

/** Publish it, and wait: others commit it, and with it all else. */
export async function tellOfLeaving(core: RoomCore, connection: Connection, intent: NumberedIntent): Promise<Sent> {
  const { state } = intent;
  if (state.kind !== "made" || core.askedToLeaveIn === state.epoch) return "idle";
  for (const [i, message] of decode(Messages, state.message, { limits: unlimited }).entries()) {
    const answer = await connection.publish({ id: numbered(state.write, i), room: core.id, message });
    if (answer.kind === "accepted") continue;
    const before = core.state.cursor;
    await catchUp(core);
    if (core.state.status !== "member" || core.state.cursor !== before) return "again";
    if (answer.reason === "policy" || answer.reason === "invalid" || answer.reason === "too-large") {
      await forgetOwn(await core.group());
      await core.write(await failing(core, [intent], "not-allowed", answer.code));
      return "again";
    }
    core.around.later(core.id, answer.retryAfter ?? pause);
    return "later";
  }
  core.askedToLeaveIn = state.epoch;
  return "idle";
}

/** The id of a write among several that belong together. */
function numbered(write: Uint8Array, i: number): Uint8Array {
  const id = write.slice();
  id[15] = (id[15] ?? 0) ^ i;
  return id;
}

/** Nobody else is there: the room ends here. */
async function leaveAlone(core: RoomCore): Promise<Sent> {
  const { changes, events } = await failingAll(core, "room-left");
  await core.write({
    state: { status: "left" },
    changes: [...changes, ...(await core.slot.forgetting())],
    events: [...events, { kind: "left", room: core.id, by: core.around.device, asked: true }],
  });
  core.release();
  return "idle";
}

/** Only this user's devices are there: the others go first, since nobody else could commit it. */
async function takeOthersOff(
  core: RoomCore,
  group: Group,
  intent: NumberedIntent,
  own: readonly number[],
): Promise<Sent> {
  const remove = own.filter((leafIndex) => leafIndex !== group.self.leafIndex);
  const without = { ratchetTree: false } as const;
  try {
    await core.step(
      () => group.commit({ remove, welcome: without, groupInfo: without }),
      (event) =>
        event.kind === "committed" ? { state: { commitWrite: core.around.writeId(), isDue: true }, flush: true } : {},
    );
  } catch (error) {
    if (!(error instanceof CopseError) || error.code.startsWith("state-")) throw error;
    await core.write(await failing(core, [intent], "not-allowed", error.code));
  }
  return "again";
}

/** Removes of this user's other devices, the list without this user, and this device's own leaving. */
async function proposeLeaving(core: RoomCore, group: Group, own: readonly number[]): Promise<readonly Uint8Array[]> {
  // What this device proposed before a crash may not have left: it is said anew, as one.
  await forgetOwn(group);
  const self = group.self.leafIndex;
  const messages: Uint8Array[] = [];
  for (const leafIndex of own) if (leafIndex !== self) messages.push(await group.propose({ remove: leafIndex }));
  if (!core.rules.data.base_room_policy.fixedMembership) {
    messages.push(await group.propose({ custom: leave(core.rules, core.around.user) }));
  }
  messages.push(await group.leave());
  return messages;
}

/** What this device has proposed and nobody is to commit. */
async function forgetOwn(group: Group): Promise<void> {
  const { leafIndex } = group.self;
  for (const { ref, sender } of group.pendingProposals) {
    if (sender.type === "member" && sender.leafIndex === leafIndex) await group.forgetProposal(ref);
  }
}
