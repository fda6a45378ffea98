/**
 * Reporting messages of a room: the hub's franks open what their senders have committed to, of these messages and of nothing else.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { bytes, is, list, options, text } from "../../bytes/takes.ts";
import { hex } from "../../bytes/text.ts";
import type { FrankedMessage } from "../../reports/check.ts";
import { writeReport } from "../../reports/report.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import { ClientError } from "../errors.ts";
import type { RoomCore } from "../room/core.ts";
import { frankKey, messageKey } from "../store/keys.ts";
import { storedEntry } from "../timeline/entries.ts";
import { placeEntry, type StoredEntry } from "../timeline/entry.ts";
import { frankedEntry, originals, type Franked } from "./originals.ts";

/** What may be said with a report. */
export interface ReportWords {
  /** In words, at most 8,192 bytes. Default: none */
  readonly note?: string;
}

const someIds = list(bytes);
const aReason = is(
  "a whole number, 1 to 255",
  (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 256,
);
const takesWords = options({ note: text });

/** Report messages of one user. Gives what the service was sent. In the room's turn. */
export async function reportMessages(
  core: RoomCore,
  ids: readonly Uint8Array[],
  reason: number,
  words: ReportWords,
): Promise<Bytes> {
  someIds("messages", ids);
  aReason("reason", reason);
  takesWords("words", words);
  const { around, id: room } = core;
  const messages = new Map<string, FrankedMessage>();
  for (const id of ids) {
    const found = await versionsOf(core, id);
    if (found.size === 0) throw new ClientError("not-reportable");
    for (const [key, { device, at, stamp, content }] of found) {
      const sender = userOfDevice(device);
      messages.set(key, { applicationData: content, stamp, acceptedAt: at, sender, room });
    }
  }
  const report = writeReport({
    messages: [...messages.values()].sort((a, b) => a.acceptedAt - b.acceptedAt),
    reason,
    ...(words.note !== undefined && { note: words.note }),
    reportingUser: around.user,
  });
  const connection = around.connection();
  if (connection === undefined) throw new ClientError("offline");
  await connection.report({ id: around.writeId(), room, report });
  return report;
}

type Version = Franked & { readonly content: Uint8Array };

/** A message as it was first said and as it says now, as far as they are here; each once, by its id. */
async function versionsOf({ around, id: room }: RoomCore, id: Uint8Array): Promise<ReadonlyMap<string, Version>> {
  const { store } = around;
  const entry = await entryOf(store, room, id);
  const isFirst = entry !== undefined && bytesEqual(entry.id, id);
  const wanted = isFirst && entry.edit !== undefined ? [id, entry.edit.id] : [id];
  const found = new Map<string, Version>();
  for (const each of wanted) {
    const stored = await store.get(frankKey(room, each));
    if (stored === undefined) continue;
    const franked = frankedEntry.read(stored);
    const content = franked.content ?? (isFirst && entry.edit === undefined ? entry.content : undefined);
    if (content !== undefined && content.length > 0) found.set(hex(each), { ...franked, content });
  }
  for await (const { original } of originals(store)) {
    const { content } = original;
    const isWanted = original.room === room && wanted.some((each) => bytesEqual(each, original.id));
    if (isWanted && content !== undefined) found.set(hex(original.id), { ...original, content });
  }
  return found;
}

async function entryOf(
  store: RoomCore["around"]["store"],
  room: string,
  id: Uint8Array,
): Promise<StoredEntry | undefined> {
  const place = await store.get(messageKey(room, id));
  return place && storedEntry(store, room, placeEntry.read(place));
}
