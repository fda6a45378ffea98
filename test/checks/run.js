/**
 * Running one of the project's tools, with everything that it prints kept for whoever asked.
 */

import { spawn } from "node:child_process";
import { delimiter, resolve } from "node:path";

/** The repository's root: every check runs there, wherever it was started. */
export const root = resolve(import.meta.dirname, "../..");
process.chdir(root);

/**
 * Run a command, found in node_modules/.bin first, and wait for its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, timeout?: number }} [options] the time in milliseconds after which it is ended
 * @returns {Promise<{ ok: boolean, output: string }>} whether it exited with 0, and its two streams as they came
 */
export function run(command, args, { cwd = root, timeout } = {}) {
  return new Promise((done) => {
    const path = [resolve(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
    const child = spawn(command, args, { cwd, env: { ...process.env, PATH: path, NO_COLOR: "1" }, timeout });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => (output += text));
    }
    child.on("error", (error) => done({ ok: false, output: `${output}${error.message}\n` }));
    child.on("close", (code) => done({ ok: code === 0, output }));
  });
}
