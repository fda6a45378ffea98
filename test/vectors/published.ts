/**
 * The vectors that others publish, found where this machine has them: in $COPSE_VECTORS, in vectors/published, or in
 * ../shared/vectors. Where none can be had, their tests are reported as skipped, by name and reason, and with
 * COPSE_REQUIRE_VECTORS=1 as failed: never as passed.
 */

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "vitest";

/** The folders of a vector directory: one for each publisher. */
export type PublishedSet = "copse" | "mls" | "sframe" | "wycheproof" | "hpke" | "mimi";

const root = resolve(import.meta.dirname, "../..");

/** The directories where published vectors may lie, best first. */
export function vectorDirectories(): readonly string[] {
  const named = process.env["COPSE_VECTORS"];
  const usual = [join(root, "vectors/published"), resolve(root, "../shared/vectors"), join(root, "vectors")];
  return named === undefined || named === "" ? usual : [resolve(named), ...usual];
}

/** The text of a published file, or undefined where no directory has it. */
export function publishedVectors(set: PublishedSet, file: string): string | undefined {
  const found = vectorDirectories()
    .map((directory) => join(directory, set, file))
    .find((path) => existsSync(path));
  return found === undefined ? undefined : readFileSync(found, "utf8");
}

/**
 * Tests over a published file: `define` is given its text and declares them. Without the file there is one test in
 * their place, which says so.
 *
 *     describePublished("mls", "tree-math.json", (text) => {
 *       for (const vector of JSON.parse(text) as TreeMath[]) test(`${vector.n_leaves} leaves`, () => { ... });
 *     });
 */
export function describePublished(set: PublishedSet, file: string, define: (text: string) => void): void {
  describe(`published vectors ${set}/${file}`, () => {
    const text = publishedVectors(set, file);
    if (text !== undefined) {
      define(text);
      return;
    }
    const reason = `${set}/${file} is not on this machine: see vectors/README.md`;
    test(`${set}/${file} is there to be tested`, (context) => {
      if (process.env["COPSE_REQUIRE_VECTORS"] === "1") throw new Error(reason);
      context.skip(reason);
    });
  });
}
