/**
 * `npm run verify`: every check of the project but the tests. A line a check; a failed one also says why.
 *
 * Two checks run at a time, behind the build: those of the second group read what it wrote.
 */

import { run } from "./run.js";

/** @typedef {readonly [name: string, command: string, ...args: string[]]} Check */

/** @type {readonly Check[]} */
const ofSources = [
  // It takes as long as all others together: they run beside it.
  ["lint", "eslint", "--config", "test/checks/eslint.config.js", "--max-warnings", "0", "."],
  ["types", "tsc", "-p", "."],
  ["types of the checks", "tsc", "-p", "test/checks"],
  ["types of the runtimes", "tsc", "-p", "test/runtimes"],
  ["types of the browser", "tsc", "-p", "test/browser"],
  ["types of the demo's test", "tsc", "-p", "test/demo"],
  ["types of the messenger", "tsc", "-p", "docs/demo"],
  ["format", "prettier", "--check", "--log-level", "warn", "."],
  ["unused code", "knip", "--config", "test/checks/knip.jsonc"],
  ["error tables", process.execPath, "test/checks/errors.js"],
  ["claims of the docs", process.execPath, "test/checks/claims.js"],
  ["RFC coverage", process.execPath, "test/checks/rfc-coverage.js"],
  ["import arrows", "depcruise", "--config", "test/checks/arrows.config.js", "src"],
];

/** @type {Check} */
const build = ["build", process.execPath, "test/checks/build.js"];

/** @type {readonly Check[]} */
const ofTheBuild = [
  ["package", process.execPath, "test/checks/package.js"],
  ["types of consumers", process.execPath, "test/checks/consumers.js"],
  ["api snapshot", process.execPath, "test/checks/api.js"],
  ["sizes", process.execPath, "test/checks/size.js"],
  ["delivery protocol", process.execPath, "test/checks/protocol.js"],
  ["settings", process.execPath, "test/checks/operating.js"],
  ["docs", process.execPath, "test/checks/docs.js"],
  ["snippets", process.execPath, "test/checks/snippets.js"],
  ["examples", process.execPath, "test/checks/examples.js"],
];

const started = performance.now();
let failed = 0;

/** @param {Check} check @returns {Promise<boolean>} whether it held */
async function report([name, command, ...args]) {
  const start = performance.now();
  const { ok, output } = await run(command, args);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${ok ? "ok    " : "failed"}  ${name.padEnd(22)}${seconds.padStart(6)} s`);
  if (!ok) {
    failed++;
    console.log(output);
  }
  return ok;
}

/** @param {readonly Check[]} checks */
async function pair(checks) {
  const waiting = [...checks];
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) await report(check);
  };
  await Promise.all([worker(), worker()]);
}

const built = await report(build);
await pair(built ? [...ofSources, ...ofTheBuild] : ofSources);
if (!built) {
  failed += ofTheBuild.length;
  for (const [name] of ofTheBuild) console.log(`failed  ${name}: there is no build`);
}

const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(failed === 0 ? `all checks ok in ${seconds} s` : `${String(failed)} checks failed in ${seconds} s`);
if (failed > 0) process.exitCode = 1;
