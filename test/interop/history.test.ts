/**
 * Random histories of a group that copse and ts-mls 1.6.4 share. COPSE_HISTORIES says how many, COPSE_SEED which: a failure
 * prints its seed, and the shortest script that fails.
 */

import fc from "fast-check";
import { expect, it } from "vitest";
import { Happenings } from "./happenings.ts";
import { playHistory } from "./history.ts";
import { anyScript } from "./script.ts";

const histories = Number(process.env["COPSE_HISTORIES"] ?? 50);
const seed = Number(process.env["COPSE_SEED"] ?? 9420);

it(
  `${histories} histories of copse and ts-mls end with everybody in the same epoch`,
  async () => {
    const happenings = new Happenings();
    const property = fc.asyncProperty(anyScript, (script) => playHistory(script, happenings));
    await fc.assert(property, { numRuns: histories, seed, verbose: fc.VerbosityLevel.None });
    console.log(`histories: seed ${String(seed)}; ${happenings.toString()}`);
    // Every kind of step was done, by either side. A few histories need not hold them all.
    if (histories >= 50) expect(happenings.missing).toEqual([]);
  },
  // A failing history is shrunk, which takes a while.
  120_000 + histories * 10_000,
);
