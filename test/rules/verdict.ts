/**
 * What a rule says, in one line: "kept", or the code and the rule that are named where it is broken.
 */

import { CopseError } from "../../src/errors.ts";

/** The verdict of a check. What is thrown besides a CopseError is no verdict. */
export function verdict(check: () => unknown): string {
  try {
    check();
    return "kept";
  } catch (error) {
    return broken(error);
  }
}

/** The verdict of a check that takes its time. */
export async function laterVerdict(check: () => Promise<unknown>): Promise<string> {
  try {
    await check();
    return "kept";
  } catch (error) {
    return broken(error);
  }
}

function broken(error: unknown): string {
  if (!(error instanceof CopseError)) throw error;
  return error.rule === undefined ? error.code : `${error.code}, ${error.rule}`;
}
