/**
 * The built command, run as its users run it: as a process of its own.
 */

import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** What a process did. */
export interface ProcessRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * The path of the compiled command: the one in dist, where nothing in src is newer; or else one that is compiled beside
 * it, so that tests never see code of yesterday.
 */
export function compiledBin(): string {
  const built = join(root, "dist/cli/copse.js");
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(root, "src"))) return built;
  const caches = join(root, "node_modules/.cache");
  mkdirSync(caches, { recursive: true });
  const home = mkdtempSync(join(caches, "copse-bin-")); // of this process alone: another may be at it at the same time
  process.once("exit", () => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, "vectors"));
  for (const file of ["package.json", "vectors/manifest.json"]) copyFileSync(join(root, file), join(home, file));
  const building = `import { buildInto } from "./test/checks/package-build.js";
    const { ok, output } = await buildInto(process.argv[1]);
    process.stdout.write(output);
    process.exitCode = ok ? 0 : 1;`;
  const build = ["--input-type=module", "--eval", building, join(home, "dist")];
  const { status, stdout } = spawnSync(process.execPath, build, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`the build fails:\n${stdout}`);
  return join(home, "dist/cli/copse.js");
}

/**
 * Run the compiled command and wait for its end. Its streams are pipes; standard output is read at once, slowly, or only
 * a little of it before it is closed.
 */
export function runBin(
  bin: string,
  args: readonly string[],
  options: { readonly input?: string; readonly reading?: "slowly" | "little" } = {},
): Promise<ProcessRun> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [bin, ...args]);
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      if (options.reading === "little") child.stdout.destroy();
      if (options.reading !== "slowly") return;
      child.stdout.pause();
      setImmediate(() => child.stdout.resume());
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.on("error", fail);
    child.on("close", (code) => done({ code, out, err }));
    child.stdin.on("error", () => undefined); // a command that does not read its input
    child.stdin.end(options.input ?? "");
  });
}

function newest(directory: string): number {
  let latest = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) latest = Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return latest;
}
