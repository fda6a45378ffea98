/**
 * Build dist/ from src/: JavaScript, declarations and source maps. Silent unless something fails.
 *
 * msgpackr comes along as one module. As a dependency it would offer a native addon on installation and bring CommonJS, which not
 * every bundler reads; copse needs neither, nor code that is compiled from strings.
 *
 * The bin is made executable every time: the compiler writes new files without the bit, and npx runs the file itself.
 */

import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";
import { root, run } from "./run.js";

const { bin } = /** @type {{ bin: Record<string, string> }} */ (JSON.parse(readFileSync("package.json", "utf8")));

rmSync("dist", { recursive: true, force: true });
const { ok, output } = await run("tsc", ["-p", "test/checks/tsconfig.build.json"]);
if (!ok) {
  process.stderr.write(output);
  process.exitCode = 1;
}
await build({
  stdin: { contents: 'export { Packr } from "msgpackr/pack";', resolveDir: root },
  absWorkingDir: root,
  outfile: "dist/public-group/records/msgpackr.js",
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2020",
  define: { Function: "undefined" }, // what compiles code is looked for once, not found, and done without
  banner: { js: `/*!\n${readFileSync("node_modules/msgpackr/LICENSE", "utf8").trim()}\n*/` },
  logLevel: "error",
});
for (const file of Object.values(bin)) if (existsSync(file)) chmodSync(file, 0o755);
