/**
 * Restoring: everything that the heads say there is, in pages, the newest first, with what is missing or wrong named.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { bytes as aBytes, having, is, list, options as optionsOf } from "../../bytes/takes.ts";
import { VaultError } from "../errors.ts";
import { openEdge } from "./edge.ts";
import { anEpoch, chainOf, type VaultEpoch } from "./epoch.ts";
import { compareHeads, epochOfHead, readHead, type DeviceTip, type VaultHead } from "./head.ts";
import { positionIn, RecordOpener, type OpenedRecord, type RecordPlace, type VaultRecord } from "./record.ts";
import type { HistoryStore } from "./store.ts";

/** The records of one page. */
const defaultPage = 100;

/** What is restored. */
export interface RestoreOptions {
  readonly store: HistoryStore;
  readonly account: Uint8Array;
  /** The newest epoch that this device has. */
  readonly epoch: VaultEpoch;
  /** Its newest head: from the devices' group, or from the recovery servers. Where it comes from the store itself, a rollback is not seen. */
  readonly head: Uint8Array;
  /** Heads of the same epoch that are known from elsewhere: an older one than these is a rollback. Default: none */
  readonly known?: readonly Uint8Array[];
  /** Records of one page: 1 to 10,000. Default: 100 */
  readonly pageSize?: number;
}

/**
 * What is wrong at a place: the store has nothing ("missing") or something that does not open there ("damaged"); a record that does and is not the
 * one that the next one names ("replaced"); or the edge to what is before ("edge"): without it nothing older is restored.
 */
export interface RestoreFinding {
  readonly kind: "missing" | "damaged" | "replaced" | "edge";
  readonly epoch: bigint;
  /** Of records: whose chain, and where in it. */
  readonly device?: string;
  readonly position?: bigint;
  /** Of what is missing: so many records, of which the one at `position` is the last. */
  readonly count?: bigint;
}

/** How far a restoring is in an epoch. */
export interface RestoreProgress {
  readonly epoch: bigint;
  /** Records that were looked at. */
  readonly done: bigint;
  /** Records that the heads say there are. */
  readonly total: bigint;
}

/** A page. */
export interface RestoredPage {
  /** The newest first, by their times; of one device in the order in which it has written them. */
  readonly records: readonly VaultRecord[];
  readonly findings: readonly RestoreFinding[];
  /** Of this epoch. What is before it is known when it is reached. */
  readonly progress: RestoreProgress;
  /**
   * What is left of this epoch, from which another call goes on: its `head` is `writeHead(account, rest.epoch, rest.tips)`; no tips where the edge is
   * missing, which is looked for again. The root is the iterator's, as long as this is its last page. Undefined where a finding leaves open what is
   * next: an earlier page says where to go on.
   */
  readonly rest: RestoreRest | undefined;
}

/** Where a restoring goes on. */
export interface RestoreRest {
  readonly epoch: VaultEpoch;
  readonly tips: readonly DeviceTip[];
}

const aPage = /* @__PURE__ */ is(
  "a whole number, 1 to 10,000",
  (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 10_000,
);
const takes = /* @__PURE__ */ optionsOf(
  {
    store: having("a history store", "put", "read", "edge", "putEdge"),
    account: aBytes,
    epoch: anEpoch,
    head: aBytes,
    known: list(aBytes),
    pageSize: aPage,
  },
  "store",
  "account",
  "epoch",
  "head",
);

/**
 * Everything that was kept, page by page.
 *
 *     for await (const { records, findings, progress } of restoreHistory({ store, account, epoch, head })) show(records);
 *
 * @throws VaultError "vault-rollback" where the head is older than a known one; "vault-fork"; "vault-open", "vault-format", "vault-version" of
 * the head. What is wrong with a record or an edge is a finding, and the rest is restored.
 */
export async function* restoreHistory(options: RestoreOptions): AsyncGenerator<RestoredPage, void, undefined> {
  takes("restoreHistory", options);
  const { store, known = [], pageSize = defaultPage } = options;
  const account = copyBytes(options.account);
  let { epoch } = options;
  const head = readHead(account, epoch, copyBytes(options.head));
  for (const other of known) checkNotOlder(head, account, epoch, copyBytes(other));
  let { tips } = head;
  for (;;) {
    const opener = new RecordOpener(account, epoch);
    try {
      yield* restoreEpoch(store, opener, { epoch, tips }, pageSize);
    } finally {
      opener.wipe();
    }
    const earlier = await before(store, account, epoch);
    if (earlier === undefined) return;
    if (earlier === "damaged") {
      const progress = { epoch: epoch.number, done: 0n, total: 0n };
      const rest = { epoch, tips: [] };
      yield { records: [], findings: [{ kind: "edge", epoch: epoch.number }], progress, rest };
      return;
    }
    if (epoch !== options.epoch) epoch.root.wipe();
    ({ epoch, tips } = earlier);
  }
}

/** What is known of an earlier epoch says nothing of this one; of a later one, that this one is not the newest. */
function checkNotOlder(head: VaultHead, account: Uint8Array, epoch: VaultEpoch, other: Uint8Array): void {
  const number = epochOfHead(other);
  if (number < epoch.number) return;
  if (number > epoch.number) throw new VaultError("vault-rollback");
  const stands = compareHeads(head, readHead(account, epoch, other));
  if (stands === "fork") throw new VaultError("vault-fork");
  if (stands === "older" || stands === "apart") throw new VaultError("vault-rollback");
}

async function before(
  store: HistoryStore,
  account: Uint8Array,
  epoch: VaultEpoch,
): Promise<ReturnType<typeof openEdge> | "damaged"> {
  const bytes = await store.edge(epoch.number);
  if (bytes === undefined) return "damaged";
  try {
    return openEdge(account, epoch, copyBytes(bytes));
  } catch (error) {
    if (error instanceof VaultError) return "damaged";
    throw error;
  }
}

/** A chain that is being read, from its tip down. */
interface Cursor {
  readonly device: string;
  readonly chain: Uint8Array;
  /** The position of the next record, counted from 1: 0 where all are read. */
  left: bigint;
  /** Its id, where the one behind it was read. */
  expected: Uint8Array | undefined;
  /** What was fetched and not yet looked at. */
  fetched: Uint8Array[];
  /** The page behind it, which is on its way while this one is opened. */
  ahead: Promise<Uint8Array[]> | undefined;
  next: VaultRecord | undefined;
}

async function* restoreEpoch(
  store: HistoryStore,
  opener: RecordOpener,
  { epoch, tips }: RestoreRest,
  pageSize: number,
): AsyncGenerator<RestoredPage, void, undefined> {
  const total = tips.reduce((sum, { count }) => sum + count, 0n);
  const cursors = tips.map(({ device, count, last }): Cursor => {
    const chain = chainOf(epoch, device);
    return { device, chain, left: count, expected: last, fetched: [], ahead: undefined, next: undefined };
  });
  let findings: RestoreFinding[] = [];
  let records: VaultRecord[] = [];
  const page = (): RestoredPage => {
    const unread = cursors.reduce((sum, { left, next }) => sum + left + (next === undefined ? 0n : 1n), 0n);
    const progress = { epoch: epoch.number, done: total - unread, total };
    const made = { records, findings, progress, rest: restOf(epoch, cursors) };
    [records, findings] = [[], []];
    return made;
  };
  for (;;) {
    for (const cursor of cursors) {
      // Many findings in a row make a page, too: what is reported does not grow.
      while (cursor.next === undefined && cursor.left > 0n) {
        // An await takes as long as what there is to do for a record: only a page is waited for.
        if (cursor.fetched.length === 0) await fetchPage(cursor, store, pageSize);
        const found = advance(cursor, opener, epoch);
        if (found !== undefined) findings.push(found);
        if (findings.length >= pageSize) yield page();
      }
    }
    const newest = cursors.reduce<Cursor | undefined>(
      (best, each) => (each.next !== undefined && each.next.at > (best?.next?.at ?? -1) ? each : best),
      undefined,
    );
    if (newest?.next === undefined) break;
    records.push(newest.next);
    newest.next = undefined;
    if (records.length >= pageSize) yield page();
  }
  if (records.length > 0 || findings.length > 0) yield page();
}

function restOf(epoch: VaultEpoch, cursors: readonly Cursor[]): RestoreRest | undefined {
  const tips: DeviceTip[] = [];
  for (const { device, left, next, expected } of cursors) {
    const count = left + (next === undefined ? 0n : 1n);
    const last = next?.id ?? expected;
    if (count === 0n) continue;
    if (last === undefined) return undefined;
    tips.push({ device, count, last });
  }
  return { epoch, tips };
}

/** The next page of a chain, and the one behind it is asked for: the store reads while this one is opened. */
async function fetchPage(cursor: Cursor, store: HistoryStore, pageSize: number): Promise<void> {
  const read = async (below: bigint): Promise<Uint8Array[]> =>
    (await store.read(cursor.chain, { below, limit: pageSize })).slice(0, pageSize).map(copyBytes);
  const fetched = await (cursor.ahead ?? read(cursor.left));
  const below = cursor.left - BigInt(fetched.length);
  cursor.fetched = fetched;
  cursor.ahead = fetched.length === pageSize && below > 0n ? read(below) : undefined;
  cursor.ahead?.catch(() => undefined); // it is thrown where the page is waited for, if it is
}

/** Look at the next record of a chain: it becomes `next`, or what is wrong with it is found. */
function advance(cursor: Cursor, opener: RecordOpener, epoch: VaultEpoch): RestoreFinding | undefined {
  const { device, left, expected } = cursor;
  const position = left - 1n;
  const place = { device, position };
  const find = (kind: RestoreFinding["kind"], more?: { readonly count: bigint }): RestoreFinding => {
    cursor.expected = undefined; // the next one is authentic by itself, and nobody says which it must be
    return { kind, epoch: epoch.number, ...place, ...more };
  };
  const [bytes] = cursor.fetched;
  // One that belongs further down is looked at again there; without any, all that is left is missing. A head may say 2^64.
  const next = bytes === undefined ? -1n : placeBelow(opener, bytes, place);
  if (next !== undefined) {
    cursor.left = next + 1n;
    cursor.ahead = undefined; // what was asked for is another page
    return find("missing", { count: position - next });
  }
  cursor.fetched.shift();
  cursor.left = position;
  const opened = openOrUndefined(opener, bytes!, place);
  if (opened === undefined) return find("damaged");
  if (expected !== undefined && !bytesEqual(opened.record.id, expected)) return find("replaced");
  cursor.expected = opened.previous;
  cursor.next = opened.record;
  return undefined;
}

/** The place below this one that bytes are the record of, if they are. */
function placeBelow(opener: RecordOpener, bytes: Uint8Array, place: RecordPlace): bigint | undefined {
  const position = positionIn(bytes);
  if (position === undefined || position >= place.position) return undefined;
  return openOrUndefined(opener, bytes, { ...place, position }) === undefined ? undefined : position;
}

function openOrUndefined(opener: RecordOpener, bytes: Uint8Array, place: RecordPlace): OpenedRecord | undefined {
  try {
    return opener.open(bytes, place);
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
