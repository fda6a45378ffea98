/**
 * Published vectors for these tests: found where the vector runner looks for them, never committed.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const places = [process.env["COPSE_VECTORS"], join(root, "vectors/published"), join(root, "../shared/vectors")].filter(
  (place): place is string => place !== undefined && place !== "",
);

/**
 * Tests over a published file. Where it can't be had they are reported as skipped, by name, and as failed where
 * COPSE_REQUIRE_VECTORS is 1.
 */
export function describePublished<T>(file: string, define: (contents: T) => void): void {
  const path = places.map((place) => join(place, file)).find((candidate) => existsSync(candidate));
  if (path !== undefined) {
    describe(file, () => {
      define(JSON.parse(readFileSync(path, "utf8")) as T);
    });
  } else if (process.env["COPSE_REQUIRE_VECTORS"] === "1") {
    test(file, () => {
      throw new Error(`${file} is required and not on this machine`);
    });
  } else {
    test.skip(`${file}: not on this machine`, () => undefined);
  }
}
