/**
 * The packed tarball, as a consumer gets it: publint, attw, what is in it, every entry imported with nothing but the
 * runtime dependencies beside it, and that none of these brings anything to compile or to run on installation.
 */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { root, run } from "./run.js";

/** @typedef {{ name: string, version: string, exports: Record<string, unknown>, bin: Record<string, string> }} Manifest */
/** @typedef {Manifest & { dependencies: Record<string, string> }} WithDependencies */
const manifest = /** @type {WithDependencies} */ (JSON.parse(readFileSync("package.json", "utf8")));

/**
 * A package in the lockfile.
 *
 * @typedef {object} Locked
 * @property {boolean} [dev]
 * @property {boolean} [peer]
 * @property {boolean} [optional]
 * @property {boolean} [hasInstallScript]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 */

/** @param {string} problem */
function fail(problem) {
  console.log(problem);
  process.exitCode = 1;
}

/** @param {string} command @param {readonly string[]} args @param {string} [cwd] */
async function need(command, args, cwd) {
  const { ok, output } = await run(command, args, cwd === undefined ? {} : { cwd });
  if (!ok) fail(`${command} ${args.join(" ")}\n${output}`);
}

const folder = mkdtempSync(join(tmpdir(), "copse-package-"));
try {
  await need("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder]);
  const tarball = join(folder, `${manifest.name}-${manifest.version}.tgz`);
  await need("publint", ["run", tarball, "--strict"]);
  await need("attw", [tarball, "--profile", "esm-only"]);

  const installed = join(folder, "node_modules", manifest.name);
  mkdirSync(installed, { recursive: true });
  await need("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
  // The package of an entry that can do nothing without it; all other peers are loaded where something asks for them.
  for (const name of [...Object.keys(manifest.dependencies), "cborg"]) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve(root, "node_modules", name), link, "junction");
  }

  for (const [subpath, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    const specifier = JSON.stringify(manifest.name + subpath.slice(1));
    await need(process.execPath, ["--input-type=module", "-e", `await import(${specifier})`], folder);
  }
  for (const file of Object.values(manifest.bin)) {
    if ((statSync(join(installed, file)).mode & 0o111) !== 0o111) fail(`${file} is not executable`);
    await need(process.execPath, [join(installed, file), "--help"], folder);
  }

  const { packages } = /** @type {{ packages: Record<string, Locked> }} */ (
    JSON.parse(readFileSync("package-lock.json", "utf8"))
  );
  for (const [name, locked] of Object.entries(packages)) {
    if (name === "" || locked.dev || locked.peer) continue;
    const { hasInstallScript, optional, os, cpu } = locked;
    if (hasInstallScript || optional || os || cpu) fail(`${name} is native code, or runs on installation`);
  }

  for (const file of readdirSync(installed, { recursive: true, encoding: "utf8" })) {
    if (/^(src|test)\b/.test(file) || /^docs\/(?!.*\.md$)/.test(file)) fail(`${file} has no place in the package`);
    if (/\.(js|ts|map|json)$/.test(file) && readFileSync(join(installed, file), "utf8").includes(root)) {
      fail(`${file} names a folder of the machine that built it`);
    }
  }
  const readme = readFileSync(join(installed, "README.md"), "utf8");
  for (const [, link = ""] of readme.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
    if (!existsSync(join(installed, link))) fail(`README.md leads to ${link}, which is not in the package`);
  }
  for (const file of ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"]) {
    if (!readdirSync(installed).includes(file)) fail(`${file} is missing from the package`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
