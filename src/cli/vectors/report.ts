/**
 * How a run is shown: rows, a bar while it lasts, and the machine's form of both.
 */

import type { Terminal } from "../terminal.ts";
import type { ProviderName } from "./providers.ts";
import type { Tally } from "./run.ts";

/** What is reported of one family under one provider: the JSON form has these fields and no others. */
export interface Row {
  readonly family: string;
  readonly provider: ProviderName;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly ms: number;
}

/** The row of a family that was verified. */
export function rowOf(family: string, provider: ProviderName, { passed, failed, skipped, ms }: Tally): Row {
  return { family, provider, passed, failed, skipped, ms };
}

/** The row of a family whose files are not there. How many entries they would hold is not known: it counts as one. */
export function skippedRow(family: string, provider: ProviderName): Row {
  return { family, provider, passed: 0, failed: 0, skipped: 1, ms: 0 };
}

const columns = ["family", "provider", "passed", "failed", "skipped", "ms"] as const;
const widths = [41, 8, 8, 8, 8, 9];

/** The line above the rows. */
export const heading: string = line(columns);

/** One row of the table. */
export function rowLine(row: Row): string {
  return line(columns.map((column) => String(row[column])));
}

/** The most failures of one row that are told in full. */
const told = 10;

/** The lines under a row that failed. */
export function failureLines({ family, provider }: Row, errors: readonly string[]): string {
  const lines = errors.slice(0, told).map((error) => `  ✗ ${family}, ${provider}: ${error}\n`);
  if (errors.length > told) lines.push(`  … and ${errors.length - told} more\n`);
  return lines.join("");
}

/** The lines under a row of which entries were skipped: why. */
export function reasonLines({ family, provider }: Row, reasons: Tally["reasons"]): string {
  return Array.from(reasons, ([reason, count]) => `skipped: ${family}, ${provider}: ${count} × ${reason}\n`).join("");
}

/** A bar that is drawn over itself while entries are verified. Where nobody watches it is never drawn. */
export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #total: number;
  #done = 0;
  #drawnAt = 0;
  #drawn = false;

  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#total = total;
  }

  /** One more entry is done; `label` says of what. */
  step(label: string): void {
    this.#done++;
    if (!this.#terminal.interactive || performance.now() - this.#drawnAt < 80) return;
    this.#drawnAt = performance.now();
    this.#drawn = true;
    const share = this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total);
    const filled = Math.round(share * 30);
    const bar = "█".repeat(filled) + "░".repeat(30 - filled);
    this.#terminal.err(`\r\x1b[K${bar} ${this.#done}/${this.#total} ${label}`);
  }

  /** Take the bar away, so that a line can be printed in its place. */
  clear(): void {
    if (this.#drawn) this.#terminal.err("\r\x1b[K");
    this.#drawn = false;
  }
}

function line(cells: readonly string[]): string {
  const padded = cells.map((cell, index) => (index < 2 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!)));
  return `${padded.join(" ")}\n`;
}
