/**
 * Published vectors for these tests: found where the vector runner looks for them, never committed.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

const places = [process.env["COPSE_VECTORS"], join(root, "vectors/published"), join(root, "../shared/vectors")].filter(
  (place): place is string => place !== undefined && place !== "",
);

/** Where a published file is, or undefined where it can't be had. */
export function publishedPath(file: string): string | undefined {
  return places.map((place) => join(place, file)).find((path) => existsSync(path));
}

/** The parsed file. Test with `publishedPath` first. */
export function published<T>(file: string): T {
  const path = publishedPath(file);
  if (path === undefined) throw new Error(`${file} is not on this machine`);
  return JSON.parse(readFileSync(path, "utf8")) as T;
}
