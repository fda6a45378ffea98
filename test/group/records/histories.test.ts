/**
 * Random histories of a group whose members store it, on stores that fail. COPSE_HISTORIES says how many, COPSE_SEED which: a
 * failure prints its seed, and the shortest history that fails.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyStory, History } from "./history.ts";

const histories = Number(process.env["COPSE_HISTORIES"] ?? 40);
const seed = Number(process.env["COPSE_SEED"] ?? 9420);
/** Most are of the suite that costs least. */
const suite = fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constantFrom(2, 3, 7) });
/** What the members' processes do in the meantime: where none dies, everything is looked at. */
const kinds = [
  { name: "after every operation is what is stored", dies: false, share: 0.4 },
  { name: "goes on after its process has died at any write set, and uses no key twice", dies: true, share: 0.6 },
] as const;

describe("a group that is stored as it changes", () => {
  it.each(kinds)("$name", async ({ dies, share }) => {
    const numRuns = Math.ceil(histories * share);
    let cuts = 0;
    const property = fc.asyncProperty(anyStory(24, dies), suite, async (story, id) => {
      cuts += await History.play(story, id);
    });
    await fc.assert(property, { seed, numRuns, endOnFailure: false, verbose: fc.VerbosityLevel.None });
    console.log(`stored histories: seed ${String(seed)}, ${String(numRuns)} histories, ${String(cuts)} cuts`);
    if (!dies) expect(cuts).toBe(0);
    else if (histories >= 40) expect(cuts).toBeGreaterThan(500);
  });
});
