/** What a store says when it refuses. */

import { StoreError, type StoreErrorCode } from "../../src/storage/errors.ts";

/** The code of the StoreError that the work throws. */
export async function refusal(work: () => unknown): Promise<StoreErrorCode> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
  throw new Error("nothing was refused");
}
