/**
 * `npm run mutants`: proof that the tests of the rules can fail. Each refusal of src/rules is taken away once, and a test of
 * test/rules or test/rfc must notice. With --all, each refusal of the layers from codec to group, and the tests of all of them.
 *
 * It takes one run of the tests: every `throw` asks first whether it may (mutants.config.ts), and every test that reaches one
 * is run again without it (mutants-runner.ts).
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { throwsOf } from "./mutants-throws.js";
import { root, run } from "./run.js";

/** @typedef {{ id: string, killed: boolean, test: string }} Trial */

/** Refusals that another one stands behind, so that no input shows whether they are there. @type {ReadonlyMap<string, string>} */
const excused = new Map([
  ["src/rules/x509.ts value 2", "a value that runs past its reader's end leaves it there, and `end` refuses that"],
  [
    "src/rules/x509.ts #length 1",
    "no length, or one of five bytes, is too short for its form or too long for its reader",
  ],
  ["src/rules/x509.ts #next 1", "a length that is cut off is no number, and `end` refuses where that leads"],
]);

const layers = ["codec", "crypto", "wire", "tree", "schedule", "rules", "group", "sframe"];
const isAll = process.argv.includes("--all");
const folders = (isAll ? layers : ["rules"]).map((layer) => `src/${layer}`);
const tests = ["test/rules", "test/rfc", ...(isAll ? layers.map((layer) => `test/${layer}`) : [])];
const trials = mkdtempSync(join(tmpdir(), "copse-mutants-"));
process.env["COPSE_MUTANTS"] = folders.join(",");
process.env["COPSE_TRIALS"] = trials;
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const args = ["run", "--config", "test/checks/mutants.config.ts", "--reporter", "dot", ...tests];
const { ok, output } = await run(process.execPath, [vitest, ...args]);
if (!ok) console.log(output);

const of = folders.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => throwsOf(readFileSync(join(root, folder, name), "utf8"), `${folder}/${name}`)),
);
const all = readdirSync(trials).flatMap((name) => {
  /** @type {Trial[]} */
  const ofFile = JSON.parse(readFileSync(join(trials, name), "utf8"));
  return ofFile;
});
rmSync(trials, { recursive: true });

let survivors = 0;
for (const { id, line } of of) {
  const own = all.filter((trial) => trial.id === id);
  if (own.some(({ killed }) => killed) !== excused.has(id)) continue;
  survivors++;
  const what = own.length === 0 ? "no test reaches it" : `${String(own.length)} tests pass without it`;
  console.log(`${id} (line ${String(line)}): ${excused.has(id) ? "it is excused, and a test misses it" : what}`);
}
console.log(`${String(of.length)} refusals taken away, ${String(survivors)} not missed`);
if (!ok || survivors > 0) process.exitCode = 1;
