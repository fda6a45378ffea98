/**
 * Build dist/ from src/: JavaScript, declarations and source maps. Silent unless something fails.
 *
 * The bin is made executable every time: the compiler writes new files without the bit, and npx runs the file itself.
 */

import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { run } from "./run.js";

const { bin } = /** @type {{ bin: Record<string, string> }} */ (JSON.parse(readFileSync("package.json", "utf8")));

rmSync("dist", { recursive: true, force: true });
const { ok, output } = await run("tsc", ["-p", "test/checks/tsconfig.build.json"]);
if (!ok) {
  process.stderr.write(output);
  process.exitCode = 1;
}
for (const file of Object.values(bin)) if (existsSync(file)) chmodSync(file, 0o755);
