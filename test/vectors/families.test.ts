/**
 * Every published family under every provider, held to the format's own document by what `copse vectors` runs.
 */

import { describe, expect, test } from "vitest";
import { families } from "../../src/cli/vectors/families.ts";
import { loadProvider, providerNames } from "../../src/cli/vectors/providers.ts";
import { countEntries, runFamily } from "../../src/cli/vectors/run.ts";
import { publishedVectors, type PublishedSet } from "./published.ts";

describe.each(families.map((family) => [family.name, family] as const))("%s", (_name, family) => {
  const texts = family.files.map((file) => {
    const [set, name] = file.split("/") as [PublishedSet, string];
    return publishedVectors(set, name);
  });
  const found = texts.filter((text) => text !== undefined);

  test.each(providerNames)("holds under the provider %s", { timeout: 240_000 }, async (name, context) => {
    if (found.length < texts.length) {
      const reason = `${family.files.join(", ")}: not on this machine, see vectors/README.md`;
      if (process.env["COPSE_REQUIRE_VECTORS"] === "1") throw new Error(reason);
      context.skip(reason);
    }
    const tally = await runFamily(family, { provider: await loadProvider(name), texts: found });
    expect(tally.errors).toEqual([]);
    expect(tally.passed).toBeGreaterThanOrEqual(countEntries(family, found));
  });
});
