/**
 * Runtimes from npm. Each lies in a folder of its own in .runtimes, which git ignores: in the project's node_modules the
 * package `node` would shadow the machine's.
 */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  await install(place, [what]);
  await need(path, ["--version"]);
  return path;
}

/**
 * Install tools from npm, unless exactly these are there already, and give their folder.
 *
 * @param {string} name of the folder
 * @param {readonly string[]} what to install, each with its version
 */
export async function tools(name, what) {
  const place = join(folder, name);
  const done = join(place, "installed.json");
  const wanted = JSON.stringify(what);
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return place;
  rmSync(place, { recursive: true, force: true });
  await install(place, what);
  writeFileSync(done, wanted);
  return place;
}

/** @param {string} place @param {readonly string[]} what */
async function install(place, what) {
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ private: true }));
  await need("npm", ["install", "--no-audit", "--no-fund", ...what], { cwd: place, timeout: 300_000 });
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
