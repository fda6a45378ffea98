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
  /** Wall time, in milliseconds. */
  readonly ms: number;
  /** What was wrong, a text for each failure. */
  readonly errors: readonly string[];
}

/** Verify the texts of a family's files. `tell` hears of each outcome as it comes. */
export async function runFamily(
  family: Family,
  input: { readonly provider: Provider; readonly texts: readonly string[]; readonly tell?: (outcome: Outcome) => void },
): Promise<Tally> {
  const { provider, texts, tell } = input;
  const start = performance.now();
  const errors: string[] = [];
  let passed = 0;
  for await (const result of outcomes(family, provider, texts)) {
    if (result.error === undefined) passed++;
    else errors.push(result.error);
    tell?.(result);
  }
  return { passed, failed: errors.length, ms: Math.round(performance.now() - start), errors };
}

/** A file that is no JSON, or holds no entry, is a failure like any other. */
async function* outcomes(family: Family, provider: Provider, texts: readonly string[]): AsyncIterable<Outcome> {
  const files: unknown[] = [];
  for (const [index, text] of texts.entries()) {
    const name = family.files[index]!;
    const parsed = await outcome(name, () => {
      const file = family.parse(text);
      holds("the file holds no entries", entriesOf(file) > 0);
      files.push(file);
    });
    if (parsed.error !== undefined) yield parsed;
  }
  if (files.length === texts.length) yield* family.verify((id) => provider.cipherSuite(id), files);
}

/** How many outcomes a family's files will give at least: their entries. */
export function countEntries(family: Family, texts: readonly string[]): number {
  let count = 0;
  for (const text of texts) {
    try {
      count += entriesOf(family.parse(text));
    } catch {
      count++; // it will fail once
    }
  }
  return count;
}

function entriesOf(file: unknown): number {
  if (Array.isArray(file)) return file.length;
  if (typeof file !== "object" || file === null) return 0;
  return Object.values(file).reduce((sum: number, list: unknown) => sum + (Array.isArray(list) ? list.length : 1), 0);
}
