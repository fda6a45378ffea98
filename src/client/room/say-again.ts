/**
 * What this device has done and said in an epoch that was taken back: it waits again, in its order, and is made for the epoch that the room goes
 * on with. A message keeps its id, so that whoever has read it already has it once. A change that can't be any more fails, and is told.
 */

import type { StoreChange } from "../../storage/store.ts";
import type { ClientEvent } from "../events.ts";
import { intentEntry } from "../outbox/intent.ts";
import { putIntent } from "../outbox/intents.ts";
import { saidKey, sentKey, timelineKey } from "../store/keys.ts";
import { storedEntries, storedEntry } from "../timeline/entries.ts";
import { timelineEntry, type StoredEntry } from "../timeline/entry.ts";
import { unnumbered } from "../timeline/judging.ts";
import type { Outcome, RoomCore } from "./core.ts";
import { saidEntry, type Said } from "./said.ts";

/** Entries that are looked at, the newest first. More is hardly ever said in an epoch that nobody else has confirmed. */
const most = 1_000;

/** What was said behind the commit of this number waits again. */
export async function sayAgain(core: RoomCore, commit: bigint): Promise<Outcome> {
  const { around, id: room } = core;
  const again = new Map<bigint, Said>();
  const entries = new Map<bigint, StoredEntry>();
  const edited = new Map<bigint, StoredEntry>();
  for await (const { place, entry } of storedEntries(around.store, room, { from: 0n, reverse: true, limit: most })) {
    if (entry.number > 0n && entry.number <= commit) break;
    const isOwn = entry.device === around.device && entry.status === "sent" && entry.content.length > 0;
    if (!isOwn || entry.call !== undefined) continue;
    if (entry.edit !== undefined) {
      edited.set(entry.number, entry); // the first version was kept beside
      continue;
    }
    again.set(entry.number, { entry: place, content: entry.content });
    entries.set(place, { ...entry, status: "waiting", number: 0n });
  }
  const changes: StoreChange[] = [];
  for await (const { key, value } of around.store.range({ prefix: ["said", room], from: commit + 1n })) {
    const number = key[2] as bigint;
    const said = saidEntry.read(value);
    again.set(number, said);
    changes.push({ delete: saidKey(room, number) });
    const first = edited.get(number);
    if (first !== undefined) {
      entries.set(said.entry, { ...first, status: "waiting", number: 0n });
      continue;
    }
    const entry = entries.get(said.entry) ?? (await storedEntry(around.store, room, said.entry));
    if (entry?.edit?.number === number)
      entries.set(said.entry, { ...entry, edit: { ...entry.edit, number: unnumbered } });
  }
  let { nextIntent } = core.state;
  for await (const { key, value } of around.store.range({ prefix: ["redo", room], from: 0n })) {
    changes.push({ delete: key });
    const intent = { ...intentEntry.read(value), state: { kind: "waiting", lost: 1 } } as const;
    changes.push(putIntent(room, nextIntent++, intent));
  }
  for (const [, { entry, content }] of [...again].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const wish = { kind: "message", content, entry, until: undefined } as const;
    const intent = {
      id: around.random(16),
      created: around.clock(),
      wish,
      state: { kind: "waiting", lost: 1 },
    } as const;
    changes.push(putIntent(room, nextIntent++, intent));
  }
  const events: ClientEvent[] = [];
  for (const [entry, stored] of entries) {
    changes.push(
      { put: timelineKey(room, entry), value: timelineEntry.write(stored) },
      { delete: sentKey(room, entry) },
    );
    events.push({ kind: "entry-changed", room, entry });
  }
  return { state: { nextIntent }, changes, events, flush: true };
}
