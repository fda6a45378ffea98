/**
 * Runtimes from npm. Each lies in a folder of its own in .runtimes, which git ignores: in the project's node_modules the
 * package `node` would shadow the machine's.
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { root, run } from "../checks/run.js";

export const folder = resolve(root, ".runtimes");

/**
 * Install a runtime from npm, unless it is there already, and give the path of its program.
 *
 * @param {string} name of its folder
 * @param {string} what to install
 * @param {string} program in node_modules
 */
export async function runtime(name, what, program) {
  const place = join(folder, name);
  const path = join(place, "node_modules", program);
  if ((await run(path, ["--version"])).ok) return path;
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ private: true }));
  await need("npm", ["install", "--no-audit", "--no-fund", what], { cwd: place, timeout: 300_000 });
  await need(path, ["--version"]);
  return path;
}

/**
 * Run a command that must succeed, and give what it prints.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, timeout?: number }} [options]
 */
export async function need(command, args, options) {
  const { ok, output } = await run(command, args, options);
  if (!ok) throw new Error(`${command} ${args.join(" ")}\n${output}`);
  return output;
}
