/**
 * A thread of the pool: carries out the jobs that it is sent, one at a time.
 */

import { parentPort } from "node:worker_threads";
import { runJob, type Job } from "./pool.ts";

const port = parentPort;
port?.on("message", (job: Job) => void runJob(job, (report) => port.postMessage(report)));
