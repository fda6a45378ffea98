/**
 * `npm run bench`: build the package, bundle the benchmark, run it.
 *
 * The benchmark is written against src/, like the tests, and measures what is shipped: every import of a source file is
 * led to the file that the build makes of it. It is built into a folder of its own, so that a build of dist/ while the
 * benchmark runs does not disturb it. Packages stay outside of the bundle.
 */

import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { buildInto } from "./package-build.js";
import { root } from "./run.js";
import { shipped } from "./shipped.js";

const folder = join(root, "node_modules/.cache/copse-bench");
const dist = join(folder, "dist");
const args = process.argv.slice(2);

const common = /** @type {const} */ ({
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: "esm",
  logLevel: "error",
});

/** @returns {Promise<boolean>} whether there is a build */
async function buildPackage() {
  if (args.includes("--no-build")) return true;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync("package.json", join(folder, "package.json")); // which says what #provider is
  const { ok, output } = await buildInto(dist);
  process.stderr.write(output);
  return ok;
}

const asked = args[args.indexOf("--only") + 1];
if (args.includes("--only") && asked === "demo") {
  // The messenger is measured in a browser, as it is built from dist/.
  if (!args.includes("--no-build") && !(await buildInto(join(root, "dist"))).ok) process.exit(1);
  const child = spawn(process.execPath, ["test/demo/bench.js", ...args], { cwd: root, stdio: "inherit" });
  child.on("close", (code) => {
    process.exitCode = code ?? 1;
  });
} else if (await buildPackage()) {
  await build({
    ...common,
    entryPoints: ["test/bench/main.ts", "test/bench/memory-child.ts", "test/bench/server-child.ts"],
    outdir: folder,
    platform: "node",
    target: "node20",
    packages: "external",
    plugins: [shipped(dist, true)],
    sourcemap: "inline",
  });
  if (args.some((arg) => arg === "--chromium" || arg.includes("sframe"))) {
    await build({
      ...common,
      entryPoints: ["test/bench/page.ts", "test/bench/sframe-page.ts", "test/bench/sframe-worker.ts"],
      outdir: join(folder, "page"),
      platform: "browser",
      target: "es2022",
      plugins: [shipped(dist, false)],
    });
  }
  const own = ["--expose-gc", "--enable-source-maps", join(folder, "main.js")];
  const child = spawn(process.execPath, [...own, ...args.filter((arg) => arg !== "--no-build")], { stdio: "inherit" });
  child.on("close", (code) => {
    process.exitCode = code ?? 1;
  });
} else process.exitCode = 1;
