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
  return result;
}

/** Two digits below ten, none above a hundred. */
export function round(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
