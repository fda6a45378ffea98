/**
 * The last line of .ci/run, from the file that vitest's json reporter wrote: how many tests passed and failed.
 *
 * A file that could not run counts as one failed test, and so does a run that wrote nothing.
 */

import { readFileSync } from "node:fs";

/** @typedef {{ status: string, assertionResults: readonly { status: string }[] }} TestFile */

/**
 * @param {string} path
 * @returns {readonly TestFile[]}
 */
function filesOf(path) {
  try {
    return /** @type {{ testResults: TestFile[] }} */ (JSON.parse(readFileSync(path, "utf8"))).testResults;
  } catch {
    return [{ status: "failed", assertionResults: [] }];
  }
}

let passed = 0;
let failed = 0;
for (const { status, assertionResults } of filesOf(process.argv[2] ?? "")) {
  const broken = assertionResults.filter((test) => test.status === "failed").length;
  passed += assertionResults.filter((test) => test.status === "passed").length;
  failed += status === "failed" && broken === 0 ? 1 : broken;
}
console.log(`${String(passed)} passed, ${String(failed)} failed`);
if (failed > 0 || passed === 0) process.exitCode = 1;
