/**
 * A short run of the fuzzer: fixed seeds, and one that is new each time and printed. `npm run soak` runs it for longer.
 */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { platformRandom } from "../../src/crypto/random.ts";
import { allTargets } from "./targets.ts";
import { fuzz, Tally } from "./harness.ts";

const fresh = new DataView(platformRandom(4).buffer).getUint32(0) >>> 1;
const seed = Number(process.env["COPSE_SEED"] ?? fresh);
console.log(`fuzz: seed ${String(seed)}`);

/** A part of a round, once with a fixed seed and once with a fresh one. */
const part = 1 / 12;

describe.each([1, 2])("hostile input (suite %i)", async (suite) => {
  const targets = await allTargets(1, suite);
  it.each(targets.map((target) => [target.name, target] as const))("%s", async (_name, target) => {
    for (const [each, runs] of [
      [9420, Math.ceil(target.share * part)],
      [seed, Math.ceil(target.share * part)],
    ] as const) {
      const tally = new Tally();
      const found = await fuzz(target, runs, each, tally);
      expect(found?.report).toBeUndefined();
      expect(tally.calls).toBeGreaterThan(0);
    }
  });
});

interface Regression {
  readonly about: string;
  readonly target: string;
  readonly case: unknown;
}

describe("what was found before", async () => {
  const directory = new URL("regressions/", import.meta.url);
  const targets = await allTargets(1, 1);
  const found = readdirSync(directory).map((name): readonly [string, Regression] => {
    return [name, JSON.parse(readFileSync(new URL(name, directory), "utf8")) as Regression];
  });
  it.each(found)("%s", async (_name, regression) => {
    const target = targets.find(({ name }) => name === regression.target);
    expect(target, regression.about).toBeDefined();
    const tally = new Tally();
    await target!.run(regression.case, tally);
    expect(tally.calls).toBeGreaterThan(0);
  });
});
