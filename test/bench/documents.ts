/**
 * The figures in docs/performance.md: each part stands between two comments, and is written by the run that measured it.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import type { OperationCounts } from "./counts.ts";
import { plot } from "./plot.ts";
import { persistRowNames, type Figure } from "./rows.ts";
import type { SFrameFigure } from "./sframe-rows.ts";
import { sframeTables } from "./sframe-table.ts";
import { asMarkdown, figureTables, storedTable, targetTable, type Table } from "./table.ts";

const page = "docs/performance.md";
const providersPage = "docs/providers.md";
const picture = "docs/performance.svg";

/** The parts of the pages that a run writes. */
export type Part = "targets" | "stored" | "figures" | "counts" | "chromium" | "sframe" | "suites";

/** What a run in Node has measured. */
export async function writeNodeDocs(
  figures: readonly Figure[],
  machine: string,
  counts: readonly (readonly [size: number, counts: readonly OperationCounts[]])[],
): Promise<void> {
  const targets = targetTable(figures);
  if (isAboutStoring(figures)) {
    await writeStoredDocs(figures, machine);
    return;
  }
  writeFileSync(picture, plot(figures));
  await writeParts({
    targets: targets === undefined ? "Not measured." : asMarkdown(targets),
    figures: [`Measured on ${machine}.`, ...figureTables(figures).map(section)].join("\n\n"),
    counts: counts.map(([size, rows]) => section(countTable(size, rows))).join("\n\n"),
  });
}

/** Where nothing else was measured, the rest of the page stays. */
function isAboutStoring(figures: readonly Figure[]): boolean {
  return figures.every(({ name }) => persistRowNames.includes(name));
}

/** What a run of the rows of storing has measured. */
async function writeStoredDocs(figures: readonly Figure[], machine: string): Promise<void> {
  const tables = [targetTable(figures), storedTable(figures)].filter((table) => table !== undefined);
  await writeParts({ stored: [`Measured on ${machine}.`, ...tables.map(asMarkdown)].join("\n\n") });
}

/** What a run in a browser has measured. */
export async function writeChromiumDocs(figures: readonly Figure[], machine: string): Promise<void> {
  await writeParts({ chromium: [`Measured on ${machine}.`, ...figureTables(figures).map(section)].join("\n\n") });
}

/** What a run of SFrame has measured, in Node and in a browser. */
export async function writeSFrameDocs(figures: readonly SFrameFigure[], machine: string): Promise<void> {
  await writeParts({ sframe: [`Measured on ${machine}.`, ...sframeTables(figures).map(section)].join("\n\n") });
}

/** What the cipher suites cost. */
export async function writeSuitesDocs(table: Table, machine: string): Promise<void> {
  await writeParts({ suites: `Measured on ${machine}.\n\n${asMarkdown(table)}` }, providersPage);
}

function countTable(size: number, rows: readonly OperationCounts[]): Table {
  return {
    title: `${size} members`,
    header: ["", "hash", "HMAC", "AEAD", "sign", "verify", "key pairs", "encap", "decap"],
    lines: rows.map(({ row, ...counts }) => [row, ...Object.values(counts).map(String)]),
  };
}

function section(table: Table): string {
  return `### ${table.title}\n\n${asMarkdown(table)}`;
}

async function writeParts(parts: { readonly [K in Part]?: string }, to = page): Promise<void> {
  let text = readFileSync(to, "utf8");
  for (const [part, content] of Object.entries(parts)) text = replacePart(text, part, content);
  const options = await resolveConfig(to);
  writeFileSync(to, await format(text, { ...options, parser: "markdown" }));
}

function replacePart(text: string, part: string, content: string): string {
  const [begin, end] = [`<!-- ${part} -->`, `<!-- end of ${part} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place for ${part}`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}
