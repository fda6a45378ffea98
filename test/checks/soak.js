/**
 * `npm run soak -- --minutes M [--seed N] [--over memory|server|postgres] [--rounds N] [--only PART]`: the minutes are shared among the parts below by fixed fractions, and each
 * part is played at least once, however few the minutes are: the fuzzer of test/fuzz, a client's day whose process is killed (test/client/kill), at every
 * persistence point and at 1,000 random instants or as many as there is time for, stories of simulated clients (test/simulation/client), the
 * histories that copse and ts-mls share (test/interop), those of groups whose stores fail (test/group/records), what a malicious device makes of valid sessions
 * (test/server/fuzz-sessions), and, where PostgreSQL is installed, rounds in which PostgreSQL and processes of `copse serve` are killed in the middle of writes, of
 * traffic and of guesses: at most 200, or with --rounds that many, however long they take. With --only it is one
 * part alone, by its name below. The clients of the stories are in one
 * process with their service, or over the real server by HTTP, on PGlite or on PostgreSQL. Says how much of each was played. Exit code 1 where one of
 * them finds something.
 */

import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildSync } from "esbuild";
import { hasPostgres } from "./postgres.js";
import { root } from "./run.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    seed: { type: "string" },
    over: { type: "string", default: "memory" },
    rounds: { type: "string" },
    only: { type: "string" },
  },
});
/** Where each part's time goes. Their sum is 1. */
const fractions = {
  fuzzer: 0.3,
  points: 0.1,
  instants: 0.1,
  stories: 0.25,
  stores: 0.075,
  interop: 0.075,
  requests: 0.03,
  rounds: 0.07,
};
/** Which stories, of which tests, by which configuration. */
const stories = new Map([
  [
    "memory",
    {
      files: ["stories", "accounts", "history-lies", "malice", "insiders", "forking"].map(
        (name) => `test/simulation/client/${name}`,
      ),
    },
  ],
  ["server", { files: ["test/server/simulation.test.ts"], only: ["-t", "HTTP and PGlite"] }],
  [
    "postgres",
    { files: ["test/server/simulation.postgres.ts"], only: ["-t", "network|cuts|versions"], config: "vitest-server" },
  ],
]).get(values.over);
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
const isPart = values.only === undefined || Object.hasOwn(fractions, values.only);
const isWrong = !isPart || !(minutes > 0) || !Number.isSafeInteger(seed) || stories === undefined;
if (isWrong || (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0)))
  throw new TypeError(
    "usage: npm run soak -- --minutes M [--seed N] [--over memory|server|postgres] [--rounds N] [--only PART]",
  );

const now = () => performance.now() / 1000;

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
/** @param {keyof typeof fractions} part */
const secondsOf = (part) => fractions[part] * minutes * 60;
/** Each part, and whether nothing was found in it. @type {Record<keyof typeof fractions, () => boolean>} */
const parts = {
  fuzzer: () => {
    const fuzzing = ["--enable-source-maps", bundle, String(secondsOf("fuzzer")), String(seed)];
    return run(process.execPath, fuzzing, {}).isWell;
  },
  points: () => kill("points"),
  instants: () => kill("instants"),
  stories: () => play("stories", `stories of simulated clients over ${values.over}`, 4, stories),
  stores: () =>
    play("stores", "histories of groups whose stores fail", 5, { files: ["test/group/records/histories.test.ts"] }),
  interop: () => play("interop", "histories of copse and ts-mls", 5, { files: ["test/interop/history.test.ts"] }),
  requests: request,
  rounds: killServers,
};
for (const [name, part] of Object.entries(parts))
  if ((values.only === undefined || values.only === name) && !part()) process.exitCode = 1;

/**
 * Batches until a part's seconds are over, one at least. Each is as long as there is time for, and no longer than a minute.
 *
 * @param {keyof typeof fractions} part
 * @param {number} first how much the first batch plays
 * @param {number} most how much there is to play
 * @param {(done: number, count: number) => boolean} batch whether it went well
 */
function batches(part, first, most, batch) {
  const began = now();
  const left = () => began + secondsOf(part) - now();
  let [done, count, isWell] = [0, Math.min(first, most), true];
  while (isWell && count > 0 && (done === 0 || left() > 5)) {
    const before = now();
    isWell = batch(done, count);
    done += count;
    const each = (now() - before) / count;
    count = Math.min(most - done, Math.max(1, Math.floor(Math.min(60, left()) / each)));
  }
  return { done, isWell, took: `in ${(now() - began).toFixed(0)} s` };
}

/**
 * Kill a client at persistence points, of both stores, or at random instants: see the numbers of test/client/kill/kill.test.ts.
 *
 * @param {"points" | "instants"} kind
 */
function kill(kind) {
  const [most, first, what] = kind === "points" ? [2 * 331, 4, "persistence points"] : [1_000, 20, "random instants"];
  const { done, isWell, took } = batches(kind, first, most, (before, count) => {
    const from = kind === "points" ? before : (seed + before) & 0x7fffffff;
    const environment = { COPSE_KILLING: kind, COPSE_KILLS: String(count), COPSE_SEED: String(from) };
    return vitest(["test/client/kill/kill.test.ts"], environment, ["-t", "is killed"]).isWell;
  });
  console.log(`${String(done)} of ${String(most)} ${what} ${took}${isWell ? ": every day came to the same end" : ""}`);
  return isWell;
}

/** What a malicious device makes of valid sessions, in batches with a seed each. */
function request() {
  const { done, isWell, took } = batches("requests", 600, Infinity, (before, count) => {
    const environment = { COPSE_FUZZ: String(count), COPSE_SEED: String((seed + before) & 0x7fffffff) };
    return vitest(["test/server/fuzz-sessions.test.ts"], environment).isWell;
  });
  console.log(`${String(done)} requests, as many for blobs, and frames ${took}${isWell ? ": nothing was found" : ""}`);
  return isWell;
}

/** Kill PostgreSQL and processes of the service, in batches with a seed each. */
function killServers() {
  if (!hasPostgres()) {
    console.log("skipped: PostgreSQL and servers that are killed (apt-get install postgresql-15)");
    return true;
  }
  const files = ["kill", "processes", "recovery/recovery"].map((name) => `test/server/${name}.postgres.ts`);
  const counts = { writes: 0, unanswered: 0, asked: 0 };
  /** @param {number} before @param {number} count */
  const batch = (before, count) => {
    const environment = {
      COPSE_KILL_ROUNDS: String(count),
      COPSE_KILL_SEED: String((seed + before) & 0x7fffffff),
    };
    const { isWell, stdout } = vitest(files, environment, [], "vitest-server");
    for (const [, writes, unanswered] of stdout.matchAll(/^(\d+) writes in \d+ rounds, (\d+) of them/gm)) {
      counts.writes += Number(writes);
      counts.unanswered += Number(unanswered);
    }
    for (const [, things] of stdout.matchAll(/^(\d+) things were asked of/gm)) counts.asked += Number(things);
    return isWell;
  };
  // Those that were asked for are all played, in batches whose seeds can be played again.
  const { done, isWell, took } = rounds === undefined ? batches("rounds", 2, 200, batch) : all(rounds, 20, batch);
  console.log(
    `${String(done)} rounds of each kind in which servers were killed ${took}: ${String(counts.writes)} writes to PostgreSQL (${String(counts.unanswered)} without an ` +
      `answer at first), ${String(counts.asked)} things asked of 2 and 3 processes${isWell ? ": nothing is lost or doubled" : ""}`,
  );
  return isWell;
}

/**
 * Batches until so much was played.
 *
 * @param {number} most
 * @param {number} each
 * @param {(done: number, count: number) => boolean} batch
 */
function all(most, each, batch) {
  const began = now();
  let [done, isWell] = [0, true];
  while (isWell && done < most) {
    const count = Math.min(each, most - done);
    isWell = batch(done, count);
    done += count;
  }
  return { done, isWell, took: `in ${(now() - began).toFixed(0)} s` };
}

/**
 * Play random histories or stories, in batches with a seed each.
 *
 * @param {"stories" | "stores" | "interop"} part
 * @param {string} what
 * @param {number} first
 * @param {{ files: readonly string[], only?: readonly string[], config?: string }} how
 */
function play(part, what, first, { files, only, config }) {
  /** By the kind of story, as the tests say. @type {Map<string, number>} */
  const kinds = new Map();
  const { done, isWell, took } = batches(part, first, Infinity, (before, count) => {
    const environment = {
      COPSE_HISTORIES: String(count),
      COPSE_STORIES: String(count),
      COPSE_SEED: String((seed + before) & 0x7fffffff),
    };
    const { isWell, stdout } = vitest(files, environment, only, config);
    for (const [, kind = "", number] of stdout.matchAll(/^([^:|]+): (\d+) stories/gm))
      kinds.set(kind, (kinds.get(kind) ?? 0) + Number(number));
    return isWell;
  });
  const of = [...kinds].map(([kind, count]) => `${kind} ${String(count)}`).join(", ");
  const total = kinds.size === 0 ? done : [...kinds.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${String(total)} ${what} ${took}${of === "" ? "" : ` (${of})`}${isWell ? ": all agree" : ""}`);
  return isWell;
}

/**
 * Run files of tests, heard only where one of them fails.
 *
 * @param {readonly string[]} files
 * @param {Record<string, string>} environment
 * @param {readonly string[]} more
 */
function vitest(files, environment, more = [], config = "vitest") {
  const program = join(root, "node_modules", "vitest", "vitest.mjs");
  const args = ["run", "--config", `test/checks/${config}.config.ts`, "--reporter", "dot", ...files, ...more];
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
    env: { ...process.env, NO_COLOR: "1", ...environment },
    stdio: ["ignore", quiet ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0 && quiet) console.log(stdout);
  return { isWell: status === 0, stdout: quiet ? stdout : "" };
}
