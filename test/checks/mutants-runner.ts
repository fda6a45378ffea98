/**
 * Runs each test once as it is, and again without the refusals that it has reached, until some test has missed each of them.
 * What mutants.js wants to know goes to files, line by line, so that a worker that dies has said where.
 */

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { TestRunner, type RunnerTestCase, type RunnerTestSuite } from "vitest";
import { stageOf } from "./mutants-stages.js";

/** The refusals in question; a number stands for each of them. */
const { ids, groups, settled, stage, root } = JSON.parse(readFileSync(process.env["COPSE_MUTANTS"]!, "utf8")) as {
  readonly ids: readonly string[];
  /** Those of one group may be taken away together. */
  readonly groups: readonly string[];
  /** Those that nobody has to miss any more. */
  readonly settled: readonly number[];
  readonly stage: number;
  readonly root: string;
};
const folder = process.env["COPSE_TRIALS"]!;
const ownFile = join(folder, `${String(process.pid)}-${String(Math.round(performance.now() * 1e6))}.trials`);
const spoiled = "spoiled";
/** Of those that a worker died of, each is tried alone. */
const aloneFile = join(folder, "alone");
const alone = new Set(existsSync(aloneFile) ? readFileSync(aloneFile, "utf8").split("\n").map(Number) : []);
const killedFile = join(folder, "killed");

const reached = new Uint8Array(ids.length);
const killed = new Uint8Array(ids.length);
/** What the tests of this file reach, whether it is asked for here or not. */
const reachedHere = new Set<number>();
/** How often each was taken away in this file. */
const tries = new Uint16Array(ids.length);
/** Far from the refusal, a few tests of a file stand for all of them. */
const maxTries = [500, 40, 5][stage]!;
const absent = new Uint8Array(ids.length);
let asked = 0;
let mostAsked = Infinity;

/** Whether a refusal is there: called from the sources, as mutants.config.ts changes them. */
Object.assign(globalThis, {
  copseMay: (number: number): boolean => {
    reached[number] = 1;
    // A loop that the refusal would have ended.
    if (++asked > mostAsked) throw new Error("the test does not come to an end");
    return absent[number] === 0;
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
    for (const number of wanted) tries[number]!++;
    const limits = { took, most };
    const passesWithout = async (numbers: readonly number[]): Promise<boolean> => {
      tell({ what: "begin", numbers, file, test: test.name, took });
      for (const number of numbers) absent[number] = 1;
      const isPassed = await passes(again, limits);
      absent.fill(0);
      tell({ what: "end", numbers, isKilled: !isPassed });
      // What a test leaves behind where it fails must not fail it again.
      if (!isPassed && !(await passes(again, { took, most: Infinity }))) {
        note(numbers.length === 1 ? killedFile : aloneFile, numbers);
        throw new Error(spoiled);
      }
      return isPassed;
    };
    try {
      const together = wanted.filter((number) => !alone.has(number));
      for (const group of new Set(groups)) {
        await search(
          together.filter((number) => groups[number] === group),
          passesWithout,
        );
      }
      for (const number of wanted) if (alone.has(number)) await search([number], passesWithout);
    } catch (error) {
      if ((error as Error).message !== spoiled) throw error;
      tell({ what: "spoiled", file, test: test.name });
    }
  }

  override onAfterRunFiles(): void {
    super.onAfterRunFiles();
    tell({ what: "reached", file: this.#file, numbers: [...reachedHere] });
  }
}

/**
 * Which of some refusals a test misses: it is run without all of them, and where it fails then, without each half. A test
 * misses few of those that it reaches, so that this takes a tenth of the runs that one at a time would take.
 */
async function search(
  numbers: readonly number[],
  passesWithout: (numbers: readonly number[]) => Promise<boolean>,
): Promise<void> {
  readKilled();
  const left = numbers.filter((number) => killed[number] === 0);
  if (left.length === 0) return;
  const isPassed = await passesWithout(left);
  if (isPassed) return;
  if (left.length === 1) {
    note(killedFile, left);
    return;
  }
  const half = left.length >> 1;
  await search(left.slice(0, half), passesWithout);
  await search(left.slice(half), passesWithout);
}

/** Whether a run passes: in time, and without asking too often whether a refusal is there. */
async function passes(run: () => Promise<void>, limits: { took: number; most: number }): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  asked = 0;
  mostAsked = limits.most;
  // What nobody catches fails a run of vitest, and so it fails this one.
  let isCaught = true;
  const note = (): void => {
    isCaught = false;
  };
  process.on("unhandledRejection", note).on("uncaughtException", note);
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(reject, 5_000 + 20 * limits.took, new Error("late"));
    });
    await Promise.race([run(), late]);
    await new Promise(setImmediate);
    return isCaught;
  } catch {
    return false;
  } finally {
    process.off("unhandledRejection", note).off("uncaughtException", note);
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
  for (const number of settled) killed[number] = 1;
  if (!existsSync(killedFile)) return;
  for (const line of readFileSync(killedFile, "utf8").split("\n")) if (line !== "") killed[Number(line)] = 1;
}

function note(file: string, numbers: readonly number[]): void {
  appendFileSync(file, numbers.map((number) => `${String(number)}\n`).join(""));
}

function tell(what: object): void {
  appendFileSync(ownFile, `${JSON.stringify(what)}\n`);
}
