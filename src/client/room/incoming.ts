/**
 * Taking in a room's log: items in their order, the batch of each holding what the group changes, what the timeline gains, and the
 * cursor. So each is opened once, whenever the process dies. What can't be opened is told with its reason, and the cursor moves on.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { CopseError } from "../../errors.ts";
import type { Connection, LogItem, Page } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { CommitEvent, GroupEvent, Member } from "../../public-group/events.ts";
import { deviceOf, userOf } from "../../rooms/uri.ts";
import { RoomError } from "../../rooms/errors.ts";
import type { ClientEvent } from "../events.ts";
import { putOut, seen } from "../idle/seen.ts";
import { failingAll } from "../outbox/ending.ts";
import type { NumberedIntent } from "../outbox/intent.ts";
import { changesOf } from "../outbox/intents.ts";
import { ownKey } from "../store/keys.ts";
import { confirmEpoch } from "./confirming.ts";
import type { RoomCore, Outcome } from "./core.ts";
import { ended, hasReadAnother, passed } from "./log.ts";
import { lookAtCommit } from "./looking.ts";
import { accepted, endEpoch, forgetSaid, keepDone } from "./said.ts";
import type { RoomState } from "./state.ts";
import type { Folded, OpenedMessage } from "../surroundings.ts";
import { unreadable } from "./unreadable.ts";
import type { StateEvent } from "../../public-group/records/persist.ts";

/** The device that a member is, or what a leaf without a device's URI is called. */
function deviceOfMember({ credential }: Pick<Member, "credential">): string {
  return deviceOf(credential) ?? "";
}

/** Read the room's log to its end, and say to the service what is on the disk. Gives whether anything came. */
export async function catchUp(core: RoomCore): Promise<boolean> {
  try {
    return await readLog(core);
  } finally {
    await core.around.store.write();
  }
}

async function readLog(core: RoomCore): Promise<boolean> {
  const { around } = core;
  let came = false;
  for (;;) {
    const connection = around.connection();
    if (connection === undefined || core.state.status !== "member") return came;
    const page = await pageOf(core, connection);
    if (page === undefined) return came;
    if (page.goneThrough > core.state.cursor && page.goneThrough <= page.head) {
      await core.write({ state: { status: "behind", stuckAt: 0n } });
      return true;
    }
    if (page.head < core.state.cursor) {
      await tellOfLess(core, page.head);
      return came;
    }
    const before = core.state.cursor;
    for (const item of page.items) {
      if (around.copies.isCopied) return came;
      await takeIn(core, item);
      came = true;
    }
    // A service that says there is more, and gives nothing that leads on, is asked again when it has news.
    if (core.state.cursor === before || core.state.cursor >= page.head) break;
  }
  await around.history?.follow(core.id);
  await acknowledge(core);
  const connection = around.connection();
  if (connection !== undefined) await confirmEpoch(core, connection);
  return came;
}

/**
 * The service shows less of the log than this device has read: it has gone back to an older state of the room, and others may go on from there.
 * Nothing is joined by the software's choice: `chooseBranch` is the person's.
 */
async function tellOfLess(core: RoomCore, head: bigint): Promise<void> {
  if (core.isShownLess) return;
  core.isShownLess = true;
  const { id: room, state } = core;
  await core.write({ events: [{ kind: "withheld", room, from: head + 1n, through: state.cursor }] });
}

/** The disk has it: the service may forget it. */
async function acknowledge(core: RoomCore): Promise<void> {
  const { cursor } = core.state;
  const connection = core.around.connection();
  if (cursor === core.acknowledged || connection === undefined) return;
  await core.around.store.flush();
  try {
    await connection.acknowledge({ room: core.id, through: cursor });
  } catch (error) {
    if (!isUnknown(error)) throw error; // the service has forgotten a room that this device has left
  }
  core.acknowledged = cursor;
}

/** What comes next. Undefined where the service knows no such room for us: it may be of another mind later. */
async function pageOf(core: RoomCore, connection: Connection): Promise<Page | undefined> {
  try {
    return await connection.fetch({ room: core.id, after: core.state.cursor });
  } catch (error) {
    if (!isUnknown(error)) throw error;
    core.around.later(core.id, untilKnown);
    return undefined;
  }
}

/** How long a room that the service does not know is left alone, in milliseconds. */
const untilKnown = 60_000;

function isUnknown(error: unknown): boolean {
  return error instanceof DeliveryError && error.code === "not-found";
}

/** Take in the next item of the log. What came before is passed over; a gap is an error of the service. */
export async function takeIn(core: RoomCore, item: LogItem): Promise<void> {
  const { cursor, status } = core.state;
  if (status !== "member" || item.number <= cursor) return;
  await core.around.history?.follow(core.id); // before the epoch is over
  if (item.number !== cursor + 1n) {
    const { id: room } = core;
    await core.write({ events: [{ kind: "withheld", room, from: cursor + 1n, through: item.number - 1n }] });
  }
  if (item.takesBack !== undefined) {
    await takeBack(core, item, item.takesBack);
    return;
  }
  try {
    const told = { isWritten: false };
    const result = await core.step(
      (group) => group.receive(item.message),
      (event) => {
        if (event.kind !== "received" && event.kind !== "applied") return {};
        told.isWritten = true;
        return outcomeOf(core, item, event);
      },
    );
    if (!told.isWritten) await core.write(await outcomeOf(core, item, { kind: "received", event: result }));
    afterwards(core, result);
  } catch (error) {
    if (core.slot.isBroken) throw error;
    if (!(error instanceof CopseError || error instanceof RoomError)) throw error;
    if (error instanceof CopseError && (error.code === "state-not-written" || error.code === "state-unknown"))
      throw error;
    const { passOver } = await import("./pass-over.ts");
    await passOver(core, item, error);
  }
}

/**
 * The service goes on with the epoch before a commit. Whoever has followed it is in an epoch that nobody else goes on with: what it has said
 * there is said again.
 */
async function takeBack(core: RoomCore, item: LogItem, { number, epoch }: TakenBack): Promise<void> {
  const state = { ...(await passed(core, item)), stuckAt: 0n };
  if ((await core.group()).epoch <= epoch) {
    await core.write({ state });
    return;
  }
  const { sayAgain } = await import("./say-again.ts");
  const again = await sayAgain(core, number);
  await core.write({ ...again, state: { ...state, ...again.state, status: "behind" } });
}

type TakenBack = NonNullable<LogItem["takesBack"]>;

type Taken = Extract<StateEvent, { kind: "received" | "applied" }>;

/** draft-ietf-mimi-room-policy section 7.4: "the holder can send instant messages to the room" */
const maySend = { kind: "can", capability: "canSendMessage" } as const;

async function outcomeOf(core: RoomCore, item: LogItem, event: Taken): Promise<Outcome> {
  if (event.kind === "applied") return ownCommit(core, item, event.change);
  const { event: what } = event;
  if (what.kind === "own" && what.change !== undefined) return ownCommit(core, item, what.change);
  const state = what.kind === "commit" ? await ended(core, item) : await passed(core, item);
  switch (what.kind) {
    case "message": {
      const user = userOf(what.sender.credential);
      // Whatever the service let through: the same for all who read the log.
      if (user === undefined || !core.rules.mayDo(user, maySend)) return unreadable(core, item, "not-allowed");
      const message = {
        room: core.id,
        device: deviceOfMember(what.sender),
        content: what.plaintext,
        number: item.number,
        at: item.at,
      };
      const { nextEntry, ...folded } = await opened(core, item, what.authenticatedData, message);
      // By our key, and not from this store: it is a copy of another, which has said this.
      const copied = message.device === core.around.device ? copy(core) : undefined;
      return {
        state: { ...state, nextEntry },
        ...folded,
        changes: [...folded.changes, ...seen(core.around, [message.device]), ...(copied?.changes ?? [])],
        events: [...folded.events, ...(await differing(core, item, what, message.device)), ...(copied?.events ?? [])],
        ...(copied === undefined ? { keep: true } : { flush: true }),
      };
    }
    case "commit": {
      const changes = await changesOf(core, "lost");
      const by = deviceOfMember(what.committer);
      const lostRaces = changes.length === 0 ? core.state.lostRaces : core.state.lostRaces + 1;
      const looked = await lookAtCommit(core, what);
      return {
        state: { ...state, lostRaces, isDue: false },
        changes: [
          ...changes,
          ...looked.changes,
          ...(await endEpoch(core)),
          ...seen(core.around, [by, ...what.updated.map(({ after }) => deviceOfMember(after))]),
        ],
        events: [
          { kind: "room-changed", room: core.id, epoch: what.epoch, by },
          ...(await differing(core, item, { ...what, epoch: what.epoch - 1n }, by)),
          ...looked.events,
        ],
      };
    }
    case "removed": {
      const asked = what.change.left.some(({ leafIndex }) => leafIndex === core.loaded?.self.leafIndex);
      const by = deviceOfMember(what.change.committer);
      const left = { kind: "left", room: core.id, by, asked } as const;
      const { changes, events } = await failingAll(core, "room-left");
      return {
        state: { ...state, status: "left" },
        changes: [...changes, ...(await forgetSaid(core)), ...(asked ? [] : putOut(core.around, core.id, by))],
        events: [...events, left],
        forget: true,
      };
    }
    case "own":
      return what.what === "message" ? ownMessage(core, item, state) : { state };
    case "later":
      return left(core, item);
    case "proposal":
      return { state: { ...state, isDue: true } };
  }
}

/** What the timeline makes of a message, which where the room has a franking agent must be one that can be reported. */
async function opened(core: RoomCore, item: LogItem, aad: Uint8Array, message: OpenedMessage): Promise<Folded> {
  const { franking_agent: agent } = core.rules.data;
  if (agent === undefined) return core.around.folding.opened(message, core.state.nextEntry);
  const { openedFranked } = await import("../reports/franked.ts");
  return openedFranked(core, agent, item, aad, message);
}

/** A member had read another log than this device, when it said this: that is told. */
async function differing(
  core: RoomCore,
  { number: item }: LogItem,
  said: Pick<CommitEvent, "epoch" | "authenticatedData">,
  by: string,
): Promise<readonly ClientEvent[]> {
  if (!(await hasReadAnother(core, said, by))) return [];
  return [{ kind: "log-differs", room: core.id, by, item }];
}

/**
 * A message of this device at its place in the log. Where the service's answer is still to come, since it was lost or the process died, this is
 * it: what others say behind it, comes behind it here, too.
 */
async function ownMessage(core: RoomCore, item: LogItem, state: Partial<RoomState>): Promise<Outcome> {
  const { around, id: room } = core;
  const { number, at } = item;
  const message = { room, device: around.device, number, at };
  const made = await madeAs(core, item);
  if (made !== undefined && made.entry !== 0n)
    return { state, ...(await accepted(core, { ...message, content: made.content }, made)) };
  const key = ownKey(room, number);
  const content = (await around.store.get(key)) ?? made?.content;
  if (content === undefined) return { state };
  const { changes, events } = await around.folding.own({ ...message, content });
  return { state, changes: [...changes, { delete: key }], events };
}

/** What this item was made for, and is not done. */
async function madeAs(
  core: RoomCore,
  { message }: LogItem,
): Promise<
  { readonly id: Uint8Array; readonly number: bigint; readonly entry: bigint; readonly content: Uint8Array } | undefined
> {
  for (const { id, number, wish, state } of await core.outbox.intents()) {
    if (wish.kind !== "message" || state.kind !== "made" || !bytesEqual(state.message, message)) continue;
    return { id, number, entry: wish.entry, content: wish.content };
  }
  return undefined;
}

/** Our commit has its place: what it was made for is done. */
async function ownCommit(core: RoomCore, item: LogItem, change: CommitEvent): Promise<Outcome> {
  const { done, changes } = await doneChanges(core);
  const looked = await lookAtCommit(core, change);
  return {
    state: { ...(await ended(core, item)), lostRaces: 0, isDue: false },
    changes: [...changes, ...looked.changes, ...(await endEpoch(core)), ...keepDone(core, done)],
    events: [
      ...done.map(({ id: intent }) => ({ kind: "done", room: core.id, intent }) as const),
      { kind: "room-changed", room: core.id, epoch: change.epoch, by: core.around.device },
      ...looked.events,
    ],
  };
}

async function doneChanges(core: RoomCore): Promise<{ done: NumberedIntent[]; changes: Outcome["changes"] & object }> {
  const done: NumberedIntent[] = [];
  for (const intent of await core.outbox.intents()) {
    const { wish, state } = intent;
    if (wish.kind === "change" && wish.change.kind !== "leave" && state.kind === "made") done.push(intent);
  }
  return { done, changes: await changesOf(core, "done") };
}

/** An item of an epoch that this device has not come to: a commit was kept from it. */
async function left(core: RoomCore, item: LogItem): Promise<Outcome> {
  const { state, ...told } = await unreadable(core, item, "later");
  return { ...told, state: { ...state, status: "behind", stuckAt: 0n } };
}

/** What follows from what was taken in, when it is stored. */
function afterwards(core: RoomCore, event: GroupEvent): void {
  if (event.kind === "commit") {
    core.follow(event);
    core.around.met(event.added.flatMap(({ credential }) => userOf(credential) ?? []));
    core.toConfirm = event.epoch;
  }
  if (event.kind === "own" && event.change !== undefined) core.follow(event.change);
  if (event.kind === "removed") {
    core.release();
    core.around.share(); // it may come back: idle/returning.ts
  }
}

/** This store is a copy of another one, which has gone on. */
function copy({ around }: RoomCore): ReturnType<RoomCore["around"]["copies"]["found"]> {
  return around.copies.found();
}
