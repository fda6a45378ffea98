/**
 * Random histories of a group that copse and ts-mls 1.6.4 share. COPSE_HISTORIES says how many, COPSE_SEED which: a failure
 * prints its seed, and the shortest script that fails.
 */

import fc from "fast-check";
import { it } from "vitest";
import { playHistory, stepKinds, type Script, type Step } from "./history.ts";

const histories = Number(process.env["COPSE_HISTORIES"] ?? 30);
const seed = Number(process.env["COPSE_SEED"] ?? 9420);

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...stepKinds),
  by: fc.nat({ max: 9 }),
  other: fc.nat({ max: 9 }),
  choice: fc.boolean(),
});
const handshake = fc.constantFrom("private" as const, "public" as const);
const script: fc.Arbitrary<Script> = fc.record({
  suite: fc.constantFrom(1, 3),
  hostIsCopse: fc.boolean(),
  handshakes: fc.tuple(handshake, handshake),
  steps: fc.array(step, { minLength: 1, maxLength: 12, size: "max" }),
});

it(
  `${histories} histories of copse and ts-mls end with everybody in the same epoch`,
  async () => {
    await fc.assert(fc.asyncProperty(script, playHistory), {
      numRuns: histories,
      seed,
      verbose: fc.VerbosityLevel.None,
    });
  },
  // A failing history is shrunk, which takes a while.
  120_000 + histories * 10_000,
);
