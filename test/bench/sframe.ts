/**
 * The benchmark of SFrame: two sides, copse and the AEAD alone, take turns on the same frames. It needs nothing of the
 * platform: the sides are handed in.
 */

import { settleMemory } from "./clock.ts";
import { median } from "./rows.ts";
import {
  callSize,
  jobOf,
  sframeUnitOf,
  type SFrameFigure,
  type SFrameJob,
  type SFramePeerName,
  type SFrameRowName,
} from "./sframe-rows.ts";

/** One of those who are compared. */
export interface Side {
  readonly peer: SFramePeerName;
  /**
   * Make ready what the clock must not see, and return what it times: so many frames of a length sealed, or opened, or
   * (once, whatever the count) an epoch's keys derived. Undefined where this side has nothing of the kind.
   */
  prepare(job: SFrameJob, count: number): Promise<(() => void | Promise<void>) | undefined>;
}

/** What to measure. */
export interface SFrameBenchOptions {
  readonly rows: readonly SFrameRowName[];
  readonly sides: readonly Side[];
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

/** How often each side has its turn within a round: their median is the round's value. */
const turns = 21;

/** How many frames a turn takes: some milliseconds, long enough to leave garbage of its own to be collected. */
function framesOf(job: SFrameJob): number {
  if (job.kind === "epoch-keys") return 1;
  return job.length < 10_000 ? 1_500 : 500;
}

/** Measure, in the order of rows and sides. */
export async function measureSFrame(options: SFrameBenchOptions): Promise<readonly SFrameFigure[]> {
  const { rows, sides, rounds, progress } = options;
  const values = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    progress(round === 0 ? "sframe: warming up" : `sframe: round ${round} of ${rounds}`);
    for (const row of rows) {
      const results = await measureRound(row, sides, round === 0 ? 5 : turns);
      if (round === 0) continue;
      for (const [peer, value] of results) {
        const key = `${row} ${peer}`;
        values.set(key, [...(values.get(key) ?? []), value]);
      }
    }
  }
  return rows.flatMap((row) =>
    sides.flatMap(({ peer }): SFrameFigure[] => {
      const measured = values.get(`${row} ${peer}`);
      if (measured === undefined) return [];
      return [
        {
          name: row,
          size: callSize,
          peer,
          median: median(measured),
          min: Math.min(...measured),
          max: Math.max(...measured),
          unit: sframeUnitOf(row),
          runs: measured.length,
        },
      ];
    }),
  );
}

/** The median of each side's turns. Who comes first changes from turn to turn. */
async function measureRound(
  row: SFrameRowName,
  sides: readonly Side[],
  count: number,
): Promise<ReadonlyMap<SFramePeerName, number>> {
  const job = jobOf(row);
  const frames = framesOf(job);
  const samples = new Map<SFramePeerName, number[]>();
  for (let turn = 0; turn < count; turn++) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed()) {
      const work = await side.prepare(job, frames);
      if (work === undefined) continue;
      settleMemory();
      const start = performance.now();
      const working = work();
      if (working !== undefined) await working;
      const time = performance.now() - start;
      const value = job.kind === "epoch-keys" ? time : (1_000 * frames) / time;
      samples.set(side.peer, [...(samples.get(side.peer) ?? []), value]);
    }
  }
  return new Map([...samples].map(([peer, sampled]) => [peer, median(sampled)]));
}
