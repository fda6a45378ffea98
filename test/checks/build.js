/**
 * Build dist/ from src/. Silent unless something fails.
 *
 * The bin is made executable every time: the compiler writes new files without the bit, and npx runs the file itself.
 */

import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildInto } from "./package-build.js";
import { root } from "./run.js";

const { bin } = /** @type {{ bin: Record<string, string> }} */ (JSON.parse(readFileSync("package.json", "utf8")));

rmSync("dist", { recursive: true, force: true });
const { ok, output } = await buildInto(join(root, "dist"));
if (!ok) {
  process.stderr.write(output);
  process.exitCode = 1;
}
for (const file of Object.values(bin)) if (existsSync(file)) chmodSync(file, 0o755);
