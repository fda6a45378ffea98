/**
 * Running one family under one provider.
 */

import type { Provider } from "../../crypto/provider.ts";
import { holds, outcome, type Outcome } from "./check.ts";
import type { Family } from "./families.ts";

/** What came out of one family under one provider. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Wall time, in milliseconds. */
  readonly ms: number;
  /** What was wrong, a text for each failure. */
  readonly errors: readonly string[];
  /** Why entries were skipped, and how many for each reason. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** Verify the texts of a family's files. `tell` hears of each outcome as it comes. */
export async function runFamily(
  family: Family,
  input: { readonly provider: Provider; readonly texts: readonly string[]; readonly tell?: (outcome: Outcome) => void },
): Promise<Tally> {
  const { provider, texts, tell } = input;
  const start = performance.now();
  const errors: string[] = [];
  const reasons = new Map<string, number>();
  let [passed, skipped] = [0, 0];
  for await (const result of outcomes(family, provider, texts)) {
    if (result.error !== undefined) errors.push(result.error);
    else if (result.skipped === undefined) passed++;
    else {
      skipped++;
      reasons.set(result.skipped, (reasons.get(result.skipped) ?? 0) + 1);
    }
    tell?.(result);
  }
  return { passed, failed: errors.length, skipped, ms: Math.round(performance.now() - start), errors, reasons };
}

/** A file that is no JSON, or holds no entry, is a failure like any other. */
async function* outcomes(family: Family, provider: Provider, texts: readonly string[]): AsyncIterable<Outcome> {
  const files: unknown[] = [];
  for (const [index, text] of texts.entries()) {
    const name = family.files[index]!;
    const parsed = await outcome(name, () => {
      const file = family.parse(text);
      holds("the file holds no entries", entriesOf(family, file) > 0);
      files.push(file);
    });
    if (parsed.error !== undefined) yield parsed;
  }
  if (files.length === texts.length) yield* family.verify((id) => provider.cipherSuite(id), files, provider);
}

/** How many outcomes a family's files will give at least: their entries. */
export function countEntries(family: Family, texts: readonly string[]): number {
  let count = 0;
  for (const text of texts) {
    try {
      count += entriesOf(family, family.parse(text));
    } catch {
      count++; // it will fail once
    }
  }
  return count;
}

function entriesOf(family: Family, file: unknown): number {
  if (family.count !== undefined) return family.count(file);
  if (Array.isArray(file)) return file.length;
  if (typeof file !== "object" || file === null) return 0;
  return Object.values(file).reduce((sum: number, list: unknown) => sum + (Array.isArray(list) ? list.length : 1), 0);
}
