/**
 * The benchmark: every wanted row for every size, round by round, the peers taking turns within a round. It needs nothing
 * of the platform; what only some platforms can measure is handed in.
 */

import type { Peer } from "./peer.ts";
import { loadPeer } from "./peers.ts";
import type { NativePeer } from "./native.ts";
import {
  median,
  rowNames,
  unitOf,
  type Figure,
  type PeerName,
  type RowName,
  type ScriptPeerName,
  type Stored,
} from "./rows.ts";
import { measureSize, type MemoryJob, type SizeOptions } from "./size.ts";

/** What to measure. */
export interface BenchOptions {
  readonly rows: ReadonlySet<RowName>;
  readonly sizes: readonly number[];
  /** Who is measured in groups of a size. */
  readonly peersAt: (size: number) => readonly ScriptPeerName[];
  /** Peers that measure themselves. */
  readonly natives?: readonly NativePeer[];
  readonly rounds: number;
  /** The peak memory of one process, where the platform has processes. */
  readonly peakMemory?: (peer: PeerName, job: MemoryJob) => Promise<number>;
  readonly progress: (text: string) => void;
}

/** A group that is large enough for everything to happen in it, and small enough to be done soon. */
const warmUpSize = 16;

/** After so many rounds the compiler has nothing left to make of anybody's short operations: in two, it is half done. */
const warmUpRounds = 6;

/** Measure, in the order of sizes, rows and peers. */
export async function measure(options: BenchOptions): Promise<readonly Figure[]> {
  const { sizes, rows, peersAt, natives = [], rounds, peakMemory, progress } = options;
  const loaded = new Map<ScriptPeerName, Peer>();
  for (const name of new Set(sizes.flatMap(peersAt))) loaded.set(name, await loadPeer(name));
  progress("warming up");
  const peers = [...loaded.values()];
  await measureSize(warmUpSize, { rows, peers, rounds: warmUpRounds, add: () => {}, progress: () => {} });

  const figures: Figure[] = [];
  for (const size of sizes) {
    const peers = peersAt(size).map((name) => loaded.get(name)!);
    const values = new Values();
    const add: SizeOptions["add"] = (...value) => values.add(...value);
    const addMerged = (row: RowName, peer: PeerName, value: number): void => values.addMerged(row, peer, value);
    await measureSize(size, { rows, peers, natives, rounds, peakMemory, add, addMerged, progress });
    for (const name of rowNames) {
      for (const { name: peer } of [...peers, ...natives]) {
        const measured = values.of(name, peer);
        if (measured.length === 0) continue;
        const [min, max] = [Math.min(...measured), Math.max(...measured)];
        figures.push({
          name,
          size,
          peer,
          median: median(measured),
          min,
          max,
          unit: unitOf(name),
          runs: measured.length,
          ...storing(values.storedOf(name, peer), median(measured)),
          ...merging(values.mergedOf(name, peer)),
        });
      }
    }
  }
  return figures;
}

/** What it takes with all that belongs to it. */
function merging(rounds: readonly number[]): Pick<Figure, "merged"> {
  return rounds.length === 0 ? {} : { merged: median(rounds) };
}

/** What all rounds have stored. */
function storing(
  rounds: readonly Stored[],
  time: number,
): Partial<Pick<Figure, "bytes" | "made" | "without" | "ratio">> {
  if (rounds.length === 0) return {};
  const firsts = rounds.map(({ bytes }) => bytes[0] ?? 0);
  const others = rounds.flatMap(({ bytes }) => bytes.slice(1));
  const rest = others.length === 0 ? firsts : others;
  const counts = rounds.flatMap((round) => round.made);
  const made = counts.length === 0 ? 0 : median(counts);
  const without = rounds.map((round) => round.without).filter((value) => value !== undefined);
  const written = rounds.some(({ bytes }) => bytes.length > 0);
  return {
    ...(written && { bytes: { first: Math.max(...firsts), median: median(rest), max: Math.max(...rest) } }),
    ...(made > 0 && { made }),
    ...(without.length > 0 && { without: median(without), ratio: time / median(without) }),
  };
}

/** One value a round, for each row of each peer. */
class Values {
  readonly #values = new Map<string, number[]>();
  readonly #stored = new Map<string, Stored[]>();
  readonly #merged = new Map<string, number[]>();

  add(row: RowName, peer: PeerName, value: number, stored?: Stored): void {
    this.#values.set(`${row} ${peer}`, [...this.of(row, peer), value]);
    if (stored !== undefined) this.#stored.set(`${row} ${peer}`, [...this.storedOf(row, peer), stored]);
  }

  addMerged(row: RowName, peer: PeerName, value: number): void {
    this.#merged.set(`${row} ${peer}`, [...this.mergedOf(row, peer), value]);
  }

  mergedOf(row: RowName, peer: PeerName): readonly number[] {
    return this.#merged.get(`${row} ${peer}`) ?? [];
  }

  storedOf(row: RowName, peer: PeerName): readonly Stored[] {
    return this.#stored.get(`${row} ${peer}`) ?? [];
  }

  of(row: RowName, peer: PeerName): readonly number[] {
    return this.#values.get(`${row} ${peer}`) ?? [];
  }
}
