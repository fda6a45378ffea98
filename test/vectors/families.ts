/**
 * Every published family under one provider, held to the format's own document by what `copse vectors` runs. There is a
 * test file for each provider, so that they run side by side.
 */

import { describe, expect, test } from "vitest";
import { families } from "../../src/cli/vectors/families.ts";
import { loadProvider, type ProviderName } from "../../src/cli/vectors/providers.ts";
import { countEntries, runFamily } from "../../src/cli/vectors/run.ts";
import { publishedVectors, type PublishedSet } from "./published.ts";

/** Declare the tests of all families under a provider. Without the vectors they are skipped, by name and reason. */
export function describeFamilies(provider: ProviderName): void {
  describe(`published vectors, provider ${provider}`, () => {
    for (const family of families) {
      const texts = family.files.map((file) => {
        const [set, name] = file.split("/") as [PublishedSet, string];
        return publishedVectors(set, name);
      });
      const found = texts.filter((text) => text !== undefined);

      test(family.name, { timeout: 240_000 }, async (context) => {
        if (found.length < texts.length) {
          const reason = `${family.files.join(", ")}: not on this machine, see vectors/README.md`;
          if (process.env["COPSE_REQUIRE_VECTORS"] === "1") throw new Error(reason);
          context.skip(reason);
        }
        const tally = await runFamily(family, { provider: await loadProvider(provider), texts: found });
        expect(tally.errors).toEqual([]);
        expect(tally.passed).toBeGreaterThanOrEqual(countEntries(family, found));
      });
    }
  });
}
