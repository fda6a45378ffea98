/**
 * What every target of the fuzzer holds to: nothing but CopseError comes out, the work is bounded, and a failure changes
 * nothing.
 */

import fc from "fast-check";
import { CopseError } from "../../src/errors.ts";

/** What is fuzzed: cases to draw, and what must hold of each. */
export interface Target<Case = unknown> {
  readonly name: string;
  /** What a case counts as in the figures. */
  readonly counts: "decodes" | "receives" | "others";
  readonly cases: fc.Arbitrary<Case>;
  /** How many runs a round of the soak takes, of a thousand or so. */
  readonly share: number;
  /** @throws where something does not hold */
  readonly run: (value: Case, tally: Tally) => Promise<void> | void;
}

/** A target whose cases are of one type, among others. */
export function target<Case>(of: Target<Case>): Target {
  return of as unknown as Target;
}

/** What happened, in figures. */
export class Tally {
  calls = 0;
  accepted = 0;
  readonly codes: Map<string, number> = new Map<string, number>();

  /** A call came to an end: with a value, or with the only error that it may have. */
  count(code?: string): void {
    this.calls++;
    if (code === undefined) this.accepted++;
    else this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }

  /** What another one counted, whose figures may have come from another thread. */
  add({ calls, accepted, codes }: Pick<Tally, "calls" | "accepted" | "codes">): void {
    this.calls += calls;
    this.accepted += accepted;
    for (const [code, times] of codes) this.codes.set(code, (this.codes.get(code) ?? 0) + times);
  }
}

/** What a call gave: a value, or the CopseError that it ended with. Any other error is a finding. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CopseError };

export async function outcome<T>(tally: Tally, call: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    const value = await call();
    tally.count();
    return { ok: true, value };
  } catch (error) {
    return refused(tally, error);
  }
}

export function outcomeNow<T>(tally: Tally, call: () => T): Outcome<T> {
  try {
    const value = call();
    tally.count();
    return { ok: true, value };
  } catch (error) {
    return refused(tally, error);
  }
}

function refused(tally: Tally, error: unknown): { readonly ok: false; readonly error: CopseError } {
  if (!(error instanceof CopseError)) throw error;
  // What was refused by the rules has no other error below it: a TypeError inside is a bug that was caught by luck.
  for (let cause = error.cause; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
    if (cause instanceof TypeError || cause instanceof RangeError) checkKnownCause(error, cause);
  }
  const { code, rule } = error;
  hold(rule === undefined || /^(valn\d{4}|(section|appendix) [\dA-Z.]+)$/.test(rule), `${code} names the rule ${rule}`);
  tally.count(code);
  return { ok: false, error };
}

/** Stored bytes come from ourselves: what does not decode may fail anywhere inside. */
function checkKnownCause({ code }: CopseError, cause: Error): void {
  if (code !== "snapshot-damaged" && code !== "extension-malformed") throw cause;
}

/** A statement that must hold. */
export function hold(statement: boolean, what: string): asserts statement {
  if (!statement) throw new Error(what);
}

/** What a run found: the shrunk case, and a report that says how to run it again. */
export interface Found {
  readonly target: string;
  readonly report: string;
}

/** The error of a case once more, with a stack: the soak goes without, which cost more than what they are of. */
async function again<Case>(of: Target<Case>, value: Case | undefined): Promise<unknown> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  try {
    await of.run(value as Case, new Tally());
    return undefined;
  } catch (error) {
    return error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Run a target a number of times. The seed gives the same cases again, where the world is the same. */
export async function fuzz(of: Target, runs: number, seed: number, tally: Tally): Promise<Found | undefined> {
  const property = fc.asyncProperty(of.cases, async (value) => {
    await of.run(value, tally);
  });
  const details = await fc.check(property, { seed, numRuns: runs });
  if (!details.failed) return undefined;
  const kept = JSON.stringify({ target: of.name, case: details.counterexample?.[0] });
  const error = (await again(of, details.counterexample?.[0])) ?? details.errorInstance;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { target: of.name, report: `${of.name}, seed ${String(seed)}: ${kept}\n${why}` };
}
