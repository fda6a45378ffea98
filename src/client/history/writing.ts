/**
 * Writing the history: entries that are due are sealed in batches, stored here with the new tip of this device's chain, uploaded, and told to the
 * user's other devices. What this device has sent is written at once; what it has received, by the first of the devices in turn that is there.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { utf8 } from "../../bytes/text.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import { hasPassed } from "../passed.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { VaultError } from "../../vault/errors.ts";
import { sealRecords, type SealedRecord } from "../../vault/history/record.ts";
import type { RoomCore } from "../room/core.ts";
import { timeEntry } from "../store/entry.ts";
import { sentKey, timelineKey } from "../store/keys.ts";
import { asSent, isWaiting, timelineEntry } from "../timeline/entry.ts";
import { dueKey, writeAfter } from "./due.ts";
import { currentEpoch, keptEpochs, putEpoch, tipOf, vaultEpoch, withTip } from "./epochs.ts";
import { digestLength, digestOf, keptOf } from "./kept.ts";
import type { HistoryParts } from "./parts.ts";
import { forgetWaiting, putPlaces, putWaiting, settled, waitingIn } from "./sealed.ts";
import { toldKey } from "./told.ts";
import { writing, writtenOf, type EntryPlace } from "./written.ts";

/** How long each device leaves it to those before it to write an entry, in milliseconds. */
const patience = 60_000;

/** Records of one batch, and their bytes: the last may make it longer. */
const mostInBatch = 100;
const bytesInBatch = 512 * 1024;
/** Marks that are looked at together. */
const marksAtOnce = 50;

/** An entry that is to be looked at. */
interface Mark extends EntryPlace {
  /** Since when. */
  readonly at: number;
}

/** An entry that is to be kept. */
interface Due extends Mark {
  readonly bytes: Uint8Array | undefined;
  readonly kept: Uint8Array;
  readonly digest: Uint8Array;
}

/** Upload what is sealed, and tell of it. @throws VaultError "vault-fork" where another record is in its place; DeliveryError */
export async function upload(parts: HistoryParts, core: RoomCore, connection: Connection): Promise<void> {
  const waiting = await waitingIn(parts.around().store);
  if (waiting === undefined) return;
  const { epoch, chain, position, last, records } = waiting;
  const answer = await connection.putHistory({ chain, position, records: records.map(({ bytes }) => bytes) });
  if (answer === "fork") throw new VaultError("vault-fork");
  await core.turn(async () => {
    // The service may have taken the epoch back meanwhile: nobody reads this chain, and others must not take it for one of the next epoch.
    const still = await waitingIn(parts.around().store);
    if (still === undefined || !bytesEqual(still.chain, chain)) return;
    const changes = [forgetWaiting()];
    // A device that was put out meanwhile has no group any more, and nobody to tell.
    if (core.state.status !== "member" || (await core.group()).size === 1) return core.write({ changes });
    const told = { kind: "history", epoch, count: position + BigInt(records.length), last } as const;
    const shared = await parts.shared();
    await shared.say(core, [{ ...told, digests: records.map(({ digest }) => digest) }], changes);
  });
}

/**
 * Another record is where this device was to write: its store is an older copy of itself, or the service lies. What was sealed is given up, and
 * written in the next epoch.
 */
export async function giveUp({ around }: HistoryParts, core: RoomCore): Promise<void> {
  await core.turn(async () => {
    const { store } = around();
    const waiting = await waitingIn(store);
    if (waiting === undefined) return;
    const changes = [forgetWaiting(), ...(await settled(store, waiting.epoch, 0n))];
    const kept = (await keptEpochs(store)).find(({ number }) => number === waiting.epoch);
    if (kept !== undefined) changes.push(putEpoch({ ...kept, isForked: true }));
    await core.write({ changes, flush: true });
  });
}

/**
 * Seal what is due, and store it. Gives whether there is more, and when to come again.
 *
 * @param position This device's place among the user's: how long it leaves to others what it has received.
 */
export async function seal(
  parts: HistoryParts,
  core: RoomCore,
  position: number,
): Promise<{ readonly more: boolean; readonly again: number | undefined }> {
  const { around, options, keyNumber } = parts;
  const { store, clock, device, user, random } = around();
  // What waits is uploaded first: there is one batch at a time.
  if ((await waitingIn(store)) !== undefined) return { more: true, again: undefined };
  const found = await dueNow(store, { now: clock(), position, device, options });
  const sealed = await core.turn(async () => {
    const kept = await currentEpoch(core, keyNumber());
    if (kept === undefined || kept.isForked) return undefined;
    const told = found.over.flatMap(({ told: digest, ...at }) => (digest === undefined ? [] : [{ ...at, digest }]));
    const written = await writing(store, [...found.due, ...told]);
    const changes = [...written, ...told.map(({ digest }): StoreChange => ({ delete: toldKey(digest) }))];
    const entries = found.due.map(({ room, at, kept: content }) => ({ room, at, content }));
    if (entries.length === 0) {
      if (changes.length > 0) await core.write({ changes });
      return [];
    }
    const epoch = vaultEpoch(kept);
    try {
      const given = { account: utf8(user), epoch, device, tip: tipOf(kept, device), entries, random };
      const { records, tip } = sealRecords(given);
      const next = withTip(kept, { device, ...tip });
      if (next === undefined) return undefined;
      const [{ position: first, chain }] = records as [SealedRecord];
      const batch = {
        ...{ epoch: kept.number, chain, position: first, last: tip.last },
        records: records.map(({ bytes }, i) => ({ bytes, digest: found.due[i]!.digest })),
      };
      const places = putPlaces(kept.number, first, found.due);
      // The tip in the batch that keeps the records, on the disk before any of them is uploaded.
      await core.write({ changes: [...changes, putWaiting(batch), places, putEpoch(next)], flush: true });
      return found.due;
    } finally {
      epoch.root.wipe();
    }
  });
  if (sealed === undefined) return { more: false, again: undefined };
  await dropMarks(parts, [...found.over, ...sealed]);
  return { more: found.isMore, again: found.again };
}

/** An entry whose mark may go, if these are still its bytes, and this was kept of it last. */
interface Over extends EntryPlace {
  readonly bytes: Uint8Array | undefined;
  /** Undefined: nothing of it is kept. */
  readonly digest: Uint8Array | undefined;
  /** The digest of it that another device has told. */
  readonly told?: Uint8Array;
}

/** What is due now, and whose turn is this device's. */
async function dueNow(
  store: Store,
  {
    now,
    position,
    device,
    options,
  }: { readonly now: number; readonly position: number; readonly device: string } & Pick<HistoryParts, "options">,
): Promise<{ due: Due[]; over: Over[]; isMore: boolean; again: number | undefined }> {
  const due: Due[] = [];
  const over: Over[] = [];
  let size = 0;
  let again: number | undefined;
  const later = (wait: number): void => {
    again = Math.min(again ?? Infinity, wait);
  };
  const look = async (marks: readonly Mark[]): Promise<void> => {
    const stored = await entriesAt(store, marks);
    const before = await writtenOf(store, marks);
    const kept = marks.map(({ room, place }, i) => {
      const bytes = stored[i];
      const entry = bytes && timelineEntry.read(bytes);
      const content = entry && keptOf(entry, { room, place, ...options });
      return entry === undefined || content === undefined || content === "later"
        ? undefined
        : { device: entry.device, at: entry.at, content, digest: digestOf(room, content) };
    });
    const told = await store.getMany(
      kept.map((each): StoreKey => toldKey(each?.digest ?? new Uint8Array(digestLength))),
    );
    for (const [i, { room, place, at }] of marks.entries()) {
      if (size >= bytesInBatch) return;
      const [bytes, is, known] = [stored[i], kept[i], before[i]];
      if (is === undefined) over.push({ room, place, bytes, digest: undefined });
      else if (known !== undefined && bytesEqual(known, is.digest))
        over.push({ room, place, bytes, digest: is.digest });
      else if (told[i] !== undefined) over.push({ room, place, bytes, digest: is.digest, told: is.digest });
      else {
        const wait = writeAfter + patience * turnOf(is.device, device, position);
        if (!hasPassed(wait, at, now)) later(at + wait - now);
        else {
          due.push({ room, place, bytes, digest: is.digest, kept: is.content, at: is.at });
          size += is.content.length;
        }
      }
    }
  };
  let marks: Mark[] = [];
  for await (const { key, value } of store.range({ prefix: ["history-due"] })) {
    const mark = { room: String(key[1]), place: key[2] as bigint, at: timeEntry.read(value) };
    if (!hasPassed(writeAfter, mark.at, now)) later(mark.at + writeAfter - now);
    else marks.push(mark);
    if (marks.length < marksAtOnce) continue;
    await look(marks);
    marks = [];
    if (due.length + marksAtOnce > mostInBatch || over.length >= mostInBatch || size >= bytesInBatch)
      return { due, over, isMore: true, again };
  }
  await look(marks);
  return { due, over, isMore: size >= bytesInBatch, again };
}

/** How many devices are to write an entry before this one: its author is the first, then they come as the list has them. */
function turnOf(author: string, device: string, position: number): number {
  if (author === device) return 0;
  return userOfDevice(author) === userOfDevice(device) ? position + 1 : position;
}

/**
 * Marks go in the turns of their rooms, where the entries are still what they were, and while no epoch is given up: what was written in one that was
 * meanwhile is due again, by the same mark.
 */
async function dropMarks({ around, find, marks }: HistoryParts, all: readonly Over[]): Promise<void> {
  const { store } = around();
  const rooms = new Map<string, Over[]>();
  for (const one of all) {
    const ofRoom = rooms.get(one.room);
    if (ofRoom === undefined) rooms.set(one.room, [one]);
    else ofRoom.push(one);
  }
  for (const [room, ofRoom] of rooms) {
    const work = async (): Promise<void> => {
      const stored = await entriesAt(store, ofRoom);
      const written = await writtenOf(store, ofRoom);
      const over = ofRoom.filter(
        ({ bytes, digest }, i) => isSame(stored[i], bytes) && (digest === undefined || isSame(written[i], digest)),
      );
      if (over.length > 0) await store.batch(over.map(({ place }) => ({ delete: dueKey(room, place) })));
    };
    const drop = (): Promise<void> => marks.take(work);
    const core = find(room);
    await (core === undefined ? drop() : core.turn(drop));
  }
}

/** Entries as they are stored, each as one record. */
async function entriesAt(store: Store, places: readonly EntryPlace[]): Promise<readonly (Uint8Array | undefined)[]> {
  const stored = await store.getMany(places.map(({ room, place }) => timelineKey(room, place)));
  const waiting = places.filter((_, i) => stored[i] && isWaiting(stored[i]));
  const answers = await store.getMany(waiting.map(({ room, place }) => sentKey(room, place)));
  const sent = new Map(waiting.map((at, i) => [at, answers[i]]));
  return stored.map((value, i) => {
    const answer = sent.get(places[i]!);
    return value === undefined || answer === undefined ? value : asSent(value, answer);
  });
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : bytesEqual(one, other);
}

/** Whether an error says that the place is taken. */
export function isFork(error: unknown): boolean {
  return error instanceof VaultError && error.code === "vault-fork";
}
