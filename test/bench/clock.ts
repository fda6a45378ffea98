/**
 * Taking times. Short work is repeated under tinybench until its time is up; what uses a group up, commit by commit, is
 * repeated here, as long as there is something left to use.
 */

import { Bench } from "tinybench";
import { median } from "./rows.ts";

/** How long one row of one round may take, in milliseconds; a single run may take longer. */
const budget = 150;

/**
 * The median time of an operation, of at most `most` runs in a row, and at least as many as asked for; `work` is told
 * which run it is.
 */
export async function times(most: number, work: (run: number) => Promise<void>, least = 1): Promise<number> {
  const samples: number[] = [];
  for (let run = 0, spent = 0; run < most && (run < least || spent < budget); run++) {
    const start = performance.now();
    await work(run);
    const time = performance.now() - start;
    samples.push(time);
    spent += time;
  }
  return median(samples);
}

/**
 * The median time of short work, by tinybench. With `runs` exactly so many, for work that uses something up; else as many
 * as fit.
 */
export async function latency(work: () => unknown, runs?: number): Promise<number> {
  const bench = new Bench({
    warmup: false,
    throws: true,
    iterations: runs ?? 1,
    time: runs === undefined ? budget : 0,
  });
  bench.add("work", work, { async: true }); // or else it is called once more, to see
  const [task] = await bench.run();
  const result = task?.result;
  if (result?.state !== "completed") throw new Error("a benchmark that did not complete");
  return result.latency.p50;
}

/** Collect garbage, where the process allows it, so that nobody pays for another's. */
export function settleMemory(): void {
  (globalThis as { readonly gc?: () => void }).gc?.();
}
