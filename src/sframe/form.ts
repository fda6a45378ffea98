/**
 * Two forms of the same operations: results at once, or promises of them. What is built on them (the tags, the
 * counters, the replay windows, the roles) is written once, over this function.
 */

/** Whether operations return their results or promises of them. */
export type Form = "sync" | "async";

/** What an operation of a form returns. */
export type Result<F extends Form, T> = F extends "sync" ? T : Promise<T>;

/** An operation and what follows it. */
export interface Steps<F extends Form, T, R> {
  /** Start it. Everything up to its first wait happens before `perform` returns. */
  readonly begin: () => Result<F, T>;
  /** Go on with its result. */
  readonly done: (value: T) => R | Result<F, R>;
  /** Clean up where either fails. What is thrown here takes the place of the failure. */
  readonly failed?: (error: unknown) => void;
}

/** Carry out an operation. A failure of any step is thrown in the synchronous form, and a rejection in the other. */
export function perform<F extends Form, T, R>(form: F, steps: Steps<F, T, R>): Result<F, R> {
  const result: unknown =
    form === "sync" ? performNow(steps as Steps<"sync", T, R>) : performLater(steps as Steps<"async", T, R>);
  return result as Result<F, R>;
}

function performNow<T, R>(steps: Steps<"sync", T, R>): R {
  try {
    return steps.done(steps.begin());
  } catch (error) {
    steps.failed?.(error);
    throw error;
  }
}

async function performLater<T, R>(steps: Steps<"async", T, R>): Promise<R> {
  try {
    const result = steps.done(await steps.begin());
    return result instanceof Promise ? await result : result; // there is no need to wait for what is there
  } catch (error) {
    steps.failed?.(error);
    throw error;
  }
}
