/**
 * `npm run soak -- --minutes M [--seed N] [--over memory|server|postgres]`: the fuzzer of test/fuzz for most of the time, and for the rest the histories
 * that copse and ts-mls share (test/interop), those of groups whose stores fail (test/group/records), stories of simulated
 * clients (test/simulation/client), and a client's day whose process is killed (test/client/kill), at every persistence point
 * and at 1,000 random instants or as many as there is time for, one process at a time. The clients of the stories
 * are in one process with their service, or over the real server by HTTP, on PGlite or on PostgreSQL. Exit code 1 where one of them finds something.
 */

import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildSync } from "esbuild";
import { root } from "./run.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    seed: { type: "string" },
    over: { type: "string", default: "memory" },
  },
});
/** Which stories, of which tests, by which configuration. */
const stories = new Map([
  ["memory", { file: "test/simulation/client/stories.test.ts" }],
  ["server", { file: "test/server/simulation.test.ts", only: ["-t", "HTTP and PGlite"] }],
  [
    "postgres",
    { file: "test/server/simulation.postgres.ts", only: ["-t", "network|cuts|versions"], config: "vitest-server" },
  ],
]).get(values.over);
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed) || stories === undefined)
  throw new TypeError("usage: npm run soak -- --minutes M [--seed N] [--over memory|server|postgres]");

/** What the histories get, a third of it each kind: they are slow, and their kinds of steps are few. */
const share = 0.3;
const started = performance.now();
const left = () => minutes * 60 - (performance.now() - started) / 1000;

const bundle = join(root, "node_modules", ".cache", "copse", "soak.mjs");
buildSync({
  absWorkingDir: root,
  entryPoints: ["test/fuzz/soak.ts"],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  conditions: ["copse-src"],
  sourcemap: "inline",
  logLevel: "error",
});

console.log(`soak: ${String(minutes)} minutes, seed ${String(seed)}`);
const fuzzing = Math.max(1, left() * (1 - share));
const fuzzed = run(process.execPath, ["--enable-source-maps", bundle, String(fuzzing), String(seed)], {});

const killed = kill(left() / 3);
const played = play(stories.file, `stories of simulated clients over ${values.over}`, (left() * 2) / 3, stories);
const stored = play("test/group/records/histories.test.ts", "histories of groups whose stores fail", left() / 2);
const shared = play("test/interop/history.test.ts", "histories of copse and ts-mls", 0);
if (!fuzzed || !killed || !played || !stored || !shared) process.exitCode = 1;

/**
 * Kill a client at persistence points and at random instants, in turns, for so many seconds: at all points of both stores (see
 * the numbers of test/client/kill/kill.test.ts) and at 1,000 instants at the most.
 *
 * @param {number} seconds
 */
function kill(seconds) {
  const end = left() - seconds;
  const most = { points: 2 * 331, instants: 1_000 };
  const done = { points: 0, instants: 0 };
  /** Kills of one batch: a game each, or ten of a game. */
  let batch = { points: 4, instants: 20 };
  let isWell = true;
  while (isWell && left() > end + 5) {
    const kind = done.instants / most.instants < done.points / most.points ? "instants" : "points";
    const count = Math.min(batch[kind], most[kind] - done[kind]);
    if (count === 0) break;
    const first = kind === "points" ? done.points : (seed + done.instants) & 0x7fffffff;
    const environment = { COPSE_KILLING: kind, COPSE_KILLS: String(count), COPSE_SEED: String(first) };
    const before = left();
    isWell = vitest("test/client/kill/kill.test.ts", environment, ["-t", "is killed"]);
    done[kind] += count;
    const each = (before - left()) / count;
    batch = { ...batch, [kind]: Math.max(1, Math.floor(Math.min(60, left() - end) / 2 / each)) };
  }
  const { points, instants } = done;
  console.log(
    `${String(points)} of ${String(most.points)} persistence points and ${String(instants)} of ${String(most.instants)} random instants${isWell ? ": every day came to the same end" : ""}`,
  );
  return isWell;
}

/**
 * Play random histories until so many seconds are left, in batches with a seed each.
 *
 * @param {string} file
 * @param {string} what
 * @param {number} rest
 * @param {{ only?: readonly string[], config?: string }} [how]
 */
function play(file, what, rest, { only, config } = {}) {
  let histories = 0;
  let agrees = true;
  for (let batch = 20; agrees && left() - rest > 10;) {
    const environment = { COPSE_HISTORIES: String(batch), COPSE_SEED: String((seed + histories) & 0x7fffffff) };
    const before = left();
    agrees = vitest(file, environment, only, config);
    histories += batch;
    // The next batch takes a minute, or what is left.
    const each = (before - left()) / batch;
    batch = Math.max(1, Math.floor(Math.min(60, left() - rest) / each));
  }
  console.log(`${String(histories)} ${what}${agrees ? ": all agree" : ""}`);
  return agrees;
}

/**
 * Run a file of tests, heard only where one of them fails.
 *
 * @param {string} file
 * @param {Record<string, string>} environment
 * @param {readonly string[]} more
 */
function vitest(file, environment, more = [], config = "vitest") {
  const program = join(root, "node_modules", "vitest", "vitest.mjs");
  const args = ["run", "--config", `test/checks/${config}.config.ts`, "--reporter", "dot", file, ...more];
  return run(process.execPath, [program, ...args], environment, true);
}

/**
 * Run a process. Where it is quiet, it is heard only when it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} environment
 */
function run(command, args, environment, quiet = false) {
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", quiet ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0 && quiet) console.log(stdout);
  return status === 0;
}
