/**
 * Restoring: what the user's devices have kept comes into the timelines, page by page, the newest first. Each page is stored with the place
 * from which another call goes on.
 */

import { hook, is, options, type Shape } from "../../bytes/takes.ts";
import { hex, utf8 } from "../../bytes/text.ts";
import { copyBytes } from "../../bytes/copy.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { StoreChange } from "../../storage/store.ts";
import { writeHead } from "../../vault/history/head.ts";
import type { VaultRecord } from "../../vault/history/record.ts";
import { restoreHistory, type RestoreFinding, type RestoreRest } from "../../vault/history/restore.ts";
import { decodeContent } from "../../content/decode.ts";
import { readMessage } from "../../content/messages/read.ts";
import { ClientError } from "../errors.ts";
import type { RoomCore } from "../room/core.ts";
import { timelineKey } from "../store/keys.ts";
import { placeEntry, timelineEntry, type StoredEntry } from "../timeline/entry.ts";
import { indexing } from "../timeline/words.ts";
import { currentEpoch, keptEpoch, vaultEpoch, type KeptEpoch } from "./epochs.ts";
import { restoredOf } from "./kept.ts";
import type { RestoredHistory, RestoreHistoryOptions } from "./options.ts";
import type { HistoryParts } from "./parts.ts";
import { serviceHistory } from "./service.ts";

/** Records of one page. */
const pageSize = 200;
/** What is told of what is wrong. */
const mostFindings = 1_000;

/** Where a restoring that has broken off goes on. */
const restingKey: StoreKey = ["history", "restoring"];

const takes = options({
  onProgress: hook,
  signal: is("an AbortSignal", (value) => value instanceof AbortSignal),
} satisfies Shape<RestoreHistoryOptions>);

/** @throws ClientError "history-early"; VaultError, DeliveryError */
export async function restore(
  parts: HistoryParts,
  core: RoomCore,
  connection: Connection,
  given: RestoreHistoryOptions,
): Promise<RestoredHistory> {
  takes("restore", given);
  const { onProgress, signal } = given;
  signal?.throwIfAborted();
  const { store, user } = parts.around();
  const account = utf8(user);
  const resting = await store.get(restingKey);
  const from = resting === undefined ? await newest(parts, core) : keptEpoch.read(resting);
  const epoch = vaultEpoch(from);
  const done = { restored: 0, unreadable: 0, misplaced: 0 };
  const findings: RestoreFinding[] = [];
  try {
    const head = writeHead(account, epoch, from.tips);
    const asked = { store: serviceHistory(connection), account, epoch, head, pageSize };
    for await (const { records, findings: found, progress, rest } of restoreHistory(asked)) {
      await takeIn(parts, records, done);
      if (rest !== undefined) await store.batch([putResting(from, rest)], { flush: true });
      findings.push(...found.slice(0, mostFindings - findings.length));
      onProgress?.({ restored: done.restored, done: progress.done, total: progress.total });
      signal?.throwIfAborted();
    }
  } finally {
    epoch.root.wipe();
  }
  await store.batch([{ delete: restingKey }]);
  return { ...done, findings };
}

async function newest({ keyNumber }: HistoryParts, core: RoomCore): Promise<KeptEpoch> {
  const kept = await core.turn(async () =>
    core.state.status === "member" ? currentEpoch(core, keyNumber()) : undefined,
  );
  if (kept === undefined) throw new ClientError("history-early");
  return kept;
}

function putResting(like: KeptEpoch, { epoch, tips }: RestoreRest): StoreChange {
  const { number, authenticator, root } = epoch;
  return {
    put: restingKey,
    value: root.use((bytes) => keptEpoch.write({ ...like, number, authenticator, root: copyBytes(bytes), tips })),
  };
}

/** Entries of a page, room by room: what a timeline has already it has by the group itself, or from a newer record. */
async function takeIn(
  { around, find }: HistoryParts,
  records: readonly VaultRecord[],
  done: { restored: number; unreadable: number; misplaced: number },
): Promise<void> {
  const { store, events, firstPlace } = around();
  const rooms = new Map<string, StoredEntry[]>();
  for (const { room, content } of records) {
    const entry = restoredOf(content);
    if (entry === undefined) done.unreadable++;
    else rooms.set(room, [...(rooms.get(room) ?? []), entry]);
  }
  for (const [room, entries] of rooms) {
    const work = async (): Promise<void> => {
      const changes: StoreChange[] = [];
      const known = new Set<string>();
      let place = await lowest(find(room), room, firstPlace);
      let count = 0;
      for (const entry of entries) {
        const named = idsOf(entry);
        const taken = await store.getMany(named.map((id): StoreKey => ["message", room, id]));
        const ids = named.filter((id, i) => taken[i] === undefined && !known.has(id));
        if (ids[0] !== named[0]) continue;
        for (const id of ids) known.add(id);
        if (place <= 1n) {
          done.misplaced++;
          continue;
        }
        place--;
        count++;
        changes.push(...putting({ room, place, ids }, entry));
      }
      if (changes.length === 0) return;
      const told = events.adding([{ kind: "restored", room, entries: count }]);
      // Nothing of it is due: it is kept.
      await store.batch([...changes, ...told.changes]);
      told.after();
      done.restored += count;
    };
    const core = find(room);
    await (core === undefined ? work() : core.turn(work));
  }
  async function lowest(core: RoomCore | undefined, room: string, first: bigint): Promise<bigint> {
    for await (const { key } of store.range({ prefix: ["timeline", room], from: 0n, limit: 1 }))
      return key[2] as bigint;
    return core?.state.nextEntry ?? first;
  }
}

/** An entry in its place, with its words, and the ids of its versions that are no other message's. */
function putting(
  { room, place, ids }: { readonly room: string; readonly place: bigint; readonly ids: readonly string[] },
  entry: StoredEntry,
): StoreChange[] {
  const { content, at } = entry;
  const said = content.length === 0 ? undefined : readMessage(decodeContent(content));
  return [
    { put: timelineKey(room, place), value: timelineEntry.write(entry) },
    ...indexing(room, place, { said, at, isNew: true }),
    ...ids.map((id): StoreChange => ({ put: ["message", room, id], value: placeEntry.write(place) })),
  ];
}

/** The ids by which others name an entry, its own first. */
function idsOf({ id, otherIds, reactions, edit }: StoredEntry): readonly string[] {
  const all = [id, ...otherIds, ...reactions.map((reaction) => reaction.id), ...(edit === undefined ? [] : [edit.id])];
  return [...new Set(all.map(hex))];
}
