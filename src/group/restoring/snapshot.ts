/**
 * A group as bytes: all its records in one envelope, complete, so that what is restored behaves exactly as the group did. The
 * tree's nodes are in it as `ratchet_tree` lists them, whose places say their names.
 *
 * A snapshot holds every secret of the group: whoever reads it is the member. Restore each snapshot once, the newest only;
 * two groups from one snapshot would encrypt with the same keys.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { decodeCopy, encode } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import type { PendingCommit } from "../held/pending.ts";
import { heldBy, type GroupState } from "../state.ts";
import { readStored } from "../../public-group/records/damaged.ts";
import { unwrap, wrap } from "../../public-group/records/envelope.ts";
import { sendingName, sentName } from "../../public-group/records/names.ts";
import { readGroup, readPending, type ReadGroup, type ReadPending } from "../records/read.ts";
import { sendingRecord, sentRecord } from "../records/values.ts";
import { asRecords, isPlain, storedReading } from "../../public-group/records/record.ts";
import { readGroup1, readPending1 } from "../records/version-1.ts";
import { changesBetween, sentValue, writePending } from "../records/write.ts";
import { WriteSet } from "../../public-group/records/write-set.ts";

/** The version of snapshots that this code writes, and the newest that it reads. */
export const snapshotVersion = 2;

/** The value of a snapshot. */
interface Snapshot {
  readonly tree: Uint8Array;
  readonly records: Readonly<Record<string, Uint8Array>>;
}

/** The whole state as bytes. */
export function takeSnapshot(state: GroupState): Bytes {
  const { tree } = state.epoch;
  const snapshot: Snapshot = {
    tree: encode(RatchetTreeNodes, tree.toNodes(), 300 * tree.size),
    records: Object.fromEntries(recordsOf(state).puts),
  };
  return wrap("group", snapshotVersion, snapshot);
}

/** All records of a group but its tree's. */
function recordsOf(state: GroupState): WriteSet {
  const { sent, encrypted } = state;
  const set = changesBetween(undefined, heldBy(state), { nodes: false });
  set.put(sendingName, sendingRecord.write({ encrypted, sent: sent.next }));
  for (const message of sent.values()) set.put(sentName(message.number), sentRecord.write(sentValue(message)));
  return set;
}

/** A pending commit as bytes. */
export function pendingToBytes(pending: PendingCommit): Bytes {
  const set = new WriteSet();
  writePending(set, undefined, pending);
  return wrap("pending", snapshotVersion, { records: Object.fromEntries(set.puts) });
}

/**
 * What a snapshot says.
 *
 * @throws CopseError "snapshot-damaged", "snapshot-version".
 */
export function readSnapshot(bytes: Uint8Array): ReadGroup {
  const { version, value } = unwrap("group", snapshotVersion, bytes);
  if (version === 1) return readStored(() => readGroup1(value));
  const { tree, records } = fieldsOf(value) as { readonly [Field in keyof Snapshot]: unknown };
  const nodes = readStored(() => decodeCopy(RatchetTreeNodes, tree as Uint8Array, storedReading));
  return { ...readGroup(asRecords(records)), nodes };
}

/**
 * What a pending commit says that was stored beside a snapshot.
 *
 * @throws CopseError "snapshot-damaged", "snapshot-version".
 */
export function readPendingBytes(bytes: Uint8Array): ReadPending {
  const { version, value } = unwrap("pending", snapshotVersion, bytes);
  return version === 1 ? readPending1(value) : readPending(asRecords(fieldsOf(value)["records"]));
}

/** @throws CopseError "snapshot-damaged" for what has no fields. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (!isPlain(value)) throw new CopseError("snapshot-damaged");
  return value;
}
