/**
 * The last lines of .ci/run, from the file that vitest's json reporter wrote: which tests failed, and how many passed and
 * failed. The log of a run may be cut at its beginning.
 *
 * A file that could not run counts as one failed test, and so does a run that wrote nothing.
 */

import { readFileSync } from "node:fs";

/**
 * @typedef {{ status: string, fullName: string, failureMessages: readonly string[] }} Test
 * @typedef {{ status: string, name: string, message: string, assertionResults: readonly Test[] }} TestFile
 */

/**
 * @param {string} path
 * @returns {readonly TestFile[]}
 */
function filesOf(path) {
  try {
    return /** @type {{ testResults: TestFile[] }} */ (JSON.parse(readFileSync(path, "utf8"))).testResults;
  } catch {
    return [{ status: "failed", name: "the run of the tests", message: "", assertionResults: [] }];
  }
}

/**
 * @param {string} what
 * @param {string} why
 */
function tell(what, why) {
  console.log(`failed: ${what}\n${why.slice(0, 2_000)}`);
}

let passed = 0;
let failed = 0;
for (const { status, name, message, assertionResults } of filesOf(process.argv[2] ?? "")) {
  const broken = assertionResults.filter((test) => test.status === "failed");
  for (const { fullName, failureMessages } of broken) tell(`${name}: ${fullName}`, failureMessages.join("\n"));
  if (status === "failed" && broken.length === 0) tell(name, message);
  passed += assertionResults.filter((test) => test.status === "passed").length;
  failed += status === "failed" && broken.length === 0 ? 1 : broken.length;
}
console.log(`${String(passed)} passed, ${String(failed)} failed`);
if (failed > 0 || passed === 0) process.exitCode = 1;
