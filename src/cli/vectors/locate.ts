/**
 * Where the published vectors are. They are others' data: beside the package, or where --download put them. The package holds
 * those of our own.
 */

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Family } from "./families.ts";

/** The package's own directory: three above this file, in src and in dist alike. */
export const packageRoot: string = fileURLToPath(new URL("../../../", import.meta.url));

/** Where --download puts files, and where they are looked for. */
export const publishedDirectory: string = join(packageRoot, "vectors", "published");

/**
 * The directories to look in, best first. One that is named on the command line stands alone: what it does not hold is
 * missing.
 */
export function vectorDirectories(
  named: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (named !== undefined) return [resolve(named)];
  const own = environment["COPSE_VECTORS"];
  const usual = [publishedDirectory, resolve(packageRoot, "..", "shared", "vectors"), join(packageRoot, "vectors")];
  return own === undefined || own === "" ? usual : [resolve(own), ...usual];
}

/** The texts of a family's files, or the name of the first that no directory holds. */
export type FoundFiles = { readonly texts: readonly string[] } | { readonly missing: string };

/** Look for a family's files. */
export function findFiles(family: Family, directories: readonly string[]): FoundFiles {
  const texts: string[] = [];
  for (const file of family.files) {
    const path = directories.map((directory) => join(directory, file)).find((candidate) => existsSync(candidate));
    if (path === undefined) return { missing: file };
    texts.push(readFileSync(path, "utf8"));
  }
  return { texts };
}
