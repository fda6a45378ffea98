/**
 * The fuzzer for as long as it is given, on every processor: rounds of every target, each over a world of its own. Run by
 * `npm run soak`, which bundles it: see test/checks/soak.js.
 *
 * Arguments: the seconds to run, and the seed.
 */

import { availableParallelism, cpus } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { fuzz, Tally, type Target } from "./harness.ts";
import { allTargets } from "./targets.ts";

/** Most worlds are of the suite that costs least; the others have a turn each. */
const suites: readonly number[] = [1, 1, 2, 1, 3, 1, 1, 5, 1, 4, 1, 1, 7, 1, 6];

/** What a thread does: rounds `first`, `first + step`, and so on, each with a seed of its own. */
interface Task {
  readonly seconds: number;
  readonly seed: number;
  readonly first: number;
  readonly step: number;
}

interface Row {
  readonly tally: Tally;
  readonly counts: Target["counts"];
  seconds: number;
}

interface Result {
  readonly rows: Map<string, Row>;
  readonly rounds: number;
  readonly found: string | undefined;
}

if (isMainThread) {
  const [seconds, seed] = process.argv.slice(2).map(Number) as [number, number];
  await soak(seconds, seed);
} else parentPort!.postMessage(await play(workerData as Task));

/** A thread's rounds. */
async function play({ seconds, seed, first, step }: Task): Promise<Result> {
  // Most calls end in an error, and its stack would cost more than the call.
  Error.stackTraceLimit = 0;
  const end = performance.now() + seconds * 1000;
  const rows = new Map<string, Row>();
  let found: string | undefined;
  let round = first;
  for (; found === undefined && (round === first || performance.now() < end); round += step) {
    for (const target of await allTargets(seed + round, suites[round % suites.length]!)) {
      if (round > first && performance.now() >= end) break;
      const row = rows.get(target.name) ?? { tally: new Tally(), counts: target.counts, seconds: 0 };
      rows.set(target.name, row);
      const before = performance.now();
      const finding = await fuzz(target, target.share, seed + round, row.tally);
      row.seconds += (performance.now() - before) / 1000;
      if (finding !== undefined) {
        found = `${finding.report}\nagain: world seed ${String(seed + round)}`;
        break;
      }
    }
  }
  return { rows, rounds: (round - first) / step, found };
}

async function soak(seconds: number, seed: number): Promise<void> {
  const started = performance.now();
  const step = availableParallelism();
  const tasks = Array.from({ length: step }, (_, first): Task => ({ seconds, seed, first, step }));
  const results = await Promise.all(tasks.map(inThread));
  const rows = new Map<string, Row>();
  for (const [name, { tally, counts, seconds: took }] of results.flatMap((result) => [...result.rows])) {
    const row = rows.get(name) ?? { tally: new Tally(), counts, seconds: 0 };
    rows.set(name, row);
    row.tally.add(tally);
    row.seconds += took;
  }
  report(rows);
  const total = (of: Target["counts"]): string => {
    let sum = 0;
    for (const { tally, counts } of rows.values()) if (counts === of) sum += tally.calls;
    return sum.toLocaleString("en");
  };
  const codes = new Set([...rows.values()].flatMap(({ tally }) => [...tally.codes.keys()]));
  const rounds = results.reduce((sum, result) => sum + result.rounds, 0);
  const took = ((performance.now() - started) / 1000).toFixed(0);
  const megabytes = Math.round(process.memoryUsage.rss() / 1e6);
  console.log(
    `${total("decodes")} decodes, ${total("receives")} receives, ${total("others")} others; ${String(codes.size)} ` +
      `codes; ${String(rounds)} rounds in ${took} s on ${String(step)} threads, ${String(megabytes)} MB, ` +
      `${cpus()[0]?.model.trim() ?? "unknown"}; seed ${String(seed)}`,
  );
  const found = results.flatMap((result) => (result.found === undefined ? [] : [result.found]));
  for (const each of found) console.log(`FOUND: ${each}; keep the case in test/fuzz/regressions/`);
  if (found.length === 0) console.log("nothing was found");
  else process.exitCode = 1;
}

function inThread(task: Task): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.once("message", resolve).once("error", reject);
  });
}

function report(rows: ReadonlyMap<string, Row>): void {
  const count = (value: number): string => Math.round(value).toLocaleString("en").padStart(11);
  const head = ["calls", "accepted", "per second"].map((word) => word.padStart(11)).join("");
  console.log(`${"target".padEnd(24)}${head}  codes`);
  for (const [name, { tally, seconds }] of rows) {
    const row = [tally.calls, tally.accepted, tally.calls / Math.max(seconds, 1e-3)].map(count).join("");
    console.log(`${name.padEnd(24)}${row}  ${String(tally.codes.size)}`);
  }
}
