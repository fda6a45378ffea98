import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyStory, History } from "./history.ts";

describe("a group that is stored as it changes", () => {
  it("is what is stored, after every operation of any history", async () => {
    const property = fc.asyncProperty(anyStory(24, false), async (story) => {
      expect(await History.play(story)).toBe(0);
    });
    await fc.assert(property, { seed: 9420, numRuns: 15, endOnFailure: false });
  });

  it("goes on after its process has died before or after any write set, and uses no key twice", async () => {
    let cuts = 0;
    const property = fc.asyncProperty(anyStory(24), async (story) => {
      cuts += await History.play(story);
    });
    await fc.assert(property, { seed: 9421, numRuns: 25, endOnFailure: false });
    expect(cuts).toBeGreaterThan(500);
  });
});
