/**
 * Restoring: what the user's devices have kept comes into the timelines, page by page, the newest first. Each page is stored with the place
 * from which it goes on: by another call, or by itself.
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
import { currentEpoch, vaultEpoch, type KeptEpoch } from "./epochs.ts";
import { followingIn, never, putFollowing } from "./following.ts";
import { restoredOf } from "./kept.ts";
import type { RestoredHistory, RestoreHistoryOptions } from "./options.ts";
import type { HistoryParts } from "./parts.ts";
import { serviceHistory } from "./service.ts";

/** Records of one page. */
const pageSize = 200;
/** What is told of what is wrong. */
const mostFindings = 1_000;

const takes = options({
  onProgress: hook,
  signal: is("an AbortSignal", (value) => value instanceof AbortSignal),
} satisfies Shape<RestoreHistoryOptions>);

/** Looking for an edge again, in milliseconds after the last time: it is made by whichever of the others comes first. */
const againAfter = [10_000, 30_000, 60_000, 5 * 60_000, 10 * 60_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];
/** The longest of these. */
export const longestAgain: number = Math.max(...againAfter);

/** @throws ClientError "history-early"; VaultError, DeliveryError */
export async function restore(
  parts: HistoryParts,
  core: RoomCore,
  connection: Connection,
  given: RestoreHistoryOptions,
): Promise<RestoredHistory> {
  takes("restore", given);
  const { signal } = given;
  signal?.throwIfAborted();
  const { store, clock } = parts.around();
  const known = await followingIn(store);
  const begun = known?.rest === undefined ? { rest: await newest(parts, core), tries: 0 } : known;
  // A process that dies goes on by itself; what the application has stopped does not.
  await store.batch([putFollowing({ ...begun, due: clock() })], { flush: true });
  try {
    return await walk(parts, connection, given);
  } catch (error) {
    const stopped = signal?.aborted === true ? await followingIn(store) : undefined;
    if (stopped !== undefined) await store.batch([putFollowing({ ...stopped, due: never })], { flush: true });
    throw error;
  }
}

/**
 * Go on where restoring is, for so many pages at the most.
 *
 * @throws VaultError, DeliveryError; the reason of the signal
 */
export async function walk(
  parts: HistoryParts,
  connection: Connection,
  { onProgress, signal }: RestoreHistoryOptions,
  mostPages: number = Infinity,
): Promise<RestoredHistory> {
  const { store, user, clock } = parts.around();
  const account = utf8(user);
  const done = { restored: 0, unreadable: 0, misplaced: 0 };
  const findings: RestoreFinding[] = [];
  const following = await followingIn(store);
  if (following?.rest === undefined) return { ...done, findings, isWhole: true };
  const { rest: from } = following;
  const epoch = vaultEpoch(from);
  let pages = 0;
  let isWhole = true;
  try {
    const head = writeHead(account, epoch, from.tips);
    const asked = { store: serviceHistory(connection), account, epoch, head, pageSize };
    for await (const { records, findings: found, progress, rest } of restoreHistory(asked)) {
      await takeIn(parts, records, done);
      if (rest !== undefined)
        await store.batch([putFollowing({ ...following, rest: keptRest(from, rest) })], { flush: true });
      findings.push(...found.slice(0, mostFindings - findings.length));
      isWhole &&= !found.some(({ kind }) => kind === "edge");
      onProgress?.({ restored: done.restored, done: progress.done, total: progress.total });
      signal?.throwIfAborted();
      if (rest !== undefined && ++pages >= mostPages) return { ...done, findings, isWhole: false };
    }
  } finally {
    epoch.root.wipe();
  }
  const { tries } = following;
  const wait = againAfter[tries];
  const next = await followingIn(store);
  const left = isWhole ? { rest: undefined, tries: 0 } : { rest: next?.rest, tries: tries + 1 };
  const due = isWhole || wait === undefined ? never : clock() + wait;
  await store.batch([putFollowing({ due, ...left })]);
  return { ...done, findings, isWhole };
}

async function newest({ keyNumber }: HistoryParts, core: RoomCore): Promise<KeptEpoch> {
  const kept = await core.turn(() => currentEpoch(core, keyNumber()));
  if (kept === undefined) throw new ClientError("history-early");
  return kept;
}

function keptRest(like: KeptEpoch, { epoch, tips }: RestoreRest): KeptEpoch {
  const { number, authenticator, root } = epoch;
  return { ...like, number, authenticator, root: root.use(copyBytes), tips };
}

/** Entries of a page, room by room: what a timeline has already it has by the group itself, or from a newer record. */
export async function takeIn(
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
