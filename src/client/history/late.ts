/**
 * What others write late: a device that has restored the history takes in what another one has written since, and what it has nothing of itself. Nothing is
 * read but the records that were told and that nothing here is the same as.
 */

import { utf8 } from "../../bytes/text.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { StoreChange } from "../../storage/store.ts";
import { VaultError } from "../../vault/errors.ts";
import { openEdge } from "../../vault/history/edge.ts";
import { chainOf, type VaultEpoch } from "../../vault/history/epoch.ts";
import type { DeviceTip } from "../../vault/history/head.ts";
import { hasPassed, isDue } from "../passed.ts";
import { positionIn, RecordOpener, type VaultRecord } from "../../vault/history/record.ts";
import { keptEpochs, vaultEpoch } from "./epochs.ts";
import type { HistoryParts } from "./parts.ts";
import { takeIn } from "./restoring.ts";
import { toldEntry, toldIn, type Told } from "./told.ts";

/** Records that are fetched in one go. */
const mostAtOnce = 200;
/** Edges that are followed to an epoch that is over. */
const mostEdges = 64;
/** When what was not there is looked for again, and for how long, in milliseconds. */
const again = 10 * 60_000;
const forgotten = 24 * 60 * 60_000;

/** Take in what is due. Gives when to come again, in milliseconds. @throws DeliveryError */
export async function takeLate(parts: HistoryParts, connection: Connection): Promise<number | undefined> {
  const { store, clock } = parts.around();
  const now = clock();
  const due: { readonly key: StoreKey; readonly told: Told }[] = [];
  let next: number | undefined;
  for await (const { key, told } of toldIn(store)) {
    const wait = due.length < mostAtOnce ? Math.max(0, told.due - now) : 0;
    if (isDue(told.due, again, now) && due.length < mostAtOnce) due.push({ key, told });
    else next = Math.min(next ?? Infinity, wait);
  }
  if (due.length === 0) return next;
  const found = await recordsOf(
    parts,
    connection,
    due.map(({ told }) => told),
  );
  await takeIn(parts, found.records, { restored: 0, unreadable: 0, misplaced: 0 });
  const changes = due.map(({ key, told }): StoreChange => {
    if (found.over.has(told) || hasPassed(forgotten, told.at, now)) return { delete: key };
    next = Math.min(next ?? Infinity, again);
    return { put: key, value: toldEntry.write({ ...told, due: now + again }) };
  });
  await store.batch(changes);
  return next;
}

/** The records that these say, and which of these need not be looked for again. */
async function recordsOf(
  parts: HistoryParts,
  connection: Connection,
  all: readonly Told[],
): Promise<{ readonly records: readonly VaultRecord[]; readonly over: ReadonlySet<Told> }> {
  const account = utf8(parts.around().user);
  const records: VaultRecord[] = [];
  const over = new Set<Told>();
  for (const number of new Set(all.map(({ epoch }) => epoch))) {
    const of = await epochOf(parts, connection, number);
    if (of === undefined) continue;
    const opener = new RecordOpener(account, of.epoch);
    try {
      const told = all.filter(({ epoch }) => epoch === number);
      for (const device of new Set(told.map((each) => each.device))) {
        const places = new Map(told.filter((each) => each.device === device).map((each) => [each.position, each]));
        for (const [position, each] of places) {
          // Behind the end of an epoch that is over: its writer writes it again.
          if (of.tips === undefined || position < (of.tips.find((tip) => tip.device === device)?.count ?? 0n)) continue;
          over.add(each);
          places.delete(position);
        }
        for (const record of await recordsAt(connection, { opener, epoch: of.epoch, device }, [...places.keys()])) {
          records.push(record);
          over.add(places.get(record.position)!);
        }
      }
    } finally {
      opener.wipe();
      of.epoch.root.wipe();
    }
  }
  records.sort((a, b) => b.at - a.at);
  return { records, over };
}

/** Those of a device's records at these places that the service has. */
async function recordsAt(
  connection: Connection,
  { opener, epoch, device }: { readonly opener: RecordOpener; readonly epoch: VaultEpoch; readonly device: string },
  places: readonly bigint[],
): Promise<readonly VaultRecord[]> {
  const chain = chainOf(epoch, device);
  let wanted = [...places].sort((a, b) => (a < b ? 1 : -1));
  const records: VaultRecord[] = [];
  for (let [top] = wanted; top !== undefined; [top] = wanted) {
    const last = wanted.at(-1) ?? top;
    const limit = Math.min(mostAtOnce, Number(top - last) + 1);
    const given = await connection.history({ chain, below: top + 1n, limit });
    let lowest = top;
    for (const bytes of given) {
      const position = positionIn(bytes);
      if (position === undefined || position > top) continue;
      if (position < lowest) lowest = position;
      if (!wanted.includes(position)) continue;
      try {
        records.push(opener.open(bytes, { device, position }).record);
      } catch (error) {
        if (!(error instanceof VaultError)) throw error;
      }
    }
    wanted = wanted.filter((position) => position < lowest);
  }
  return records;
}

/** An epoch whose root this device has, or gets by edges; and how far each device has written in one that is over. */
async function epochOf(
  parts: HistoryParts,
  connection: Connection,
  number: bigint,
): Promise<{ readonly epoch: VaultEpoch; readonly tips: readonly DeviceTip[] | undefined } | undefined> {
  const { store, user } = parts.around();
  const kept = await keptEpochs(store);
  const own = kept.find((each) => each.number === number);
  if (own !== undefined) return { epoch: vaultEpoch(own), tips: undefined };
  const later = kept.find((each) => each.number > number);
  if (later === undefined) return undefined;
  let at: { readonly epoch: VaultEpoch; readonly tips: readonly DeviceTip[] } = { epoch: vaultEpoch(later), tips: [] };
  for (let i = 0; i < mostEdges && at.epoch.number > number; i++) {
    const { epoch } = at;
    const { edge } = await connection.historyEdge({ epoch: epoch.number });
    try {
      const before = edge && openEdge(utf8(user), epoch, edge);
      if (before === undefined) return undefined;
      at = before;
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      return undefined;
    } finally {
      epoch.root.wipe();
    }
  }
  if (at.epoch.number === number) return at;
  at.epoch.root.wipe();
  return undefined;
}
