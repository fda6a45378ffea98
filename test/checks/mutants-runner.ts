/**
 * Runs each test once as it is, and once more without each throw that it has reached, until some test has missed that throw.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestRunner, type RunnerTestCase } from "vitest";

const reached = new Set<string>();
const killed = new Set<string>();
const trials: { readonly id: string; readonly killed: boolean; readonly test: string }[] = [];
let without: string | undefined;

/** Whether a throw may happen: called from the sources, as mutants.config.ts changes them. */
Object.assign(globalThis, {
  copseMay: (id: string): boolean => {
    reached.add(id);
    return id !== without;
  },
});

export default class MutantsRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    const run = TestRunner.getTestFn(test);
    reached.clear();
    await run();
    const ids = [...reached].filter((id) => !killed.has(id));
    // A test that can't run twice would seem to miss everything.
    if (ids.length > 0) await run();
    for (const id of ids) {
      without = id;
      let isKilled = false;
      try {
        await run();
      } catch {
        isKilled = true;
      }
      without = undefined;
      if (isKilled) killed.add(id);
      trials.push({ id, killed: isKilled, test: test.name });
    }
  }

  override onAfterRunFiles(): void {
    super.onAfterRunFiles();
    const name = `${String(process.pid)}-${String(Math.round(performance.now() * 1e6))}.json`;
    writeFileSync(join(process.env["COPSE_TRIALS"]!, name), JSON.stringify(trials));
  }
}
