/**
 * `npm run mutants [-- FOLDER OR FILE ...] [--share N] [--near] [--workers N]`: proof that the tests can fail. Each refusal of the
 * sources (refusals.js says what is one) is taken away once, and a test must notice. With --share, a part of them, one in N,
 * that the commit chooses: what .ci/run has time for. With --near, only the tests of the same folder are asked: whoever
 * writes a test for a refusal needs no others.
 *
 * It takes few runs of the tests: every refusal asks first whether it is there (mutants.config.ts), and every test that
 * reaches one is run again without it (mutants-runner.ts), those next to it first (mutants-stages.js).
 * What only tells types apart, and no test can miss, the compiler has to (refusals-compiler.js).
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { excused } from "./mutants-excused.js";
import { stageOf, stages } from "./mutants-stages.js";
import { compiler } from "./refusals-compiler.js";
import { refusalsOf } from "./refusals.js";
import { root, run } from "./run.js";

/** @typedef {{ what: "begin" | "end" | "once" | "failed" | "spoiled" | "reached", numbers: number[], isKilled: boolean, file: string, test: string, took: number }} Line */

const layers = [
  "bytes",
  "codec",
  "crypto",
  "wire",
  "tree",
  "schedule",
  "rules",
  "public-group",
  "group",
  "extensions",
  "sframe",
  "call",
  "adapters",
  "accounts",
  "content",
  "delivery",
  "reports",
  "transparency",
  "vault",
];
const folders = [
  ...layers.map((layer) => `test/${layer}`),
  "test/rfc",
  "test/simulation",
  "test/numbers",
  "test/ways-in",
];

/** A worker that says nothing for so long, in milliseconds, is in a loop; a test that takes long by itself has as much longer. */
const patience = 90_000;

// A few random histories show what many do, and each of them is played again and again.
process.env["COPSE_HISTORIES"] ??= "8";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    share: { type: "string", default: "1" },
    near: { type: "boolean", default: false },
    workers: { type: "string", default: "2" },
  },
});
const places = positionals.length > 0 ? positionals : layers.map((layer) => `src/${layer}`);
const share = Number(values.share);

const refusals = sources().flatMap((file) => refusalsOf(readFileSync(join(root, file), "utf8"), file));
const commit = share > 1 ? execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim() : "";
const chosen = refusals.filter(({ id }) => share === 1 || hash(`${commit} ${id}`) % share === 0);
const ids = chosen.map(({ id }) => id);

const compiles = compiler(root);
const trials = mkdtempSync(join(tmpdir(), "copse-mutants-"));
process.env["COPSE_MUTANTS"] = join(trials, "mutants.json");
process.env["COPSE_TRIALS"] = trials;
let isBroken = false;
for (let stage = 0; stage < (values.near ? stages - 1 : stages); stage++) await runStage(stage);
const lines = read();
const killed = killedNumbers();
process.on("exit", () => rmSync(trials, { recursive: true }));

for (const line of new Set(
  lines.flatMap(({ what, file, test }) =>
    what === "once" || what === "failed"
      ? [`${file}: "${test}" ${what === "once" ? "can't run twice" : "fails"}, and shows nothing`]
      : [],
  ),
))
  console.log(line);
let survivors = 0;
let narrowing = 0;
for (const [number, refusal] of chosen.entries()) {
  const { id, line } = refusal;
  const isExcused = excused.has(id);
  if (killed.has(number) !== isExcused) continue;
  if (!isExcused && isNarrowing(number, lines)) {
    narrowing++;
    continue;
  }
  survivors++;
  const own = passedWithout(number, lines);
  const what = own === 0 ? "no test reaches it" : `${String(own)} tests pass without it`;
  console.log(`${id} (line ${String(line)}): ${isExcused ? "it is excused, and a test misses it" : what}`);
}
const known = new Set(refusals.map(({ id }) => id));
if (positionals.length === 0) {
  for (const id of excused.keys()) {
    if (known.has(id)) continue;
    console.log(`${id}: it is excused, and does not exist`);
    isBroken = true;
  }
}
const of = share > 1 ? ` of ${String(refusals.length)}` : "";
console.log(
  `${String(ids.length)}${of} refusals taken away, ${String(narrowing)} of them missed by the compiler alone, ${String(survivors)} not missed`,
);
if (isBroken || survivors > 0) process.exitCode = 1;

/** The sources in question. */
function sources() {
  const files = places.flatMap((place) =>
    place.endsWith(".ts")
      ? [place]
      : readdirSync(join(root, place), { recursive: true }).map((name) => `${place}/${String(name)}`),
  );
  return files.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts")).sort();
}

/** Run the tests of a stage, and those again whose worker died. @param {number} stage */
async function runStage(stage) {
  const killed = killedNumbers();
  const lines = read();
  // All tests are asked only about what is left to explain.
  const settled =
    stage < stages - 1
      ? []
      : ids.flatMap((id, number) => (excused.has(id) || isNarrowing(number, lines) ? [number] : []));
  const left = ids.filter((_, number) => !killed.has(number) && !settled.includes(number));
  if (left.length === 0) return;
  writeFileSync(
    join(trials, "mutants.json"),
    JSON.stringify({ ids, groups: chosen.map(({ group }) => group), settled, stage, root }),
  );
  let tests = testsOf(stage, left);
  for (let attempt = 0; tests.length > 0 && attempt < 20; attempt++) {
    const before = new Set(files());
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const args = ["run", "--config", "test/checks/mutants.config.ts", "--maxWorkers", values.workers];
    const watch = setInterval(endSilent, 5000);
    const { ok, output } = await run(process.execPath, [vitest, ...args, "--reporter", "dot", ...tests]);
    clearInterval(watch);
    const said = files()
      .filter((file) => !before.has(file))
      .map((file) => linesOf(file));
    // Trials that have begun and not ended, where the worker is gone.
    const dead = said.flatMap((lines) =>
      lines.filter(({ what }, i) => what === "begin" && lines[i + 1]?.what !== "end"),
    );
    for (const { numbers } of dead) {
      const list = join(trials, numbers.length === 1 ? "killed" : "alone");
      writeFileSync(list, numbers.map((number) => `${String(number)}\n`).join(""), { flag: "a" });
    }
    const spoiled = said.flat().filter(({ what }) => what === "spoiled");
    if (!ok && dead.length === 0) {
      // No trial fails a run of vitest: something else is wrong.
      console.log(output);
      isBroken = true;
      return;
    }
    tests = [...new Set([...dead, ...spoiled].map(({ file }) => file))];
  }
}

/** The tests that a stage runs for what is left. @param {number} stage @param {readonly string[]} left */
function testsOf(stage, left) {
  const all = folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${String(name)}`),
    )
    .filter((name) => name.endsWith(".test.ts") && !/two-hundred|long-call/.test(name)); // they measure, and take their time
  const reached = new Map(read().flatMap(({ what, file, numbers }) => (what === "reached" ? [[file, numbers]] : [])));
  // A file that has run before, and reaches nothing of what is left, has nothing to say.
  return all.filter((file) =>
    left.some((id) => stageOf(id, file) === stage && (reached.get(file)?.includes(ids.indexOf(id)) ?? true)),
  );
}

/**
 * Whether tests pass without a refusal that only tells types apart: the source would not compile.
 *
 * @param {number} number
 * @param {readonly Line[]} lines
 */
function isNarrowing(number, lines) {
  const refusal = chosen[number];
  if (refusal === undefined || killedNumbers().has(number) || passedWithout(number, lines) === 0) return false;
  return !/ (throw|call) \d+$/.test(refusal.id) && !compiles(fileOf(refusal.id), refusal);
}

/** How often tests have passed without a refusal. @param {number} number @param {readonly Line[]} lines */
function passedWithout(number, lines) {
  return lines.filter(({ what, isKilled, numbers }) => what === "end" && !isKilled && numbers.includes(number)).length;
}

/** End workers that hang in a trial. */
function endSilent() {
  for (const path of files()) {
    const last = linesOf(path).at(-1);
    // The runner itself ends what only takes long, and does not hang: before this does.
    if (last?.what !== "begin" || Date.now() - statSync(path).mtimeMs < patience + 25 * last.took) continue;
    try {
      process.kill(Number(basename(path).split("-")[0]), "SIGKILL");
    } catch {
      // it is gone already
    }
  }
}

/** The files in which the workers say what they do. */
function files() {
  return readdirSync(trials)
    .filter((name) => name.endsWith(".trials"))
    .map((name) => join(trials, name));
}

/** What the workers have said so far. */
function read() {
  return files().flatMap((file) => linesOf(file));
}

/** @param {string} path @returns {Line[]} */
function linesOf(path) {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      /** @type {Line} */
      const said = JSON.parse(line);
      return said;
    });
}

/** @returns {ReadonlySet<number>} */
function killedNumbers() {
  const path = join(trials, "killed");
  return new Set(existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean).map(Number) : []);
}

/** The source of a refusal. @param {string} id */
function fileOf(id) {
  return id.slice(0, id.indexOf(" "));
}

/** @param {string} text */
function hash(text) {
  return createHash("sha256").update(text).digest().readUInt32BE();
}
