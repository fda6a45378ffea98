/**
 * `npm run bench`: copse beside ts-mls, on this machine. test/checks/bench.js builds it, and starts it.
 */

import { readArguments, usage, type Arguments } from "./arguments.ts";
import { measure } from "./bench.ts";
import { measureInChromium } from "./chromium.ts";
import { countOperations } from "./counts.ts";
import { writeChromiumDocs, writeNodeDocs } from "./documents.ts";
import { machineName } from "./machine.ts";
import { peakMemory } from "./memory.ts";
import type { Figure } from "./rows.ts";
import { asText, figureTables, gaps, targetTable } from "./table.ts";

/** The sizes for which docs/performance.md counts operations: powers of two, so that the logarithms are whole. */
const countedSizes = [64, 1_024];

const started = performance.now();

/** On standard error: standard output is for the figures. */
function progress(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stderr.write(`${seconds.padStart(5)} s  ${text}\n`);
}

function read(): Arguments | undefined {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

function print(figures: readonly Figure[], { json, rows }: Arguments, machine: string): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
    return;
  }
  const tables = figureTables(figures).map(asText);
  const targets = targetTable(figures);
  const parts = [machine, ...tables, ...gaps(figures, rows), ...(targets === undefined ? [] : [asText(targets)])];
  process.stdout.write(`${parts.join("\n\n")}\n`);
}

async function runInNode(options: Arguments): Promise<void> {
  const machine = machineName(`Node ${process.versions.node}`);
  const figures = await measure({ ...options, peakMemory, progress });
  print(figures, options, machine);
  if (!options.writeDocs) return;
  const counts = [];
  for (const size of countedSizes) {
    progress(`${size} members: counting operations`);
    counts.push([size, await countOperations(size)] as const);
  }
  await writeNodeDocs(figures, machine, counts);
}

async function runInChromium(options: Arguments): Promise<void> {
  const { figures, runtime } = await measureInChromium(options, progress);
  const machine = machineName(runtime);
  print(figures, options, machine);
  if (options.writeDocs) await writeChromiumDocs(figures, machine);
}

const args = read();
if (args !== undefined) await (args.chromium ? runInChromium : runInNode)(args);
