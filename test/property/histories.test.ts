import fc from "fast-check";
import { describe, it } from "vitest";
import { suiteOf } from "../group/world.ts";
import { anyStep, History, type Step } from "./history.ts";

async function play(id: number, handshake: "private" | "public", steps: readonly Step[]): Promise<void> {
  const history = await History.begin(suiteOf(id), handshake);
  for (const step of steps) {
    await history.step(step);
    history.check();
  }
}

const format = fc.constantFrom("private" as const, "public" as const);

describe("any history of a group", () => {
  it("leaves all members in one epoch of one tree (suite 1)", async () => {
    const steps = fc.array(anyStep, { minLength: 5, maxLength: 25, size: "max" });
    const property = fc.asyncProperty(format, steps, (handshake, history) => play(1, handshake, history));
    await fc.assert(property, { seed: 9420, numRuns: 30, endOnFailure: false });
  });

  it.each([2, 3, 4, 5, 6, 7])("leaves all members in one epoch of one tree (suite %i)", async (id) => {
    const steps = fc.array(anyStep, { minLength: 4, maxLength: 8, size: "max" });
    const property = fc.asyncProperty(format, steps, (handshake, history) => play(id, handshake, history));
    await fc.assert(property, { seed: 9420 + id, numRuns: 2 });
  });
});
