/**
 * What a refusal says.
 */

import { CopseError, type ErrorCode } from "../../src/errors.ts";

/** The code and the offset of the CopseError that is thrown. Fails where nothing is, or something else. */
export function failure(act: () => unknown): readonly [code: ErrorCode, offset: number | undefined] {
  try {
    act();
  } catch (error) {
    if (error instanceof CopseError) return [error.code, error.offset];
    throw error;
  }
  throw new Error("nothing was refused");
}
