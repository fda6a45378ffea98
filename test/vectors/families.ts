/**
 * Every published family under one provider, held to the format's own document by what `copse vectors` runs. There is a
 * test file for each provider, so that they run side by side.
 */

import { describe, expect, test } from "vitest";
import { families } from "../../src/cli/vectors/families.ts";
import { loadProvider, type ProviderName } from "../../src/cli/vectors/providers.ts";
import { countEntries, runFamily } from "../../src/cli/vectors/run.ts";
import { publishedVectors, type PublishedSet } from "./published.ts";

/** What no cipher suite has: how many entries, for each reason. Nothing else may be skipped. */
const skipped: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "wycheproof-aes_gcm_test": {
    "no cipher suite has AES-GCM with keys of 192 bits": 103,
    "no cipher suite has nonces of another length than 96 bits": 80,
  },
  "wycheproof-chacha20_poly1305_test": { "no cipher suite has nonces of another length than 96 bits": 9 },
};

/** One in so many of Wycheproof's largest class is tested here, `copse vectors` runs all: they take milliseconds each. */
const oneIn = 16;

/** One in so many of the TreeKEM trees is tested where every curve is plain JavaScript or a promise: they take seconds. */
const treesOneIn = 4;

/** The entries that are tested here. What is left out is run by `copse vectors`, in CI too. */
function sampled(family: string, provider: ProviderName, text: string): string {
  if (family !== "treekem" || provider === "node") return thinned(text);
  return JSON.stringify((JSON.parse(text) as readonly unknown[]).filter((_, i) => i % treesOneIn === 0));
}

/** A file without most of the cases that differ from each other in the step where a point is doubled. */
function thinned(text: string): string {
  if (!text.includes("EdgeCaseDoubling")) return text;
  const file = JSON.parse(text) as {
    readonly testGroups: readonly {
      readonly tests: readonly { readonly tcId: number; readonly flags: readonly string[] }[];
    }[];
  };
  const kept = file.testGroups.map((group) => ({
    ...group,
    tests: group.tests.filter(({ flags, tcId }) => !flags.includes("EdgeCaseDoubling") || tcId % oneIn === 0),
  }));
  return JSON.stringify({ testGroups: kept });
}

/** Declare the tests of all families under a provider. Without the vectors they are skipped, by name and reason. */
export function describeFamilies(provider: ProviderName): void {
  describe(`published vectors, provider ${provider}`, () => {
    for (const family of families) {
      const texts = family.files.map((file) => {
        const [set, name] = file.split("/") as [PublishedSet, string];
        return publishedVectors(set, name);
      });
      const found = texts.filter((text) => text !== undefined);

      test(family.name, async (context) => {
        if (found.length < texts.length) {
          const reason = `${family.files.join(", ")}: not on this machine, see vectors/README.md`;
          if (process.env["COPSE_REQUIRE_VECTORS"] === "1") throw new Error(reason);
          context.skip(reason);
        }
        const tested = found.map((text) => sampled(family.name, provider, text));
        const tally = await runFamily(family, { provider: await loadProvider(provider), texts: tested });
        expect(tally.errors).toEqual([]);
        expect(tally.passed + tally.skipped).toBeGreaterThanOrEqual(countEntries(family, tested));
        expect(Object.fromEntries(tally.reasons)).toEqual(skipped[family.name] ?? {});
      });
    }
  });
}
