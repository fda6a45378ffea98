/**
 * Whether work that is repeated keeps memory: in a process of its own, and as a slope.
 *
 * The heap of a process that has run other tests is no measure: what the compiler makes of hot code, what it throws away
 * again, and the objects of whoever ran before come to hundreds of kilobytes either way. So the work is bundled, and runs
 * alone in a process that doesn't optimize; with that, two runs differ by a few hundred bytes. Functions that are first
 * called late still add to the heap in steps, which the median of all slopes doesn't see, as long as they are few.
 */

import { spawn } from "node:child_process";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { smallestObject } from "./sampling.ts";

/** What the process of a bundled program said. */
interface Report {
  readonly reachable: readonly number[];
  readonly leaks: boolean;
}

/** How many bytes stay behind, each time that the work is done. */
export interface Kept {
  readonly bytesPerStep: number;
  /** The same, in a process that keeps `leak` bytes more on purpose: what shows that a leak is seen. */
  readonly leaking: number;
}

export interface KeptOptions {
  /** How often the program does its work between two samples. */
  readonly between: number;
  /** How many bytes to keep on purpose: a multiple of 32. */
  readonly leak: number;
}

/** Measure a program that calls `sample`, once as it is and once with a leak. */
export async function kept(program: string, { between, leak }: KeptOptions): Promise<Kept> {
  if (leak <= 0 || leak % smallestObject !== 0) throw new TypeError("a leak is of whole objects");
  const code = await bundled(program);
  const [honest, leaky] = await Promise.all([run(code, 0), run(code, leak / smallestObject)]);
  if (honest.leaks || !leaky.leaks) throw new Error("the wrong process was told to leak");
  return {
    bytesPerStep: medianSlope(honest.reachable) / between,
    leaking: medianSlope(leaky.reachable) / between,
  };
}

/** The median of the slopes between all pairs of samples (Theil and Sen): a few outliers or steps do not move it. */
export function medianSlope(samples: readonly number[]): number {
  const slopes: number[] = [];
  for (const [i, from] of samples.entries()) {
    for (let j = i + 1; j < samples.length; j++) slopes.push((samples[j]! - from) / (j - i));
  }
  if (slopes.length === 0) throw new TypeError("a slope takes two samples");
  slopes.sort((a, b) => a - b);
  const middle = slopes.length >> 1;
  return slopes.length % 2 === 1 ? slopes[middle]! : (slopes[middle - 1]! + slopes[middle]!) / 2;
}

/** The program and everything that it imports, as one module: the process reads it from its standard input. */
async function bundled(program: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL("../..", import.meta.url)),
    entryPoints: [program],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["copse-src"],
    // Packages that are CommonJS ask for Node's modules by it.
    banner: {
      js: 'import { createRequire as requireOfPackages } from "node:module"; globalThis.require = requireOfPackages(import.meta.url);',
    },
    logLevel: "error",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`nothing was made of ${program}`);
  return file.text;
}

function run(code: string, leak: number): Promise<Report> {
  const flags = ["--expose-gc", "--no-opt", "--input-type=module"];
  const child = spawn(execPath, [...flags, "-", String(leak)], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stdin.end(code);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) resolve(JSON.parse(output) as Report);
      else reject(new Error(`the process ended with ${String(status)}`));
    });
  });
}
