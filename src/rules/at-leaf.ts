/**
 * What is wrong with a leaf is said with the leaf's index: of a tree of a thousand, somebody has to look for it.
 */

import { CopseError } from "../errors.ts";

/** An error of a check that was given a leaf and not its index, with the index. */
export function ofLeaf(error: unknown, leafIndex: number): unknown {
  if (!(error instanceof CopseError)) return error;
  const { code, rule, offset, cause, details } = error;
  const beside = { ...(offset !== undefined && { offset }), ...(cause !== undefined && { cause }) };
  const known = { ...(rule !== undefined && { rule }), ...beside };
  return new CopseError(code, { ...known, ...details, leafIndex });
}

/** Check a leaf. */
export function atLeaf(leafIndex: number, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw ofLeaf(error, leafIndex);
  }
}
