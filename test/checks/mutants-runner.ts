/**
 * Runs each test once as it is, and once more without each refusal that it has reached, until some test has missed that
 * refusal. What mutants.js wants to know goes to files, line by line, so that a worker that dies has said where.
 */

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { TestRunner, type RunnerTestCase, type RunnerTestSuite } from "vitest";
import { stageOf } from "./mutants-stages.js";

/** The refusals in question; a number stands for each of them. */
const { ids, stage, root } = JSON.parse(readFileSync(process.env["COPSE_MUTANTS"]!, "utf8")) as {
  readonly ids: readonly string[];
  readonly stage: number;
  readonly root: string;
};
const folder = process.env["COPSE_TRIALS"]!;
const ownFile = join(folder, `${String(process.pid)}-${String(Math.round(performance.now() * 1e6))}.trials`);
const killedFile = join(folder, "killed");

const reached = new Uint8Array(ids.length);
const killed = new Uint8Array(ids.length);
/** What the tests of this file reach, whether it is asked for here or not. */
const reachedHere = new Set<number>();
/** How often each was taken away in this file. */
const tries = new Uint8Array(ids.length);
/** Far from the refusal, a few tests of a file stand for all of them. */
const maxTries = [200, 40, 5][stage]!;
let without: number | undefined;
let asked = 0;
let mostAsked = Infinity;

/** Whether a refusal is there: called from the sources, as mutants.config.ts changes them. */
Object.assign(globalThis, {
  copseMay: (number: number): boolean => {
    reached[number] = 1;
    // A loop that the refusal would have ended.
    if (++asked > mostAsked) throw new Error("the test does not come to an end");
    return number !== without;
  },
});

// The same inputs in each trial, and no search for a smaller one: that they fail is enough.
fc.configureGlobal({ seed: 1, endOnFailure: true });

export default class MutantsRunner extends TestRunner {
  #file = "";

  async runTask(test: RunnerTestCase): Promise<void> {
    const file = (this.#file = test.file.filepath.slice(root.length + 1));
    const run = TestRunner.getTestFn(test);
    const again = async (): Promise<void> => {
      await runHooks(test, "afterEach");
      await runHooks(test, "beforeEach");
      await run();
    };
    reached.fill(0);
    asked = 0;
    const begun = performance.now();
    try {
      await run();
    } catch {
      // `npm test` says why. Here it would only look as if it missed everything.
      tell({ what: "failed", file, test: test.name });
      return;
    }
    const took = performance.now() - begun;
    const most = asked * 100 + 100_000;
    readKilled();
    const wanted = ids.flatMap((id, number) => {
      if (reached[number] === 0) return [];
      reachedHere.add(number);
      return killed[number] === 0 && stageOf(id, file) === stage && tries[number]! < maxTries ? [number] : [];
    });
    if (wanted.length === 0) return;
    // A test that can't run twice would seem to miss everything.
    if (!(await passes(again, { took, most: Infinity }))) {
      tell({ what: "once", file, test: test.name });
      return;
    }
    for (const number of wanted) {
      readKilled();
      if (killed[number] === 1) continue;
      tell({ what: "begin", number, file, test: test.name });
      tries[number]!++;
      without = number;
      const isKilled = !(await passes(again, { took, most }));
      without = undefined;
      tell({ what: "end", number, isKilled });
      if (!isKilled) continue;
      appendFileSync(killedFile, `${String(number)}\n`);
      // What a test leaves behind where it fails must not fail it again.
      if (await passes(again, { took, most: Infinity })) continue;
      tell({ what: "spoiled", file, test: test.name });
      return;
    }
  }

  override onAfterRunFiles(): void {
    super.onAfterRunFiles();
    tell({ what: "reached", file: this.#file, numbers: [...reachedHere] });
  }
}

/** Whether a run passes: in time, and without asking too often whether a refusal is there. */
async function passes(run: () => Promise<void>, limits: { took: number; most: number }): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  asked = 0;
  mostAsked = limits.most;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(reject, 10_000 + 20 * limits.took, new Error("late"));
    });
    await Promise.race([run(), late]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    mostAsked = Infinity;
  }
}

async function runHooks(test: RunnerTestCase, which: "beforeEach" | "afterEach"): Promise<void> {
  const suites: RunnerTestSuite[] = [];
  for (let suite = test.suite ?? test.file; ; suite = suite.suite ?? test.file) {
    suites.unshift(suite);
    if (suite === test.file) break;
  }
  if (which === "afterEach") suites.reverse();
  for (const suite of suites) {
    for (const hook of TestRunner.getSuiteHooks(suite)[which]) await hook(test.context, suite);
  }
}

/** What other workers have killed. */
function readKilled(): void {
  if (!existsSync(killedFile)) return;
  for (const line of readFileSync(killedFile, "utf8").split("\n")) if (line !== "") killed[Number(line)] = 1;
}

function tell(what: object): void {
  appendFileSync(ownFile, `${JSON.stringify(what)}\n`);
}
