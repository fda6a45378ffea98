/**
 * `npm run bench`: copse beside ts-mls, on this machine. test/checks/bench.js builds it, and starts it.
 */

import { readArguments, usage, type Arguments } from "./arguments.ts";
import { measure } from "./bench.ts";
import { measureInChromium, measureSFrameInChromium } from "./chromium.ts";
import { countOperations } from "./counts.ts";
import { writeChromiumDocs, writeNodeDocs, writeSFrameDocs, writeSuitesDocs } from "./documents.ts";
import { machineName } from "./machine.ts";
import { measureClient } from "./client.ts";
import { daveText } from "./dave-rows.ts";
import { peakMemory } from "./memory.ts";
import { nativePeer, type NativePeer } from "./native.ts";
import { nativePeerNames, type Figure } from "./rows.ts";
import { bareInNode, copseInNode } from "./sframe-node.ts";
import { measureServer } from "./server.ts";
import type { ServerFigure } from "./server-figure.ts";
import { sframeTables } from "./sframe-table.ts";
import type { SFrameFigure } from "./sframe-rows.ts";
import { measureSFrame } from "./sframe.ts";
import { chooseSuite } from "./suite.ts";
import { measureSuites, suitesTable } from "./suites.ts";
import { measureVault } from "./vault.ts";
import { asText, figureTables, gaps, storedTable, targetTable } from "./table.ts";

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

/** What a run has measured, and where. */
interface Measured<Of> {
  readonly figures: readonly Of[];
  readonly machine: string;
}

function print(group: Measured<Figure>, sframe: Measured<SFrameFigure>, { json, rows, chromium }: Arguments): void {
  if (json) {
    process.stdout.write(`${JSON.stringify([...group.figures, ...sframe.figures], undefined, 2)}\n`);
    return;
  }
  const { figures } = group;
  const stored = storedTable(figures);
  const targets = chromium ? undefined : targetTable(figures); // what is to be reached is said of Node
  const parts = [
    ...(figures.length === 0 ? [] : [group.machine]),
    ...figureTables(figures).map(asText),
    ...(stored === undefined ? [] : [asText(stored)]),
    ...gaps(figures, rows),
    ...(targets === undefined ? [] : [asText(targets)]),
    ...(sframe.figures.length === 0 ? [] : [sframe.machine]),
    ...sframeTables(sframe.figures).map(asText),
  ];
  process.stdout.write(`${parts.join("\n\n")}\n`);
}

const node = `Node ${process.versions.node}`;

async function runGroup(options: Arguments): Promise<Measured<Figure>> {
  const { suite } = options;
  const measured = await measureGroup(options);
  return suite === undefined
    ? measured
    : { ...measured, figures: measured.figures.map((each) => ({ ...each, suite })) };
}

async function measureGroup(options: Arguments): Promise<Measured<Figure>> {
  if (options.chromium) {
    const { figures, runtime } = await measureInChromium(options, progress);
    return { figures, machine: machineName(runtime) };
  }
  const natives: NativePeer[] = [];
  for (const name of options.native ? nativePeerNames : []) {
    progress(`building ${name}`);
    const peer = await nativePeer(name);
    if (typeof peer === "string") process.stderr.write(`skipped ${name}: ${peer}\n`);
    else natives.push(peer);
  }
  try {
    return { figures: await measure({ ...options, natives, peakMemory, progress }), machine: machineName(node) };
  } finally {
    for (const peer of natives) peer.end();
  }
}

/** In Node and in Chromium, wherever the rows of the group are measured. */
async function runSFrame(options: Arguments): Promise<Measured<SFrameFigure>> {
  const { sframeRows: rows, rounds } = options;
  const sides = [await copseInNode(), bareInNode()];
  const figures = await measureSFrame({ rows, sides, rounds, progress });
  const browser = await measureSFrameInChromium(options, progress);
  return { figures: [...figures, ...browser.figures], machine: machineName(`${node} and ${browser.runtime}`) };
}

async function writeDocs(group: Measured<Figure>, sframe: Measured<SFrameFigure>, chromium: boolean): Promise<void> {
  if (sframe.figures.length > 0) await writeSFrameDocs(sframe.figures, sframe.machine);
  if (group.figures.length === 0) return;
  if (chromium) {
    await writeChromiumDocs(group.figures, group.machine);
    return;
  }
  const counts = [];
  for (const size of countedSizes) {
    progress(`${size} members: counting operations`);
    counts.push([size, await countOperations(size)] as const);
  }
  await writeNodeDocs(group.figures, group.machine, counts);
}

const args = read();
if (args !== undefined) {
  if (args.suite !== undefined) await chooseSuite(args.suite);
  if (args.suites) await runSuites(args);
  else await runAll(args);
}

/** Every cipher suite under every provider. */
async function runSuites({ sizes, json, writeDocs: write }: Arguments): Promise<void> {
  const [size] = sizes;
  if (size === undefined) throw new TypeError("--suites takes one of --sizes");
  const figures = await measureSuites({ size, progress });
  const table = suitesTable(size, figures);
  const text = json ? JSON.stringify(figures, undefined, 2) : `${machineName(node)}\n\n${asText(table)}`;
  process.stdout.write(`${text}\n`);
  if (write) await writeSuitesDocs(table, machineName(node));
}

/** A client over its store, in Node. */
async function runClient({ sizes, rounds, json }: Arguments): Promise<void> {
  const figures = await measureClient({ sizes, rounds, progress });
  const lines = figures.map(
    ({ name, size, unit, median, min, max, target }) =>
      `${name} ${String(size)}: ${[median, min, max].map((value) => value.toPrecision(3)).join(" ")} ${unit} (${target})`,
  );
  process.stdout.write(`${json ? JSON.stringify(figures, undefined, 2) : [machineName(node), ...lines].join("\n")}\n`);
}

/** DAVE's frames, beside davey. Its native code is loaded where it is asked for alone. */
async function runDave({ daveRows: rows, rounds, json }: Arguments): Promise<void> {
  const { measureDave } = await import("./dave.ts");
  const figures = await measureDave({ rows, rounds, progress });
  process.stdout.write(
    `${json ? JSON.stringify(figures, undefined, 2) : `${machineName(node)}\n\n${daveText(figures)}`}\n`,
  );
}

/** The delivery service over PostgreSQL, in Node. */
async function runServer({ rounds, json, sizes }: Arguments): Promise<void> {
  const figures = await measureServer({ rounds, size: sizes[0] ?? 1_000, progress });
  if (figures === undefined) {
    process.stderr.write("skipped server: PostgreSQL 15 is not installed (apt-get install postgresql-15)\n");
    return;
  }
  printFigures(figures, json);
}

/** The vault beside its bare parts, in Node. */
async function runVault({ rounds, json, sizes }: Arguments): Promise<void> {
  printFigures(await measureVault({ rounds, records: sizes[0] ?? 100_000, progress }), json);
}

function printFigures(figures: readonly ServerFigure[], json: boolean): void {
  const lines = figures.map(
    ({ name, unit, median, min, max, target }) =>
      `${name}: ${[median, min, max].map((value) => value.toPrecision(3)).join(" ")} ${unit} (${target})`,
  );
  process.stdout.write(`${json ? JSON.stringify(figures, undefined, 2) : [machineName(node), ...lines].join("\n")}\n`);
}

async function runAll(args: Arguments): Promise<void> {
  const none = { figures: [], machine: "" };
  const group = args.rows.size > 0 ? await runGroup(args) : none;
  const sframe = args.sframeRows.length > 0 ? await runSFrame(args) : none;
  if (args.server) await runServer(args);
  if (args.vault) await runVault(args);
  if (args.client) await runClient(args);
  else if (args.daveRows.length > 0) await runDave(args);
  else if (!args.server && !args.vault) print(group, sframe, args);
  if (args.writeDocs) await writeDocs(group, sframe, args.chromium);
}
