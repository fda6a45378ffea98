/**
 * `copse serve` as a process, for tests that kill it.
 */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A process that listens. */
export interface Served {
  readonly child: ChildProcess;
  readonly port: number;
}

/** The program, bundled from the sources, in a folder of its own. */
export class ServeProgram {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async build(): Promise<ServeProgram> {
    // Under node_modules, so that it finds its packages.
    const program = new ServeProgram(mkdtempSync(join(root, "node_modules/.cache-copse-serve-")));
    const { outputFiles } = await build({
      entryPoints: [join(root, "src/cli/copse.ts")],
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
      conditions: ["copse-src"],
      packages: "external",
      logLevel: "error",
    });
    writeFileSync(join(program.folder, "copse.mjs"), outputFiles[0]!.contents);
    return program;
  }

  /** A process with these flags, and these switches, when it listens; what it logs goes to the test's own output, unless somebody takes its lines. */
  async start(
    flags: Readonly<Record<string, string | number>>,
    switches: readonly string[] = [],
    log?: (line: string) => void,
  ): Promise<Served> {
    const given = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const args = [...given, ...switches.map((name) => `--${name}`)];
    const child = spawn(process.execPath, [join(this.folder, "copse.mjs"), "serve", ...args], {
      stdio: ["ignore", log === undefined ? "inherit" : "pipe", "pipe"],
    });
    if (log !== undefined && child.stdout !== null) createInterface({ input: child.stdout }).on("line", log);
    if (child.stderr === null) throw new TypeError("a pipe");
    let text = "";
    child.stderr.setEncoding("utf8");
    for await (const chunk of child.stderr as AsyncIterable<string>) {
      text += chunk;
      const found = /listening on http:\/\/127\.0\.0\.1:([0-9]+)/.exec(text)?.[1];
      if (found !== undefined) return { child, port: Number(found) };
    }
    throw new Error(`it did not listen: ${text}`);
  }

  /** Forget it. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** End a process, and give its exit code when it is gone. */
export async function ended({ child }: Served, signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
  return child.exitCode;
}
