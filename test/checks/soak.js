/**
 * `npm run soak -- --minutes M [--seed N]`: the fuzzer of test/fuzz for most of the time, and for the rest the histories
 * that copse and ts-mls share (test/interop), and those of groups whose stores fail (test/group/records), one process at a
 * time. Exit code 1 where one of them finds something.
 */

import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildSync } from "esbuild";
import { root } from "./run.js";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "5" }, seed: { type: "string" } } });
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new TypeError("usage: npm run soak -- --minutes M [--seed N]");

/** What the histories get, half of it each kind: they are slow, and their kinds of steps are few. */
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

const stored = play("test/group/records/histories.test.ts", "histories of groups whose stores fail", left() / 2);
const shared = play("test/interop/history.test.ts", "histories of copse and ts-mls", 0);
if (!fuzzed || !stored || !shared) process.exitCode = 1;

/**
 * Play random histories until so many seconds are left, in batches with a seed each.
 *
 * @param {string} file
 * @param {string} what
 * @param {number} rest
 */
function play(file, what, rest) {
  let histories = 0;
  let agrees = true;
  for (let batch = 20; agrees && left() - rest > 10;) {
    const environment = { COPSE_HISTORIES: String(batch), COPSE_SEED: String((seed + histories) & 0x7fffffff) };
    const before = left();
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const args = ["run", "--config", "test/checks/vitest.config.ts", "--reporter", "dot", file];
    agrees = run(process.execPath, [vitest, ...args], environment, true);
    histories += batch;
    // The next batch takes a minute, or what is left.
    const each = (before - left()) / batch;
    batch = Math.max(1, Math.floor(Math.min(60, left() - rest) / each));
  }
  console.log(`${String(histories)} ${what}${agrees ? ": all agree" : ""}`);
  return agrees;
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
