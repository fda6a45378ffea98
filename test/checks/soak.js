/**
 * `npm run soak -- --minutes M [--seed N]`: the fuzzer of test/fuzz for most of the time, and for the rest the histories
 * that copse and ts-mls share (test/interop), one process at a time. Exit code 1 where either finds something.
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

/** What the histories get: they are slow, and their kinds of steps are few. */
const share = 0.2;
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

let histories = 0;
let shared = true;
for (let batch = 20; shared && left() > 10; histories += batch) {
  const environment = { COPSE_HISTORIES: String(batch), COPSE_SEED: String((seed + histories) & 0x7fffffff) };
  const before = left();
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const args = ["run", "--config", "test/checks/vitest.config.ts", "--reporter", "dot", "test/interop/history.test.ts"];
  shared = run(process.execPath, [vitest, ...args], environment, true);
  // The next batch takes a minute, or what is left.
  const each = (before - left()) / batch;
  batch = Math.max(1, Math.floor(Math.min(60, left()) / each));
}
console.log(`${String(histories)} histories of copse and ts-mls${shared ? ": all agree" : ""}`);
if (!fuzzed || !shared) process.exitCode = 1;

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
