/**
 * An observer as bytes: its records in one envelope, with the tree's nodes as `ratchet_tree` lists them. A snapshot of 0.1.0
 * was one value, without the epoch that can be rolled back to; it is read as what its records would say.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { decode, encode } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import type { Followed } from "./followed.ts";
import { readStored } from "../records/damaged.ts";
import { unwrap, wrap } from "../records/envelope.ts";
import { readFollowed, type ReadFollowed } from "./read.ts";
import { followedChanges } from "./write.ts";
import type { StoredPublicEpoch } from "./values.ts";
import { asRecords, isPlain, storedReading } from "../records/record.ts";

/** The version of an observer's snapshots that this code writes, and the newest that it reads. */
export const observerVersion = 2;

/** The snapshot of an observer. */
export function followedToBytes(followed: Followed): Bytes {
  const { tree } = followed.epoch;
  return wrap("observer", observerVersion, {
    tree: encode(RatchetTreeNodes, tree.toNodes(), 300 * tree.size),
    records: Object.fromEntries(followedChanges(undefined, followed, { nodes: false }).puts),
  });
}

/** @throws CopseError "snapshot-damaged", "snapshot-version". */
export function readFollowedBytes(bytes: Uint8Array): ReadFollowed {
  const { version: written, value } = unwrap("observer", observerVersion, bytes);
  if (!isPlain(value) || !(value["tree"] instanceof Uint8Array)) throw new CopseError("snapshot-damaged");
  const { tree } = value;
  const nodes = readStored(() => decode(RatchetTreeNodes, tree, storedReading));
  const stored = written === 1 ? readVersion1(value) : readFollowed(asRecords(value["records"]));
  return { ...stored, nodes };
}

/** What 0.1.0 stored of an observer, beside the tree. */
interface StoredObserver1 extends Omit<StoredPublicEpoch, "width"> {
  readonly proposals: readonly Uint8Array[];
}

function readVersion1(value: Readonly<Record<string, unknown>>): ReadFollowed {
  const { proposals, ...epoch } = asStoredObserver1(value);
  return {
    epoch: { ...epoch, width: 0, proposals: proposals.map((bytes, number) => [number, bytes] as const) },
    beside: [],
    nodes: [],
    before: undefined,
  };
}

function asStoredObserver1(value: Readonly<Record<string, unknown>>): StoredObserver1 {
  const stored: Partial<StoredObserver1> = value;
  const bytes = [stored.context, stored.interimTranscriptHash, stored.confirmationTag];
  const isObserver =
    bytes.every((field) => field instanceof Uint8Array) &&
    Number.isSafeInteger(stored.suite) &&
    (stored.reinit === null || stored.reinit instanceof Uint8Array) &&
    typeof stored.stopped === "boolean" &&
    Array.isArray(stored.proposals) &&
    stored.proposals.every((proposal) => (proposal as unknown) instanceof Uint8Array);
  if (!isObserver) throw new CopseError("snapshot-damaged");
  return stored as StoredObserver1;
}
