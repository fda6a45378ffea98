/**
 * Devices of this user that nobody has seen for long: their leaves keep old keys, with which whoever finds the device reads what is said today. This
 * device takes them out of the rooms, where it has itself been there all the while and has read everything, and brings them in again when they
 * are back. RFC 9420 section 16.6, RFC 9750 section 8.1.5
 */

import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { deviceOf } from "../../rooms/uri.ts";
import type { StoreChange } from "../../storage/store.ts";
import { asking } from "../outbox/asking.ts";
import type { RoomCore } from "../room/core.ts";
import { text, timeEntry, entryKind, type EntryKind } from "../store/entry.ts";
import { vector } from "../../codec/codec.ts";
import { bringKey, idleKey, idleLookKey, idleOfKey, seenKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import { idleDevices, watchedEntry, type Watched } from "./record.ts";

/** Parts of the period, in each of which this device looks once. */
const parts = 16;
/** How many of them this device must have been there, one after the other, before it takes another for idle. */
const leastLooks = 8;
/** Rooms that are looked at before the client's other chores come again. */
const atOnce = 8;

/** What it needs of the client. */
export interface IdleParts {
  readonly around: Surroundings;
  readonly rooms: ReadonlyMap<string, { readonly core: RoomCore; readonly worker: { wakeToSend(): void } }>;
  readonly chores: { ask(): void };
  readonly devices: { bringAgain(): void };
}

/** The devices that were asked to be taken out of a room. */
const askedEntry: EntryKind<readonly string[]> = entryKind(vector(text, "extensions"));
/** The same, as far as this process has looked. */
const asked = new WeakMap<Surroundings, Map<string, ReadonlySet<string>>>();

/** Look at the user's other devices where it is time, and take those out that are idle. */
export async function lookForIdle(client: IdleParts, connection: Connection, view: AccountView): Promise<void> {
  const { around } = client;
  const { after: period } = around.idle;
  const others = view.devices.filter(({ uri, suspended }) => !suspended && uri !== around.device).map(({ uri }) => uri);
  await look(client, connection, others, period);
  await takeOut(client, others);
}

async function look(
  { around, rooms, chores, devices }: IdleParts,
  connection: Connection,
  others: readonly string[],
  period: number,
): Promise<void> {
  const { store, clock } = around;
  const { seen } = around.idle;
  const step = Math.max(1, Math.floor(period / parts));
  const now = clock();
  const stored = await store.get(idleLookKey);
  const lookedAt = stored && timeEntry.read(stored);
  const idle = await idleDevices(store);
  const isBack = others.some((device) => idle.has(device) && seen.has(device));
  const isDue = lookedAt === undefined || Math.abs(now - lookedAt) >= step;
  if (!isDue && !isBack) return;
  if (await isBehind(rooms, connection)) return;
  // Who was away, or whose clock was set, has not watched: it begins to count anew.
  const hasWatched = lookedAt !== undefined && now >= lookedAt && now - lookedAt <= 2 * step;
  const changes: StoreChange[] = [];
  const found: string[] = [];
  for (const device of others) {
    const before = await watched(around, device);
    const wasThere = before === undefined || (await store.get(seenKey(device))) !== undefined;
    if (wasThere) {
      if (before?.isIdle === true) changes.push({ put: bringKey, value: timeEntry.write(now) });
      changes.push({ delete: seenKey(device) });
      seen.delete(device);
    }
    const next = wasThere ? { seenAt: now, looks: 0, isIdle: false } : after(before, isDue, hasWatched);
    const isIdle = next.isIdle || (now - next.seenAt >= period && next.looks >= leastLooks);
    if (isIdle && !next.isIdle) found.push(device);
    changes.push({ put: idleKey(device), value: watchedEntry.write({ ...next, isIdle }) });
  }
  for await (const { key } of store.range({ prefix: ["idle"] }))
    if (!others.includes(String(key[1]))) changes.push({ delete: key });
  if (isDue) {
    changes.push({ put: idleLookKey, value: timeEntry.write(now) });
    // Whoever was brought in without having been there is out again.
    for await (const { key } of store.range({ prefix: ["idle-of"] })) changes.push({ delete: key });
  }
  const told = around.events.adding(found.map((device) => ({ kind: "device-idle", device })));
  await store.batch([...changes, ...told.changes], { flush: true });
  told.after();
  if (isDue) asked.delete(around);
  if (!isBack) return;
  devices.bringAgain();
  chores.ask();
}

function after(before: Watched, isDue: boolean, hasWatched: boolean): Watched {
  if (!isDue) return before;
  return { ...before, looks: hasWatched ? before.looks + 1 : 0 };
}

async function watched({ store }: Surroundings, device: string): Promise<Watched | undefined> {
  const stored = await store.get(idleKey(device));
  return stored && watchedEntry.read(stored);
}

/** Whether there is something of a room that this device has not read. */
async function isBehind(rooms: IdleParts["rooms"], connection: Connection): Promise<boolean> {
  for (const { room, head } of await connection.changed()) {
    const state = rooms.get(room)?.core.state;
    if (state?.status === "member" && state.cursor < head) return true;
  }
  return false;
}

/** Ask for it in the rooms in which it was not asked for. */
async function takeOut({ around, rooms, chores }: IdleParts, others: readonly string[]): Promise<void> {
  const all = await idleDevices(around.store);
  const known = await askedIn(around);
  const idle = others.filter((device) => all.has(device));
  const due = [...rooms.values()].filter(({ core: { id, state } }) => {
    const before = known.get(id) ?? new Set();
    return state.status === "member" && (idle.length !== before.size || idle.some((device) => !before.has(device)));
  });
  for (const { core, worker } of due.slice(0, atOnce)) {
    await core.turn(() => takeOutOf(core, idle));
    known.set(core.id, new Set(idle));
    worker.wakeToSend();
  }
  if (due.length > atOnce) chores.ask();
}

async function takeOutOf(core: RoomCore, idle: readonly string[]): Promise<void> {
  const { around, id } = core;
  if (core.state.status !== "member") return;
  const group = await core.group();
  const there = new Set(Array.from(group.members, ({ credential }) => deviceOf(credential)));
  const may = core.rules.mayDo(around.user, { kind: "remove-own-client" });
  const wished = new Set<string>();
  for (const { wish } of await core.outbox.intents())
    if (wish.kind === "change" && wish.change.kind === "remove-device") wished.add(wish.change.device);
  const wishes = (may ? idle : []).filter((device) => there.has(device) && !wished.has(device));
  const { state, changes } = asking(
    core,
    ...wishes.map((device) => ({ kind: "change", change: { kind: "remove-device", device } }) as const),
  );
  const done = idle.length === 0 ? { delete: idleOfKey(id) } : { put: idleOfKey(id), value: askedEntry.write(idle) };
  await core.write({ state, changes: [...changes, done], flush: true });
}

async function askedIn(around: Surroundings): Promise<Map<string, ReadonlySet<string>>> {
  const known = asked.get(around);
  if (known !== undefined) return known;
  const found = new Map<string, ReadonlySet<string>>();
  for await (const { key, value } of around.store.range({ prefix: ["idle-of"] }))
    found.set(String(key[1]), new Set(askedEntry.read(value)));
  asked.set(around, found);
  return found;
}
