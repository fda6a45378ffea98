/**
 * Running many jobs, on as many threads as the machine has cores: nothing waits for the slow arithmetic of another.
 */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Outcome } from "./check.ts";
import { families } from "./families.ts";
import { loadProvider, type ProviderName } from "./providers.ts";
import { runFamily, type Tally } from "./run.ts";

/** One family under one provider. */
export interface Job {
  readonly family: string;
  readonly provider: ProviderName;
  readonly texts: readonly string[];
}

/** What a thread tells of its job. */
export type Report =
  { readonly kind: "outcome"; readonly outcome: Outcome } | { readonly kind: "done"; readonly tally: Tally };

/** Who hears of the progress. */
export interface Listener {
  outcome(job: Job, outcome: Outcome): void;
  done(job: Job, tally: Tally): void;
}

/** Carry out a job in this thread. */
export async function runJob(job: Job, tell: (report: Report) => void): Promise<void> {
  const family = families.find(({ name }) => name === job.family);
  if (family === undefined) throw new TypeError(`no such family: ${job.family}`);
  const tally = await runFamily(family, {
    provider: await loadProvider(job.provider),
    texts: job.texts,
    tell: (outcome) => tell({ kind: "outcome", outcome }),
  });
  tell({ kind: "done", tally });
}

/** Compiled code can start threads of itself; source can't be loaded by every Node that we support. */
const compiled = import.meta.url.endsWith(".js");

/** Carry out the jobs, those given first begun first. */
export async function runJobs(jobs: readonly Job[], listener: Listener): Promise<void> {
  const queue = [...jobs];
  const lanes = compiled ? Math.min(availableParallelism(), jobs.length) : 1;
  await Promise.all(Array.from({ length: lanes }, () => lane(queue, listener, lanes > 1)));
}

async function lane(queue: Job[], listener: Listener, threaded: boolean): Promise<void> {
  const thread = threaded ? new Worker(new URL("./worker.js", import.meta.url)) : undefined;
  try {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const current = job;
      const hear = (report: Report): void => {
        if (report.kind === "outcome") listener.outcome(current, report.outcome);
        else listener.done(current, report.tally);
      };
      await (thread === undefined ? runJob(current, hear) : runInThread(thread, current, hear));
    }
  } finally {
    await thread?.terminate();
  }
}

function runInThread(thread: Worker, job: Job, hear: (report: Report) => void): Promise<void> {
  return new Promise((done, fail) => {
    const listen = (report: Report): void => {
      hear(report);
      if (report.kind === "done") end(done);
    };
    const broken = (error: Error): void => end(() => fail(error));
    const end = (settle: () => void): void => {
      thread.off("message", listen).off("error", broken);
      settle();
    };
    thread.on("message", listen).on("error", broken);
    thread.postMessage(job);
  });
}
