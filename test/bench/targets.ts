/**
 * What copse sets out to reach, as ratios to ts-mls 1.6.4 in the same run, and between its own sizes.
 */

import type { Figure, PeerName, RowName } from "./rows.ts";

/** How many times faster, or smaller, than ts-mls 1.6.4 in groups of a thousand. */
const ratios: readonly (readonly [row: RowName, times: number])[] = [
  ["commit-process", 400],
  ["commit-create", 200],
  ["remove-create", 200],
  ["remove-process", 200],
  ["join-populated", 20],
  ["join-blank", 7],
  ["add-many", 5],
  ["seal", 15],
  ["open", 7],
  ["snapshot-bytes", 5],
  ["snapshot", 15],
  ["peak-memory", 4],
];
const comparedAt = 1_000;

/** Processing a commit may take so many times what it takes in a group of a hundred. */
const growth = { row: "commit-process", from: 100, to: 10_000, times: 2 } as const;

/** What a group writes that is stored as it changes: so many bytes, at most, and so many times the time without a store. */
const messageBytes = 300;
const firstBytes = (size: number): number => messageBytes + 64 * Math.ceil(Math.log2(size));
const commitBytes = { size: 10_000, bytes: 16_000 } as const;
const persistTimes = 1.2;

/** At a thousand members, how much of a row's time another row may take: the same row of OpenMLS, or the bare primitives. */
const shares: readonly (readonly [row: RowName, times: number, of: RowName, peer: PeerName])[] = [
  ["join-populated", 1, "join-populated", "openmls"],
  ["commit-process", 0.25, "commit-process", "openmls"],
  ["commit-create", 0.4, "commit-create", "openmls"],
  ["seal", 1.1, "seal-floor", "copse"],
  ["open", 1.2, "open-floor", "copse"],
];

/** Sealing and opening in a group with so many participants in its dictionary, at most so many times what it takes without. */
const dictionary = { size: 10_000, times: 1.2 } as const;

/** A target, and what was measured. */
export interface Verdict {
  readonly target: string;
  readonly measured: string;
  readonly reached: boolean;
  /** "reached", or by how much it falls short. */
  readonly verdict: string;
}

/** Every target that these figures can tell about. */
export function verdicts(figures: readonly Figure[]): readonly Verdict[] {
  const find = (name: RowName, size: number, peer: PeerName): number | undefined =>
    figures.find((figure) => figure.name === name && figure.size === size && figure.peer === peer)?.median;
  const result: Verdict[] = [];
  for (const [row, wanted] of ratios) {
    const ours = find(row, comparedAt, "copse");
    const theirs = find(row, comparedAt, "ts-mls-1");
    if (ours === undefined || theirs === undefined) continue;
    const ratio = theirs / ours;
    const reached = ratio >= wanted;
    const kind = row.endsWith("-bytes") || row === "peak-memory" ? "smaller" : "faster";
    result.push({
      target: `${row}: ${wanted} times ${kind} at ${comparedAt} members`,
      measured: `${round(ratio)} times`,
      reached,
      verdict: reached ? "reached" : `falls short: ${percent(ratio / wanted)} of it`,
    });
  }
  const small = find(growth.row, growth.from, "copse");
  const large = find(growth.row, growth.to, "copse");
  if (small !== undefined && large !== undefined) {
    const grown = large / small;
    const reached = grown <= growth.times;
    result.push({
      target: `${growth.row}: at ${growth.to} members at most ${growth.times} times what it takes at ${growth.from}`,
      measured: `${round(grown)} times`,
      reached,
      verdict: reached ? "reached" : `falls short: ${percent(grown / growth.times)} of what it may take`,
    });
  }
  for (const [row, times, of, peer] of shares) {
    const ours = find(row, comparedAt, "copse");
    const theirs = find(of, comparedAt, peer);
    if (ours === undefined || theirs === undefined) continue;
    const share = ours / theirs;
    const reached = share <= times;
    const whose = peer === "copse" ? `its primitives take (${of})` : `OpenMLS takes, without merging`;
    result.push({
      target: `${row}: at most ${times} times what ${whose} at ${comparedAt} members`,
      measured: `${round(share)} times`,
      reached,
      verdict: reached ? "reached" : `falls short: ${percent(share / times)} of what it may take`,
    });
  }
  return [...result, ...persistVerdicts(figures)];
}

/** What is to be reached where a group is stored as it changes, at every size. */
function persistVerdicts(figures: readonly Figure[]): readonly Verdict[] {
  const result: Verdict[] = [];
  const check = (target: string, measured: number, most: number, unit: string): void => {
    const reached = measured <= most;
    result.push({
      target,
      measured: `${unit === "B" ? measured.toFixed(0) : round(measured)} ${unit}`,
      reached,
      verdict: reached ? "reached" : `falls short: ${percent(measured / most)} of what it may be`,
    });
  };
  for (const { name, size, peer, bytes, ratio } of figures) {
    if (peer !== "copse") continue;
    const at = `${name} at ${size} members`;
    if (name === "seal-persist" || name === "open-persist") {
      if (bytes !== undefined) {
        const first = firstBytes(size);
        check(`${at}: at most ${messageBytes} bytes`, bytes.max, messageBytes, "B");
        check(`${at}: at most ${first} bytes for the first of a sender`, bytes.first, first, "B");
      }
      if (ratio !== undefined) {
        check(`${at}: at most ${persistTimes} times what it takes without a store`, ratio, persistTimes, "times");
      }
    }
    if (name.endsWith("-dictionary") && size === dictionary.size && ratio !== undefined) {
      const target = `${name} with ${size} participants: at most ${dictionary.times} times what it takes without`;
      check(target, ratio, dictionary.times, "times");
    }
    if (name.endsWith("commit-persist") && size === commitBytes.size && bytes !== undefined) {
      check(`${at}: at most ${commitBytes.bytes} bytes`, Math.max(bytes.max, bytes.first), commitBytes.bytes, "B");
    }
  }
  return result;
}

/** Two digits below ten, none above a hundred. */
export function round(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
