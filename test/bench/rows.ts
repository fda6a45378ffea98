/**
 * What is measured: the names of the rows and of those who are compared, and the shape of a figure.
 */

/** A row of the benchmark. docs/performance.md says what each one does. */
export const rowNames = [
  "key-package",
  "add-many",
  "join-blank",
  "join-populated",
  "commit-create-blank",
  "commit-process-blank",
  "commit-create",
  "commit-process",
  "remove-create",
  "remove-process",
  "seal",
  "open",
  "seal-floor",
  "open-floor",
  "export",
  "snapshot",
  "restore",
  "seal-persist",
  "open-persist",
  "commit-persist",
  "receive-commit-persist",
  "restore-records",
  "seal-dictionary",
  "open-dictionary",
  "snapshot-bytes",
  "welcome-bytes",
  "commit-bytes",
  "peak-memory",
] as const;

export type RowName = (typeof rowNames)[number];

/** The rows of a group that is stored as it changes. */
export const persistRowNames: readonly RowName[] = [
  "seal-persist",
  "open-persist",
  "commit-persist",
  "receive-commit-persist",
  "restore-records",
];

/** The rows of a group that has as many participants in its dictionary as the benchmark's size, and two members. */
export const dictionaryRowNames: readonly RowName[] = ["seal-dictionary", "open-dictionary"];

/** Who is compared: copse, ts-mls 1.6.4 and ts-mls 2.0.0-rc.10. */
export const scriptPeerNames = ["copse", "ts-mls-1", "ts-mls-2"] as const;

export type ScriptPeerName = (typeof scriptPeerNames)[number];

/** And, where they are asked for, those that are compiled from their crates. */
export const nativePeerNames = ["openmls", "mls-rs"] as const;

export type NativePeerName = (typeof nativePeerNames)[number];

export const peerNames: readonly PeerName[] = [...scriptPeerNames, ...nativePeerNames];

export type PeerName = ScriptPeerName | NativePeerName;

/** What is measured of these. */
export const nativeRowNames: readonly RowName[] = ["join-populated", "commit-create", "commit-process", "seal", "open"];

/** Milliseconds, or bytes. */
export type Unit = "ms" | "bytes";

export function unitOf(row: RowName): Unit {
  return row.endsWith("-bytes") || row === "peak-memory" ? "bytes" : "ms";
}

/** One row of one peer in groups of one size: the median of its rounds, and how far they are apart. */
export interface Figure<Name = RowName, Who = PeerName, In = Unit> {
  readonly name: Name;
  /** Members of the group. */
  readonly size: number;
  readonly peer: Who;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly unit: In;
  /** The number of rounds. */
  readonly runs: number;
  /** What the operation stores, where that was measured: names and values of what is put, and names of what is deleted. */
  readonly bytes?: Bytes;
  /** The messages among it, which are counted here and not there. */
  readonly made?: number;
  /** With what the library still has to do before the next operation: merging or applying the commit. */
  readonly merged?: number;
  /** The same operation where nothing is stored, in turns with this one: its time, and how many times as much this takes. */
  readonly without?: number;
  readonly ratio?: number;
  /** The cipher suite by its name, where one was asked for. */
  readonly suite?: string;
}

/** The first time in an epoch, or of a member; and all other times. */
export interface Bytes {
  readonly first: number;
  readonly median: number;
  readonly max: number;
}

/** What one round has stored: by operation, the first of which is the first in its epoch. */
export interface Stored {
  readonly bytes: readonly number[];
  readonly made: readonly number[];
  readonly without?: number;
}

/** Why a figure is not there, or undefined where it should be. */
export function leftOut(name: RowName, size: number, peer: PeerName): string | undefined {
  if (peer === "ts-mls-2" && (name === "remove-create" || name === "remove-process")) {
    return "ts-mls 2.0.0-rc.10 commits a single Remove without a path: the removed member keeps the group's secrets";
  }
  if (dictionaryRowNames.includes(name) && peer !== "copse") return "the dictionary's rows compare copse with itself";
  if (name === "remove-process" && size < 3) return "in a group of two, nobody is left to process a Remove";
  return undefined;
}

/** The value below which a part of some numbers is: 0.99 for the worst but one of a hundred. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
  if (value === undefined) throw new TypeError("nothing has a quantile");
  return value;
}

/** The middle of some numbers; of an even number of them, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new TypeError("nothing has a median");
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}
